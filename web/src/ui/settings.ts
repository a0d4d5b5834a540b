/** How to paint, as the panel has it. */
import { AUTO_FROM_PIXELS, LEAST_STROKES_PX, PREVIEW_PX, type Look, type Strokes } from "../engine/look";
import type { Size } from "../engine/picture";
import type { Mask } from "../engine/regions";
import type { Edit } from "../engine/stylizer";

export type SecondMode = "none" | "mix" | "brush";

export interface Settings {
  readonly style: string;
  /** 0 to 1.5. */
  readonly strength: number;
  /** 0 for strokes as a preview has them, each step a third of a doubling; below that finer ones. */
  readonly stroke: number;
  /** 0 to 1. */
  readonly colors: number;
  readonly secondMode: SecondMode;
  readonly second: string;
  /** 0 to 1. */
  readonly mix: number;
}

export const strokeFactor = (step: number): number => 2 ** (step / 3);

/** How many steps finer the strokes on a photo of this size can be; with the last one they are as fine as the photo. */
export function finerSteps({ width, height }: Size): number {
  const short = Math.min(width, height);
  if (width * height <= AUTO_FROM_PIXELS || short <= PREVIEW_PX) return 0;
  return Math.max(1, Math.round(3 * Math.log2(short / PREVIEW_PX)));
}

function strokesOf(size: Size, step: number): Strokes {
  if (step === 0) return "auto";
  if (step < 0) return finerStrokes(finerSteps(size), -step);
  const short = Math.min(size.width, size.height, PREVIEW_PX);
  return short <= LEAST_STROKES_PX ? "full" : Math.max(LEAST_STROKES_PX, Math.round(short / strokeFactor(step)));
}

/** Strokes so many steps `finer` than usual, of `all` that the photo has. */
function finerStrokes(all: number, finer: number): Strokes {
  if (all === 0) return "auto";
  return finer >= all ? "full" : Math.round(PREVIEW_PX * strokeFactor(finer));
}

/** What to make of a photo of this size; `mask` is where the brush was. */
export function editOf(settings: Settings, size: Size, mask: Mask | undefined): Edit {
  const { style, second, secondMode, mix, strength, colors } = settings;
  const look = (styles: Look["styles"]): Look => ({
    styles,
    strength,
    colors,
    strokes: strokesOf(size, settings.stroke),
  });
  if (secondMode === "mix" && second !== style) {
    const weighted = [[style, 1 - mix] as const, [second, mix] as const];
    return { look: look(weighted.filter(([, weight]) => weight > 0)) };
  }
  const first = { look: look([[style, 1]]) };
  return secondMode === "brush" && mask ? { ...first, region: { look: look([[second, 1]]), mask } } : first;
}
