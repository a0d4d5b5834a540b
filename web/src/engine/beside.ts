/**
 * A picture's statistics as they would be beside a photograph, for pictures that are not like one: by their own contrast,
 * norms make strokes of noise and gray of white.
 */
import type { Weights } from "./look";
import type { Norm } from "./pack";

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

/** The statistics of values whose channels lie one after the other, each of any shape. */
export function measure(values: Float32Array, channels: number): Statistics {
  const mean = new Float32Array(channels);
  const variance = new Float32Array(channels);
  const count = values.length / channels;
  for (let channel = 0; channel < channels; channel++) {
    let sum = 0;
    let squares = 0;
    for (let at = channel * count; at < (channel + 1) * count; at++) {
      sum += values[at];
      squares += values[at] * values[at];
    }
    mean[channel] = sum / count;
    variance[channel] = Math.max(squares / count - (sum / count) ** 2, 0);
  }
  return { mean, variance };
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
