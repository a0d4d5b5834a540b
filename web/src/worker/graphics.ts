/** The trial of a graphics card: loads what it needs, and has a picture painted on both sides. */
import type { Card } from "../engine/graphics";
import type { Picture } from "../engine/picture";
import type { Checkpoint } from "../engine/strips";
import { findDevice } from "../graphics/device";
import { tryCard, type Finding } from "../graphics/trial";

const POLL_MS = 50;

let loading: Promise<Card | undefined> | undefined;

/** Returns what came of it, or null where there is no card. One that was stopped goes on with what is loaded. */
export async function tryGraphics(
  isForced: boolean,
  paint: () => Promise<Picture>,
  checkpoint: Checkpoint,
): Promise<Finding | null> {
  loading ??= loadCard(isForced);
  const card = await unlessStopped(loading, checkpoint);
  return card ? tryCard(card, paint, isForced) : null;
}

async function loadCard(isForced: boolean): Promise<Card | undefined> {
  const device = await findDevice(isForced);
  return device && (await import("../graphics/card")).loadCard(device);
}

/** Waits, and stops waiting when the call is to end. */
async function unlessStopped<Value>(promise: Promise<Value>, checkpoint: Checkpoint): Promise<Value> {
  const come = promise.then((value) => ({ value }));
  const pause = (): Promise<undefined> => new Promise((done) => setTimeout(() => done(undefined), POLL_MS));
  for (;;) {
    const result = await Promise.race([come, pause()]);
    if (result) return result.value;
    await checkpoint(0);
  }
}
