/** Oklab (Björn Ottosson, 2020), a space in which lightness and color are what people see. */
type Matrix = readonly (readonly [number, number, number])[];

const TO_CONES: Matrix = [
  [0.4122214708, 0.5363325363, 0.0514459929],
  [0.2119034982, 0.6806995451, 0.1073969566],
  [0.0883024619, 0.2817188376, 0.6299787005],
];
const TO_LAB: Matrix = [
  [0.2104542553, 0.793617785, -0.0040720468],
  [1.9779984951, -2.428592205, 0.4505937099],
  [0.0259040371, 0.7827717662, -0.808675766],
];
const FROM_CONES = inverse(TO_CONES);
const FROM_LAB = inverse(TO_LAB);
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const unit = byte / 255;
  return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
});

function inverse(m: Matrix): Matrix {
  const minor = (row: number, column: number): number => {
    const [a, b] = [0, 1, 2].filter((i) => i !== row);
    const [c, d] = [0, 1, 2].filter((i) => i !== column);
    return (m[a][c] * m[b][d] - m[a][d] * m[b][c]) * ((row + column) % 2 ? -1 : 1);
  };
  const determinant = m[0][0] * minor(0, 0) + m[0][1] * minor(0, 1) + m[0][2] * minor(0, 2);
  return [0, 1, 2].map((row) => [0, 1, 2].map((column) => minor(column, row) / determinant)) as unknown as Matrix;
}

function times(m: Matrix, x: number, y: number, z: number, out: Float64Array): void {
  for (let i = 0; i < 3; i++) out[i] = m[i][0] * x + m[i][1] * y + m[i][2] * z;
}

function toLab(data: Uint8ClampedArray, at: number, out: Float64Array): void {
  times(TO_CONES, LINEAR[data[at]], LINEAR[data[at + 1]], LINEAR[data[at + 2]], out);
  times(TO_LAB, Math.cbrt(out[0]), Math.cbrt(out[1]), Math.cbrt(out[2]), out);
}

function toByte(linear: number): number {
  const cut = Math.min(Math.max(linear, 0), 1);
  const unit = cut <= 0.0031308 ? cut * 12.92 : 1.055 * cut ** (1 / 2.4) - 0.055;
  return Math.floor(unit * 255 + 0.5);
}

/** Gives pixels of `painted` a share of their own colors, from 0, those of `photo`, to 1; their lightness stays. */
export function recolor(
  painted: Uint8ClampedArray,
  photo: Uint8ClampedArray,
  photoStart: number,
  colors: number,
): void {
  const lab = new Float64Array(3);
  const own = new Float64Array(3);
  for (let at = 0; at < painted.length; at += 4) {
    toLab(painted, at, lab);
    toLab(photo, photoStart + at, own);
    times(FROM_LAB, lab[0], own[1] + colors * (lab[1] - own[1]), own[2] + colors * (lab[2] - own[2]), lab);
    times(FROM_CONES, lab[0] ** 3, lab[1] ** 3, lab[2] ** 3, lab);
    for (let i = 0; i < 3; i++) painted[at + i] = toByte(lab[i]);
  }
}
