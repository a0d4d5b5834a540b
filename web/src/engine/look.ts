/** What to paint with: styles by weights, how strongly, with which strokes and in whose colors. */
import { roundHalfEven, type Size } from "./picture";

/** A number of pixels: strokes as in a preview whose short side has so many. */
export type Strokes = number | "auto" | "full";
export type Weighted = readonly (readonly [style: string, weight: number])[];

export interface Look {
  readonly styles: Weighted;
  /** From 0, the photograph, over 1, the style as it was trained, to 1.5. */
  readonly strength: number;
  readonly strokes: Strokes;
  /** From 0, the photograph's colors, to 1, the style's. */
  readonly colors: number;
}

export const LEAST_STROKES_PX = 64;
export const PREVIEW_PX = 1080;
export const AUTO_FROM_PIXELS = 1_500_000;

/** How far a bank goes from painting the photograph (0) to its style (1), and how much of that is seen. */
export function spread(strength: number): { far: number; share: number } {
  return { far: (1 + strength) / 2, share: (2 * strength) / (1 + strength) };
}

/** The weights of `styles` and of `plain`, the style that paints the photograph, so `far` from the latter. */
export function reach(styles: Weighted, plain: string, far: number): Weighted {
  if (far === 1) return styles;
  const whole = styles.reduce((sum, [, weight]) => sum + weight, 0);
  return [...styles.map(([name, weight]) => [name, weight * far] as const), [plain, (1 - far) * whole]];
}

export type Weights = ReadonlyMap<string, Float32Array>;

/** The weighted sum of numbers by name; of one with the weight 1, the numbers themselves. */
export function mix(parts: readonly (readonly [Weights, number])[]): Weights {
  const [[first, weight]] = parts;
  if (parts.length === 1 && weight === 1) return first;
  const mixed = new Map<string, Float32Array>();
  for (const [name, { length }] of first) {
    const sum = new Float32Array(length);
    for (const [numbers, share] of parts) {
      const values = numbers.get(name) as Float32Array;
      const factor = Math.fround(share);
      for (let i = 0; i < length; i++) sum[i] += Math.fround(values[i] * factor);
    }
    mixed.set(name, sum);
  }
  return mixed;
}

/** The size at which a picture is painted so that it has such strokes; never a larger one. */
export function sizeToPaint({ width, height }: Size, strokes: Strokes): Size {
  if (strokes === "full" || (strokes === "auto" && width * height <= AUTO_FROM_PIXELS)) return { width, height };
  const wanted = strokes === "auto" ? PREVIEW_PX : strokes;
  const short = Math.min(width, height);
  if (wanted >= short) return { width, height };
  return {
    width: Math.max(1, roundHalfEven((width * wanted) / short)),
    height: Math.max(1, roundHalfEven((height * wanted) / short)),
  };
}
