/** The worker: takes calls in their order, one at a time, and lets go of those that are canceled. */
import { graphics } from "../engine/graphics";
import { Canceled, Problem } from "../engine/problem";
import type { Checkpoint } from "../engine/strips";
import { jobs } from "./jobs";
import type { CallName, FromWorker, ToWorker } from "./messages";

const GIVES_WAY: CallName = "tryGraphics";
const canceled = new Set<number>();
let unanswered = 0;
const pause = new MessageChannel();
let wake: () => void = () => undefined;
pause.port1.onmessage = () => wake();
let last: Promise<void> = Promise.resolve();

self.onmessage = ({ data }: MessageEvent<ToWorker>) => {
  if ("cancel" in data) canceled.add(data.cancel);
  else {
    unanswered++;
    last = last.then(() => answer(data.call, data.name, data.args));
  }
};
graphics.onLost = (error) => send({ lostGraphics: String(error) });

async function answer(call: number, name: CallName, args: unknown): Promise<void> {
  try {
    const checkpoint = checkpointOf(call, name);
    await checkpoint(0);
    const job = jobs[name] as (args: unknown, checkpoint: Checkpoint) => Promise<unknown>;
    const result = await job(args, checkpoint);
    send({ call, result }, name === "openPhoto" || name === "openPixels" ? [] : buffersOf(result));
  } catch (error) {
    send({ call, ...described(error) });
  } finally {
    canceled.delete(call);
    unanswered--;
  }
}

/** Tells how far a call is, and lets messages in: a newer call may cancel this one. */
function checkpointOf(call: number, name: CallName): Checkpoint {
  return async (progress) => {
    send({ call, progress });
    await new Promise<void>((done) => {
      wake = done;
      pause.port2.postMessage(null);
    });
    if (canceled.has(call) || (name === GIVES_WAY && unanswered > 1)) throw new Canceled("stopped");
  };
}

function send(message: FromWorker, buffers: Transferable[] = []): void {
  self.postMessage(message, { transfer: buffers });
}

/** The pixels that a result holds: they are handed over, not copied. */
function buffersOf(result: unknown): Transferable[] {
  const isPicture = typeof result === "object" && result !== null && "data" in result;
  return isPicture && result.data instanceof Uint8ClampedArray ? [result.data.buffer as ArrayBuffer] : [];
}

function described(error: unknown): { error: "Problem" | "Canceled" | "fault"; message: string } {
  if (error instanceof Problem || error instanceof Canceled) return { error: error.name, message: error.message };
  const message = error instanceof Error ? error.message : String(error);
  if (error instanceof RangeError || /bad_alloc|out of memory|failed to allocate/i.test(message)) {
    return {
      error: "Problem",
      message: "There is not enough memory for this; close other tabs, or use a smaller photo.",
    };
  }
  return { error: "fault", message };
}
