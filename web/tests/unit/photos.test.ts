/** A photograph and its smaller copies. */
import { expect, test } from "vitest";
import { typicalShare } from "../../src/engine/likeness";
import { Photos } from "../../src/worker/photos";

test("smaller copies are painted as the photograph is, though by themselves they were like none", () => {
  const [width, height] = [1500, 1200];
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0, seed = 1; at < data.length; at += 4) {
    seed = (seed * 48271) % 2147483647;
    data.fill(seed % 2 ? 94 : 134, at, at + 3);
  }
  const { full, view, thumbnail } = new Photos().add("speckles", { data, width, height });
  expect([view.width, thumbnail.width]).toEqual([1350, 280]);
  expect(typicalShare(thumbnail)).toBeGreaterThan(0.3);
  expect([full.typicalShare, view.typicalShare, thumbnail.typicalShare]).toEqual([0, 0, 0]);
});
