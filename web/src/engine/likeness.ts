/** How unlike photographs a picture is: a page, a drawing, night, fog, one color, an object before black. */
import type { Picture } from "./picture";

// What photographs typically have, of luma from 0 to 255; docs/experiments/2026-11-statistics.md says where from.
const LUMA_MEAN = 114;
const LUMA_VARIANCE = 3140;
const QUARTILES_APART = 81;
const SQUARED_DIFFERENCE = 645;
const SIDE_PX = 128;
const LEAST_SHARE = 0.01; // of those variances: less is noise
const QUARTILES_WEIGHT = 0.58;
const UNLIKE_FROM = 1.55;
const UNLIKE_TO = 2.1;
const LARGEST_SHARE = 0.9;
const [RED, GREEN, BLUE] = [0.299, 0.587, 0.114].map(Math.fround);

/** Luma at the crossings of a grid, row by row. */
interface Grid {
  readonly luma: Float64Array;
  readonly columns: number;
}

/** How much of a picture's statistics should be a typical photograph's: 0 for photographs, up to 0.9 for others. */
export function typicalShare(picture: Picture): number {
  const far = (unlikeness(picture) - UNLIKE_FROM) / (UNLIKE_TO - UNLIKE_FROM);
  return LARGEST_SHARE * Math.min(Math.max(far, 0), 1);
}

/** How far a picture is from photographs, in nats: a typical one 0, one gray 2.6, white 5.3. */
export function unlikeness(picture: Picture): number {
  const grid = gridOf(picture);
  const { mean, variance } = moments(grid.luma);
  const byMoments = divergence(variance / LUMA_VARIANCE, mean);
  const square = (meanSquare(grid, 1) + meanSquare(grid, grid.columns)) / 2;
  const byDifferences = divergence(Math.min(square / SQUARED_DIFFERENCE, 1));
  const [low, median, high] = quartiles(grid.luma);
  const byQuartiles = divergence(Math.min((high - low) / QUARTILES_APART, 1) ** 2, median);
  return Math.max(Math.hypot(byMoments, byDifferences), QUARTILES_WEIGHT * byQuartiles);
}

function gridOf({ data, width, height }: Picture): Grid {
  const stride = Math.max(1, Math.floor(Math.min(height, width) / SIDE_PX));
  const first = Math.floor(stride / 2);
  const columns = Math.ceil((width - first) / stride);
  const luma = new Float64Array(columns * Math.ceil((height - first) / stride));
  let to = 0;
  for (let y = first; y < height; y += stride) {
    for (let x = first; x < width; x += stride) {
      const at = (y * width + x) * 4;
      const yellow = Math.fround(Math.fround(data[at] * RED) + Math.fround(data[at + 1] * GREEN));
      luma[to++] = Math.fround(yellow + Math.fround(data[at + 2] * BLUE));
    }
  }
  return { luma, columns };
}

function moments(luma: Float64Array): { mean: number; variance: number } {
  const mean = luma.reduce((sum, value) => sum + value, 0) / luma.length;
  return { mean, variance: luma.reduce((sum, value) => sum + (value - mean) ** 2, 0) / luma.length };
}

/** The mean square of the differences between neighbors: in rows, `step` is 1, and in columns, a row's length. */
function meanSquare({ luma, columns }: Grid, step: number): number {
  let sum = 0;
  let count = 0;
  for (let at = step; at < luma.length; at++) {
    if (step === 1 && at % columns === 0) continue;
    sum += (luma[at] - luma[at - step]) ** 2;
    count++;
  }
  return count ? sum / count : 0;
}

/** The quartiles, rounded to whole levels. */
function quartiles(luma: Float64Array): number[] {
  const counts = new Uint32Array(256);
  for (const value of luma) counts[Math.floor(value + 0.5)]++;
  for (let level = 1; level < 256; level++) counts[level] += counts[level - 1];
  return [0.25, 0.5, 0.75].map((share) => counts.findIndex((count) => count >= share * luma.length));
}

/** How far a normal distribution is from photographs': its `variance` is a share of theirs. */
function divergence(variance: number, middle = LUMA_MEAN): number {
  const shift = (middle - LUMA_MEAN) ** 2 / LUMA_VARIANCE;
  return 0.5 * (Math.log((1 + LEAST_SHARE) / (variance + LEAST_SHARE)) + variance + shift - 1);
}
