/** The engine in Node, on WebAssembly with one thread, against the Python runtime. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { env } from "onnxruntime-web/wasm";
import { beforeAll, describe, expect, test } from "vitest";
import { Pack } from "../../src/engine/pack";
import { emptyPicture, type Picture } from "../../src/engine/picture";
import { Stylizer } from "../../src/engine/stylizer";
import { largestDifference, PACK, python, readReferences, type Reference } from "../references";

const readPackFile = (path: string): Promise<Uint8Array> => Promise.resolve(readFileSync(join(PACK, path)));

async function stylize(stylizer: Stylizer, { name, width, height, before, edit }: Reference): Promise<Picture> {
  const out = emptyPicture(width, height);
  const photo = { id: name, data: new Uint8ClampedArray(before), width, height };
  await stylizer.render(
    photo,
    edit,
    (rows, top) => out.data.set(rows, top * width * 4),
    () => Promise.resolve(),
  );
  return out;
}

describe.skipIf(!python && !process.env["CI"])("against the Python runtime", () => {
  let stylizer: Stylizer;
  let references: Reference[];

  beforeAll(async () => {
    env.wasm.numThreads = 1;
    references = readReferences();
    stylizer = await Stylizer.open(await Pack.open(readPackFile));
  });

  test("a photo that is too small is refused with a sentence", () => {
    expect(() => stylizer.check({ width: 300, height: 15 })).toThrow(
      "A photo of 300×15 pixels is too small to paint; both sides need at least 16.",
    );
    expect(() => stylizer.check({ width: 16, height: 16 })).not.toThrow();
  });

  test("every picture is within 2 of 255", async () => {
    const differences: Record<string, number> = {};
    for (const reference of references) {
      const { data } = await stylize(stylizer, reference);
      differences[reference.name] = largestDifference(data, reference.after);
    }
    expect(Math.max(...Object.values(differences)), JSON.stringify(differences)).toBeLessThanOrEqual(2);
    expect(references.length).toBeGreaterThan(10);
  });
});
