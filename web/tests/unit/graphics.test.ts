/** Whether a graphics card paints; both sides compute in Node, on WebAssembly. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "onnxruntime-web/wasm";
import { afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import { graphics, type Card } from "../../src/engine/graphics";
import { Pack } from "../../src/engine/pack";
import { openCodecPart } from "../../src/engine/painters";
import type { Picture, Tensor } from "../../src/engine/picture";
import { Session, type PartSession } from "../../src/engine/session";
import { tryCard } from "../../src/graphics/trial";
import { largestDifference, PACK } from "../references";

const SIDE = 32;
const PROCESSOR_MS = 50;
const SLOW_MS = 200;
const pause = (ms: number): Promise<void> => new Promise((done) => setTimeout(done, ms));

/** A card that computes as the processor does, and then does `after` to what it has computed. */
function cardThat(after: (outputs: Map<string, Tensor>) => Promise<void> | void): Card {
  return {
    open: async (data, weights) => {
      const session = await Session.open(data, weights);
      let kept: Map<string, Tensor> | undefined;
      return {
        run: async (...args) => {
          kept ??= await session.run(...args); // at once from the second time on
          const outputs = new Map([...kept].map(([name, { data, shape }]) => [name, { data: data.slice(), shape }]));
          await after(outputs);
          return outputs;
        },
        close: () => session.close(),
      };
    },
  };
}

const brighterBy =
  (levels: number) =>
  (outputs: Map<string, Tensor>): void => {
    for (const { data } of outputs.values()) data[0] += levels / 255;
  };
const breaks = (): never => {
  throw new Error("the card is lost");
};
const quick = cardThat(() => undefined);
const slow = cardThat(() => pause(SLOW_MS));

describe("a graphics card", () => {
  let decoder: PartSession;
  let losses: string[];
  const input: Tensor = {
    data: Float32Array.from({ length: 8 * SIDE * SIDE }, (_, at) => Math.sin(at)),
    shape: [1, 8, SIDE, SIDE],
  };

  const paint = async (): Promise<Picture> => {
    if (!graphics.card) await pause(PROCESSOR_MS);
    const [{ data }] = await decoder.run([input]);
    return {
      data: Uint8ClampedArray.from(data, (value) => 255 * (0.25 + value / 4)),
      width: 1,
      height: data.length / 4,
    };
  };

  beforeAll(async () => {
    env.wasm.numThreads = 1;
    const pack = await Pack.open((path) => Promise.resolve(readFileSync(join(PACK, path))));
    decoder = await openCodecPart(pack, "decoder");
  });
  beforeEach(() => {
    losses = [];
    graphics.onLost = (error) => losses.push(String(error));
  });
  afterEach(() => graphics.use(undefined));

  test("that is faster and paints the same is taken", async () => {
    const finding = await tryCard(quick, paint);
    expect(finding).toMatchObject({ isTaken: true, difference: 0 });
    expect(finding.cardMs).toBeLessThan(finding.processorMs);
    expect(graphics.card).toBe(quick);
  });

  test("that is slower is not taken, unless speed does not matter", async () => {
    const finding = await tryCard(slow, paint);
    expect(finding).toMatchObject({ isTaken: false, difference: 0 });
    expect(finding.cardMs).toBeGreaterThanOrEqual(SLOW_MS - 5);
    expect(graphics.card).toBeUndefined();
    expect(await tryCard(slow, paint, true)).toMatchObject({ isTaken: true });
    expect(graphics.card).toBe(slow);
  });

  test.each([
    { levels: 8, difference: 2, isTaken: true },
    { levels: 12, difference: 3, isTaken: false },
  ])("whose picture is $difference of 255 off: taken is $isTaken", async ({ levels, difference, isTaken }) => {
    expect(await tryCard(cardThat(brighterBy(levels)), paint)).toMatchObject({ difference, isTaken });
    expect(graphics.card === undefined).toBe(!isTaken);
  });

  test("that cannot open the network, or fails while it is tried, is not taken", async () => {
    const unable: Card = { open: () => Promise.reject(new Error("no memory")) };
    for (const [card, loss] of [
      [unable, "Error: no memory"],
      [cardThat(breaks), "Error: the card is lost"],
    ] as const) {
      expect(await tryCard(card, paint, true)).toMatchObject({ isTaken: false });
      expect(graphics.card).toBeUndefined();
      expect(losses.splice(0)).toEqual([loss]);
    }
  });

  test("that is lost later: the processor paints what it was to paint, and all that comes", async () => {
    const painted = await paint();
    const state = { isLost: false };
    await tryCard(
      cardThat((outputs) => (state.isLost ? breaks() : brighterBy(4)(outputs))),
      paint,
      true,
    );
    const distance = async (): Promise<number> => largestDifference((await paint()).data, painted.data);
    expect(await distance()).toBe(1);
    state.isLost = true;
    expect([await distance(), await distance()]).toEqual([0, 0]);
    expect(losses).toEqual(["Error: the card is lost"]);
  });

  test("whose trial is stopped is not in use", async () => {
    const stopped = (): Promise<Picture> => (graphics.card ? Promise.reject(new Error("stopped")) : paint());
    await expect(tryCard(quick, stopped)).rejects.toThrow("stopped");
    expect(graphics.card).toBeUndefined();
  });
});
