/**
 * Resampling with Pillow's fixed-point arithmetic, to the same bytes: weights of 22 bits, columns first, rows rounded
 * to bytes in between. Alpha is left out: it comes back opaque.
 */
import { emptyPicture, type Picture } from "./picture";

export interface Filter {
  readonly support: number;
  readonly weight: (x: number) => number;
}

const PRECISION_BITS = 22;
const HALF = 1 << (PRECISION_BITS - 1);

const sinc = (x: number): number => (x === 0 ? 1 : Math.sin(Math.PI * x) / (Math.PI * x));

export const LANCZOS: Filter = { support: 3, weight: (x) => (x > -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0) };

export const BICUBIC: Filter = {
  support: 2,
  weight(signed) {
    const a = -0.5;
    const x = Math.abs(signed);
    if (x < 1) return ((a + 2) * x - (a + 3)) * x * x + 1;
    return x < 2 ? (((x - 5) * x + 8) * x - 4) * a : 0;
  },
};

export const BILINEAR: Filter = { support: 1, weight: (x) => Math.max(0, 1 - Math.abs(x)) };

/** For each output place: the first input it looks at, how many, and their weights. */
interface Taps {
  readonly first: Int32Array;
  readonly count: Int32Array;
  readonly weights: Int32Array;
  readonly stride: number;
}

function taps(input: number, output: number, filter: Filter): Taps {
  const scale = input / output;
  const filterScale = Math.max(1, scale);
  const support = filter.support * filterScale;
  const stride = Math.ceil(support) * 2 + 1;
  const found = {
    first: new Int32Array(output),
    count: new Int32Array(output),
    weights: new Int32Array(output * stride),
    stride,
  };
  for (let at = 0; at < output; at++) {
    const center = (at + 0.5) * scale;
    const first = Math.max(0, Math.trunc(center - support + 0.5));
    const last = Math.min(input, Math.trunc(center + support + 0.5));
    const raw = Array.from({ length: last - first }, (_, i) => filter.weight((i + first - center + 0.5) / filterScale));
    const total = raw.reduce((sum, weight) => sum + weight, 0);
    found.first[at] = first;
    found.count[at] = last - first;
    raw.forEach((weight, i) => {
      const fixed = (total ? weight / total : weight) * (1 << PRECISION_BITS);
      found.weights[at * stride + i] = Math.trunc(fixed + (weight < 0 ? -0.5 : 0.5));
    });
  }
  return found;
}

/** Gives rows of a picture at another size, without ever holding more of that than is asked for. */
export class Resampler {
  readonly #columns: Taps;
  readonly #rows: Taps;
  #cacheTop = 0;
  #cache: Uint8ClampedArray[] = [];
  readonly #free: Uint8ClampedArray[] = [];

  constructor(
    readonly source: Picture,
    readonly width: number,
    readonly height: number,
    filter: Filter,
  ) {
    this.#columns = taps(source.width, width, filter);
    this.#rows = taps(source.height, height, filter);
  }

  /** Writes the rows from `top` to `bottom` into `out`, which has room for them. */
  rows(top: number, bottom: number, out: Uint8ClampedArray): void {
    for (let y = top; y < bottom; y++) this.#row(y, out, (y - top) * this.width * 4);
  }

  #row(y: number, out: Uint8ClampedArray, to: number): void {
    const { first, count, weights, stride } = this.#rows;
    const sources = this.#across(first[y], count[y]);
    for (let x = 0; x < this.width * 4; x += 4) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      for (let i = 0; i < sources.length; i++) {
        const weight = weights[y * stride + i];
        const row = sources[i];
        red += row[x] * weight;
        green += row[x + 1] * weight;
        blue += row[x + 2] * weight;
      }
      out[to + x] = red >> PRECISION_BITS;
      out[to + x + 1] = green >> PRECISION_BITS;
      out[to + x + 2] = blue >> PRECISION_BITS;
      out[to + x + 3] = 255;
    }
  }

  /** Returns source rows at the new width; those that the next rows need again stay. */
  #across(first: number, count: number): Uint8ClampedArray[] {
    const isFar = first < this.#cacheTop || first > this.#cacheTop + this.#cache.length;
    this.#free.push(...this.#cache.splice(0, isFar ? this.#cache.length : first - this.#cacheTop));
    this.#cacheTop = first;
    while (this.#cache.length < count) this.#cache.push(this.#narrow(first + this.#cache.length));
    return this.#cache.slice(0, count);
  }

  #narrow(y: number): Uint8ClampedArray {
    const { first, count, weights, stride } = this.#columns;
    const { data, width } = this.source;
    const row = this.#free.pop() ?? new Uint8ClampedArray(this.width * 4);
    for (let x = 0; x < this.width; x++) {
      let red = HALF;
      let green = HALF;
      let blue = HALF;
      let from = (y * width + first[x]) * 4;
      for (let i = x * stride; i < x * stride + count[x]; i++, from += 4) {
        red += data[from] * weights[i];
        green += data[from + 1] * weights[i];
        blue += data[from + 2] * weights[i];
      }
      row[x * 4] = red >> PRECISION_BITS;
      row[x * 4 + 1] = green >> PRECISION_BITS;
      row[x * 4 + 2] = blue >> PRECISION_BITS;
    }
    return row;
  }
}

/** Returns the picture at another size; the picture itself if it has that size. */
export function resize(picture: Picture, width: number, height: number, filter: Filter = LANCZOS): Picture {
  if (picture.width === width && picture.height === height) return picture;
  const out = emptyPicture(width, height);
  new Resampler(picture, width, height, filter).rows(0, height, out.data);
  return out;
}
