/** Templates in pieces; that they compute the same is what the comparisons with the Python runtime show. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { cut } from "../../src/engine/cutting";
import { PACK } from "../references";

const encoder = new Uint8Array(readFileSync(join(PACK, "encoder.staged.onnx")));
const NORM = "encoder.down2.norm";

test("each piece takes what those before it gave", () => {
  const [before, after] = cut(encoder, [`${NORM}.x`], ["features", "details"]);
  expect(before.inputs).toEqual(["image"]);
  expect([...before.outputs].sort()).toEqual(["details", `${NORM}.x`]);
  expect([...after.inputs].sort()).toEqual([`${NORM}.a`, `${NORM}.b`, `${NORM}.x`]);
  expect(after.outputs).toEqual(["features"]);
});

test("what the graph does not compute is said", () => {
  expect(() => cut(encoder, ["nothing.x"], ["features"])).toThrow("the graph does not compute nothing.x");
});
