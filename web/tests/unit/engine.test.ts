/** The engine in Node, on WebAssembly with one thread, against the Python runtime. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "onnxruntime-web/wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { typicalShare, unlikeness } from "../../src/engine/likeness";
import { Pack } from "../../src/engine/pack";
import type { Strokes } from "../../src/engine/look";
import { emptyPicture, type Picture } from "../../src/engine/picture";
import { Canceled } from "../../src/engine/problem";
import { resize } from "../../src/engine/resample";
import { ignored } from "../../src/engine/strips";
import { photoOf, Stylizer } from "../../src/engine/stylizer";
import { largestDifference, PACK, python, readReferences, readTypical, type Reference } from "../references";

/** Which files were read, one after the other. */
const filesRead: string[] = [];

function readPackFile(path: string): Promise<Uint8Array> {
  filesRead.push(path);
  return Promise.resolve(readFileSync(join(PACK, path)));
}

function readTypicalPicture(): Promise<Picture> {
  filesRead.push("typical");
  return Promise.resolve(readTypical());
}

const isForOthers = (file: string): boolean => file.includes("staged") || file === "typical";

async function stylize(stylizer: Stylizer, { name, width, height, before, edit }: Reference): Promise<Picture> {
  const out = emptyPicture(width, height);
  const photo = photoOf(name, { data: new Uint8ClampedArray(before), width, height });
  await stylizer.render(photo, edit, (rows, top) => out.data.set(rows, top * width * 4), ignored);
  return out;
}

describe.skipIf(!python && !process.env["CI"])("against the Python runtime", () => {
  let stylizer: Stylizer;
  let references: Reference[];

  beforeAll(async () => {
    env.wasm.numThreads = 1;
    references = readReferences();
    stylizer = await Stylizer.open(await Pack.open(readPackFile), readTypicalPicture);
  });

  test("a photo that is too small is refused with a sentence", () => {
    expect(() => stylizer.check({ width: 300, height: 15 })).toThrow(
      "A photo of 300×15 pixels is too small to paint; both sides need at least 16.",
    );
    expect(() => stylizer.check({ width: 16, height: 16 })).not.toThrow();
  });

  test("every picture is as far from photographs", () => {
    for (const { name, before, width, height, likeness } of references) {
      const picture = { data: new Uint8ClampedArray(before), width, height };
      expect(unlikeness(picture), name).toBeCloseTo(likeness.unlikeness, 6);
      expect(typicalShare(picture), name).toBeCloseTo(likeness.share, 6);
    }
    const shares = references.map(({ likeness }) => likeness.share);
    expect(shares.filter((share) => share > 0.1 && share < 0.8).length).toBeGreaterThan(0);
  });

  async function expectSame(some: readonly Reference[]): Promise<void> {
    const differences: Record<string, number> = {};
    for (const reference of some) {
      const { data } = await stylize(stylizer, reference);
      differences[reference.name] = largestDifference(data, reference.after);
    }
    expect(Math.max(...Object.values(differences)), JSON.stringify(differences)).toBeLessThanOrEqual(2);
  }

  const isTiled = ({ name }: Reference): boolean => name.startsWith("tiles");

  test("every photograph is within 2 of 255, and takes nothing that is for other pictures", async () => {
    const photographs = references.filter((each) => each.likeness.share === 0 && !isTiled(each));
    expect(photographs.length).toBeGreaterThan(10);
    await expectSame(photographs);
    expect(filesRead.filter(isForOthers)).toEqual([]);
  });

  test("so is every page, drawing and noise, for which more is read once", async () => {
    const others = references.filter((each) => each.likeness.share > 0 && !isTiled(each));
    expect(others.length).toBeGreaterThan(5);
    await expectSame(others);
    expect(filesRead.filter(isForOthers)).toEqual(["typical", "encoder.staged.onnx", "bank.staged.onnx"]);
  });

  test("so are large pictures, which are painted tile by tile", async () => {
    expect(filesRead.filter((file) => file.includes("folded"))).toEqual([]);
    await expectSame(references.filter(isTiled));
    expect(filesRead.filter((file) => file.includes("folded"))).toEqual(["encoder.folded.onnx", "bank.folded.onnx"]);
  });

  /** Paints a reference until `isEnough` of how far it is and how often it has told so; returns what it told. */
  async function stopped(id: string, isEnough: (done: number, times: number) => boolean): Promise<number[]> {
    const reference = references.find(({ name }) => name === id) as Reference;
    const photo = photoOf("stopped", { ...reference, data: new Uint8ClampedArray(reference.before) });
    const told: number[] = [];
    const stop = async (done: number): Promise<void> => {
      if (isEnough(done, told.push(done))) throw new Canceled("stopped");
    };
    await expect(stylizer.render(photo, reference.edit, () => undefined, stop)).rejects.toThrow(Canceled);
    expect(told).toEqual([...told].sort((a, b) => a - b));
    return told;
  }

  test("a large picture can be stopped, and says how far it is", async () => {
    expect((await stopped("tiles", (done) => done > 0.6)).length).toBeGreaterThan(12);
  });

  test("finer strokes than the view has are painted on the photo as it came", async () => {
    const large = references.find(({ name }) => name === "tiles") as Reference;
    const original = photoOf("seen", { ...large, data: new Uint8ClampedArray(large.after) });
    const small = resize(original, 1390, 1080);
    const shown = async (strokes: Strokes): Promise<Uint8ClampedArray> => {
      const look = { styles: [["starry", 1]], strength: 1, colors: 1, strokes } as const;
      const out = emptyPicture(small.width, small.height);
      const photo = { ...original, ...small, original };
      await stylizer.render(photo, { look }, (rows, top) => out.data.set(rows, top * out.width * 4), ignored);
      return out.data;
    };
    const [auto, full] = [await shown("auto"), await shown("full")];
    const whole = emptyPicture(large.width, large.height);
    const look = { styles: [["starry", 1]], strength: 1, colors: 1, strokes: "full" } as const;
    await stylizer.render(original, { look }, (rows, top) => whole.data.set(rows, top * whole.width * 4), ignored);
    const expected = resize(whole, small.width, small.height);
    expect(largestDifference(full, expected.data)).toBe(0);
    expect(largestDifference(full, auto)).toBeGreaterThan(20);
  });

  test("a page can be stopped between two norms, and says how far it is", async () => {
    const told = await stopped("page", (_, times) => times === 6);
    expect(told[5]).toBeLessThan(0.6);
    expect(new Set(told).size).toBe(6);
  });
});
