/**
 * The statistics of norms: a picture's own, or as they would be beside a photograph, for pictures that are not like one: by
 * their own contrast, norms make strokes of noise and gray of white.
 */
import type { Weights } from "./look";
import type { Norm } from "./pack";
import type { Tensor } from "./picture";

/** Mean and variance of each channel before a norm. */
export interface Statistics {
  readonly mean: Float32Array;
  readonly variance: Float32Array;
}

/** What a norm does where its statistics are known: a·x + b, for each channel. */
export interface Affine {
  readonly a: Float32Array;
  readonly b: Float32Array;
}

/** What norms do, by their names. */
export type Affines = ReadonlyMap<string, Affine>;

/** A part of rows of values, and how many rows there are in all. */
export interface Area {
  readonly top: number;
  readonly bottom: number;
  readonly left: number;
  readonly right: number;
  readonly height: number;
}

/** Count, sum and sum of squares of each channel, of values that come bit by bit. */
export class Sums {
  readonly #sums: Float64Array;
  readonly #squares: Float64Array;
  #count = 0;

  constructor(private readonly channels: number) {
    this.#sums = new Float64Array(channels);
    this.#squares = new Float64Array(channels);
  }

  /**
   * Counts in the values of an `area`, or all. There may be several planes of a channel, one after the other: its phases,
   * where it is computed at a lower resolution.
   */
  add({ data, shape }: Tensor, area?: Area): void {
    const [, , rows, width] = shape;
    const { top, bottom, left, right, height } = area ?? { top: 0, bottom: rows, left: 0, right: width, height: rows };
    const planes = data.length / (height * width);
    const phases = planes / this.channels;
    for (let plane = 0; plane < planes; plane++) {
      const channel = Math.floor(plane / phases);
      for (let y = top; y < bottom; y++) {
        const row = (plane * height + y) * width;
        this.#addRow(channel, data, row + left, row + right);
      }
    }
    this.#count += phases * (bottom - top) * (right - left);
  }

  get statistics(): Statistics {
    const mean = this.#sums.map((sum) => sum / this.#count);
    const variance = this.#squares.map((sum, at) => Math.max(sum / this.#count - mean[at] ** 2, 0));
    return { mean: Float32Array.from(mean), variance: Float32Array.from(variance) };
  }

  #addRow(channel: number, data: Float32Array, begin: number, end: number): void {
    let sum = 0;
    let squares = 0;
    for (let at = begin; at < end; at++) {
      sum += data[at];
      squares += data[at] * data[at];
    }
    this.#sums[channel] += sum;
    this.#squares[channel] += squares;
  }
}

/** The statistics of a picture and a typical photograph together, where the latter has a `share` of the whole. */
export function mixed(own: Statistics, typical: Statistics, share: number): Statistics {
  const apart = own.mean.map((mean, at) => mean - typical.mean[at]);
  return {
    mean: own.mean.map((mean, at) => mean - share * apart[at]),
    variance: own.variance.map(
      (variance, at) => (1 - share) * variance + share * typical.variance[at] + share * (1 - share) * apart[at] ** 2,
    ),
  };
}

/** What `norm` is for values that have these statistics; `weights` hold its scales and biases. */
export function affine(norm: Norm, { mean, variance }: Statistics, weights: Weights): Affine {
  const scales = (weights.get(norm.scale) as Float32Array).subarray(norm.scale_start);
  const biases = (weights.get(norm.bias) as Float32Array).subarray(norm.bias_start);
  const a = Array.from(variance, (value, at) => scales[at] / Math.sqrt(value + norm.eps));
  return { a: Float32Array.from(a), b: Float32Array.from(a, (factor, at) => biases[at] - mean[at] * factor) };
}
