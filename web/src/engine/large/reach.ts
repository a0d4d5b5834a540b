/** How far the network sees: how many pixels around a tile decide what is painted in it. */
import type { Pack, PartName, Template } from "../pack";
import { roundUp, type Tensor } from "../picture";
import { PartSession } from "../session";

const FARTHEST_PX = 512;
const FIRST_GUESS_PX = 128;
const PARTS: readonly PartName[] = ["encoder", "bank", "decoder"];

/**
 * How far a pixel's change is seen with fixed statistics, in whole multiples of the codec's, in pixels; nothing where that
 * is not less than 512. All weights are made positive and all biases zero, so that nothing cancels out and no ReLU stops
 * anything: a black picture stays black but for all that a white spot reaches.
 */
export async function reachPx(pack: Pack): Promise<number | undefined> {
  const sessions = await Promise.all(PARTS.map((part) => openPositive(pack, pack.template(part, "folded"))));
  try {
    const { multiple_px: multiple } = pack.manifest.codec;
    for (let around = roundUp(FIRST_GUESS_PX, multiple); around <= FARTHEST_PX; around *= 2) {
      let values = [spot(around, multiple)];
      for (const session of sessions) values = await session.run(values);
      const [first, last] = rowsSeen(values[0]);
      const reach = Math.max(around - first, last + 1 - around - multiple);
      if (reach < around - multiple) return roundUp(reach, multiple);
    }
    return undefined;
  } finally {
    for (const session of sessions) void session.close();
  }
}

function openPositive(pack: Pack, template: Template): Promise<PartSession> {
  const weights = new Map(template.weights.map(({ name, shape }) => [name, positive(name, shape)]));
  return PartSession.open(pack, template, weights);
}

/** Kernels get a number that keeps their sums in the range of float32. */
function positive(name: string, shape: readonly number[]): Float32Array {
  const product = (lengths: readonly number[]): number => lengths.reduce((all, length) => all * length, 1);
  const kernel = 1 / Math.sqrt(product(shape.slice(1)));
  return new Float32Array(product(shape)).fill(shape.length > 1 ? kernel : name.endsWith(".a") ? 1 : 0);
}

/** Black, with a white square of `side` pixels that has so many `around` it. */
function spot(around: number, side: number): Tensor {
  const width = 2 * around + side;
  const data = new Float32Array(3 * width * width);
  for (let row = 0; row < 3 * side; row++) {
    const from = (Math.floor(row / side) * width + around + (row % side)) * width + around;
    data.fill(1, from, from + side);
  }
  return { data, shape: [1, 3, width, width] };
}

/** The first and the last row that are not black. */
function rowsSeen({ data, shape }: Tensor): [first: number, last: number] {
  const [, , height, width] = shape;
  const seen = new Set<number>();
  data.forEach((value, at) => {
    if (value !== 0) seen.add(Math.floor(at / width) % height);
  });
  return [Math.min(...seen), Math.max(...seen)];
}
