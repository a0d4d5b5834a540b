/** Which pictures are not like photographs; the comparison with the Python runtime is among the engine's tests. */
import { expect, test } from "vitest";
import { typicalShare, unlikeness } from "../../src/engine/likeness";
import type { Picture } from "../../src/engine/picture";

function filled(width: number, height: number, red: number, green: number, blue: number): Picture {
  const data = new Uint8ClampedArray(width * height * 4);
  for (let at = 0; at < data.length; at += 4) data.set([red, green, blue, 255], at);
  return { data, width, height };
}

test.each([
  ["the typical gray", filled(128, 128, 114, 114, 114), 0.5 * (Math.log(101) - 1) * Math.SQRT2],
  ["one row", filled(200, 1, 114, 114, 114), 0.5 * (Math.log(101) - 1) * Math.SQRT2],
  ["one pixel of white", filled(1, 1, 255, 255, 255), 5.3],
])("of one color: %s", (_, picture, far) => {
  expect(unlikeness(picture)).toBeCloseTo(far, 1);
  expect(typicalShare(picture)).toBeCloseTo(0.9, 12);
});
