/** Strips of rows: a large picture is worked on in bounded memory, and can be stopped between two of them. */
import type { PaintedFacts } from "./pack";
import { emptyPicture, fromNetwork, roundUp, type Picture, type Size, type Tensor } from "./picture";
import type { PartSession } from "./session";

const STRIP_PIXELS = 2 ** 19;
const FEWEST_ROWS = 32;

/** Called between two pieces of work with the share that is done; throws Canceled when it is to end. */
export type Checkpoint = (done: number) => Promise<void>;

export const ignored: Checkpoint = () => Promise.resolve();

/** A checkpoint for a piece of work that is a part of a larger one, from one share of it to another. */
export const between =
  (checkpoint: Checkpoint, from: number, to: number): Checkpoint =>
  (done) =>
    checkpoint(from + (to - from) * done);

export function* strips(height: number, width: number): Generator<readonly [top: number, bottom: number]> {
  const step = Math.max(16, Math.floor(STRIP_PIXELS / width));
  for (let top = 0; top < height; top += step) yield [top, Math.min(top + step, height)];
}

/** Decodes what a bank painted, a strip at a time if the decoder has no norms; the result is the same. */
export async function decode(
  decoder: PartSession,
  painted: readonly Tensor[],
  size: Size,
  facts: PaintedFacts,
  { whole = false, checkpoint = ignored }: { whole?: boolean; checkpoint?: Checkpoint } = {},
): Promise<Picture> {
  const out = emptyPicture(size.width, size.height);
  const [first, ...others] = painted;
  const [, , rows, columns] = first.shape;
  const step = whole ? rows : stripRows(columns, facts);
  for (let begin = 0; begin < rows; begin += step) {
    const top = Math.max(0, begin - facts.overlap);
    const bottom = Math.min(rows, begin + step + facts.overlap);
    const [image] = await decoder.run([part(first, [top, bottom], [0, columns]), ...others]);
    const outTop = begin * facts.scale_px;
    const count = Math.min((begin + step) * facts.scale_px, size.height) - outTop;
    if (count > 0) fromNetwork(image, (begin - top) * facts.scale_px, out, outTop, count);
    await checkpoint(Math.min(1, (begin + step) / rows));
  }
  return out;
}

function stripRows(columns: number, facts: PaintedFacts): number {
  const rows = Math.max(FEWEST_ROWS, Math.floor(STRIP_PIXELS / (columns * facts.scale_px ** 2)));
  return roundUp(rows, facts.step);
}

/** Rows and columns of values, from a place to another that is no longer part of it. */
export function part(
  { data, shape }: Tensor,
  [top, bottom]: readonly [number, number],
  [left, right]: readonly [number, number],
): Tensor {
  const [batch, channels, height, width] = shape;
  const [rows, columns] = [bottom - top, right - left];
  if (rows === height && columns === width) return { data, shape };
  const values = new Float32Array(channels * rows * columns);
  for (let row = 0; row < channels * rows; row++) {
    const from = (Math.floor(row / rows) * height + top + (row % rows)) * width + left;
    values.set(data.subarray(from, from + columns), row * columns);
  }
  return { data: values, shape: [batch, channels, rows, columns] };
}
