/** Whether a graphics card is to paint: it has to paint the same picture, and to be faster. */
import { graphics, type Card } from "../engine/graphics";
import type { Picture } from "../engine/picture";

const TIMES = 3;
/** How far a value of a picture may be from the processor's, of 255. */
const MOST_DIFFERENCE = 2;

/** What came of a trial. */
export interface Finding {
  readonly isTaken: boolean;
  /** The largest difference of the two pictures, of 255. */
  readonly difference: number;
  readonly cardMs: number;
  readonly processorMs: number;
}

interface Tried {
  readonly picture: Picture;
  readonly ms: number;
}

/**
 * Paints with the processor and with the card, and takes the card into use where it paints the same picture sooner. How
 * fast it is does not matter if `isForced`.
 */
export async function tryCard(card: Card, paint: () => Promise<Picture>, isForced = false): Promise<Finding> {
  const times = isForced ? 1 : TIMES;
  const processor = await tried(paint, times);
  graphics.use(card);
  let isTaken = false;
  try {
    const onCard = await tried(paint, times);
    const difference = largestDifference(onCard.picture.data, processor.picture.data);
    const isGood = difference <= MOST_DIFFERENCE && (isForced || onCard.ms < processor.ms);
    isTaken = isGood && graphics.card === card;
    return { isTaken, difference, cardMs: onCard.ms, processorMs: processor.ms };
  } finally {
    if (!isTaken) graphics.use(undefined);
  }
}

/** Paints some times; of several the first one does not count, as it opens what is open afterwards. */
async function tried(paint: () => Promise<Picture>, times: number): Promise<Tried> {
  let picture = times > 1 ? await paint() : undefined;
  const ms: number[] = [];
  while (ms.length < times) {
    const began = performance.now();
    picture = await paint();
    ms.push(performance.now() - began);
  }
  return { picture: picture as Picture, ms: ms.sort((a, b) => a - b)[Math.floor(times / 2)] };
}

function largestDifference(a: Uint8ClampedArray, b: Uint8ClampedArray): number {
  let largest = a.length === b.length ? 0 : Infinity;
  for (let at = 0; at < a.length; at++) largest = Math.max(largest, Math.abs(a[at] - b[at]));
  return largest;
}
