/** Style files of strangers: each bad one is refused with a sentence, and nothing of it is used. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { beforeAll, expect, test } from "vitest";
import { Pack } from "../../src/engine/pack";
import { Problem } from "../../src/engine/problem";
import { hostileStyles, styleFile } from "../browser/files";
import { PACK } from "../references";

let pack: Pack;

beforeAll(async () => {
  pack = await Pack.open((path) => Promise.resolve(readFileSync(join(PACK, path))));
});

test.each(hostileStyles.map(([file, sentence]) => [file.name, file, sentence] as const))("%s", (_, file, sentence) => {
  const take = (): unknown => pack.checkStyle(new Uint8Array(file.bytes), file.name);
  expect(take).toThrow(Problem);
  expect(take).toThrow(sentence);
});

test("a good one is taken, with its texts cut short", () => {
  const long = styleFile("mine", (_, record) => (record["info"] = { title: "x".repeat(500), artist: 7 }));
  const { info } = pack.checkStyle(new Uint8Array(long.bytes), long.name);
  expect(info).toMatchObject({ name: "mine", title: "x".repeat(80), artist: "" });
});

test("a file of the pack that is not whole is refused", async () => {
  const broken = (path: string): Promise<Uint8Array> => {
    const bytes = new Uint8Array(readFileSync(join(PACK, path)));
    if (path.endsWith("waves.safetensors")) bytes[bytes.length - 1] ^= 1;
    return Promise.resolve(bytes);
  };
  const damaged = await Pack.open(broken);
  await expect(damaged.style("waves")).rejects.toThrow(/did not arrive whole/);
  await expect(damaged.style("scream")).resolves.toBeDefined();
});
