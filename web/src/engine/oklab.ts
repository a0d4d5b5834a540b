/** Oklab (Björn Ottosson, 2020), a space in which lightness and color are what people see. */
type Matrix = readonly [number, number, number, number, number, number, number, number, number];

// prettier-ignore
const TO_CONES: Matrix = [
  0.4122214708, 0.5363325363, 0.0514459929,
  0.2119034982, 0.6806995451, 0.1073969566,
  0.0883024619, 0.2817188376, 0.6299787005,
];
// prettier-ignore
const TO_LAB: Matrix = [
  0.2104542553, 0.793617785, -0.0040720468,
  1.9779984951, -2.428592205, 0.4505937099,
  0.0259040371, 0.7827717662, -0.808675766,
];
const FROM_CONES = inverse(TO_CONES);
const FROM_LAB = inverse(TO_LAB);
const LINEAR = Float64Array.from({ length: 256 }, (_, byte) => {
  const unit = byte / 255;
  return unit <= 0.04045 ? unit / 12.92 : ((unit + 0.055) / 1.055) ** 2.4;
});
/** The byte of each of so many amounts of light, for speed: fine enough to be off by one, now and then. */
const BYTES = Uint8Array.from({ length: 65_536 }, (_, amount) => {
  const linear = amount / 65_535;
  const unit = linear <= 0.0031308 ? linear * 12.92 : 1.055 * linear ** (1 / 2.4) - 0.055;
  return Math.floor(unit * 255 + 0.5);
});

function inverse([a, b, c, d, e, f, g, h, i]: Matrix): Matrix {
  const determinant = a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g);
  const adjugate: Matrix = [
    e * i - f * h,
    c * h - b * i,
    b * f - c * e,
    f * g - d * i,
    a * i - c * g,
    c * d - a * f,
    d * h - e * g,
    b * g - a * h,
    a * e - b * d,
  ];
  return adjugate.map((value) => value / determinant) as unknown as Matrix;
}

function times(m: Matrix, x: number, y: number, z: number, out: Float64Array): void {
  out[0] = m[0] * x + m[1] * y + m[2] * z;
  out[1] = m[3] * x + m[4] * y + m[5] * z;
  out[2] = m[6] * x + m[7] * y + m[8] * z;
}

function toLab(data: Uint8ClampedArray, at: number, out: Float64Array): void {
  times(TO_CONES, LINEAR[data[at]], LINEAR[data[at + 1]], LINEAR[data[at + 2]], out);
  times(TO_LAB, Math.cbrt(out[0]), Math.cbrt(out[1]), Math.cbrt(out[2]), out);
}

const cube = (x: number): number => x * x * x;

function toByte(linear: number): number {
  return BYTES[Math.round(Math.min(Math.max(linear, 0), 1) * 65_535)];
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
    times(FROM_CONES, cube(lab[0]), cube(lab[1]), cube(lab[2]), lab);
    for (let i = 0; i < 3; i++) painted[at + i] = toByte(lab[i]);
  }
}
