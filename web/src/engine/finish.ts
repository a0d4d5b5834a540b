/** From what was painted to the picture: its full size, the photograph's share, and whose colors it has. */
import { recolor } from "./oklab";
import type { Picture } from "./picture";
import { BICUBIC, Resampler, resize } from "./resample";

const DETAIL = 0.8; // of what the photograph has finer than the strokes; more is too sharp for paint
const RED = 0.299;
const GREEN = 0.587;
const BLUE = 0.114;

/** What was painted of a photograph, and how it is to be shown. */
export interface Layer {
  /** The photograph painted, maybe smaller than it; nothing where the layer is the photograph itself. */
  readonly painted?: Picture;
  readonly share: number;
  readonly colors: number;
}

/** Gives the rows of a layer at the photograph's size, from the top to the bottom. */
export class LayerRows {
  #rows = new Uint8ClampedArray(0);
  #coarse = new Uint8ClampedArray(0);
  readonly #enlarge: { painted: Resampler; small: Resampler } | undefined;

  constructor(
    readonly photo: Picture,
    readonly layer: Layer,
  ) {
    const { painted } = layer;
    if (!painted || (painted.width === photo.width && painted.height === photo.height)) return;
    const small = resize(photo, painted.width, painted.height);
    const enlarged = (picture: Picture): Resampler => new Resampler(picture, photo.width, photo.height, BICUBIC);
    this.#enlarge = { painted: enlarged(painted), small: enlarged(small) };
  }

  /** Returns the rows from `top` to `bottom`, which are good until the next call. */
  rows(top: number, bottom: number): Uint8ClampedArray {
    const { photo, layer } = this;
    const start = top * photo.width * 4;
    const end = bottom * photo.width * 4;
    if (!layer.painted) return photo.data.slice(start, end);
    const rows = this.#enlarge ? this.#enlarged(top, bottom) : layer.painted.data.slice(start, end);
    if (layer.share !== 1) blend(rows, photo.data, start, layer.share);
    if (layer.colors !== 1) recolor(rows, photo.data, start, layer.colors);
    return rows;
  }

  #enlarged(top: number, bottom: number): Uint8ClampedArray {
    const { photo } = this;
    const { painted, small } = this.#enlarge as { painted: Resampler; small: Resampler };
    const length = (bottom - top) * photo.width * 4;
    if (this.#rows.length < length) {
      this.#rows = new Uint8ClampedArray(length);
      this.#coarse = new Uint8ClampedArray(length);
    }
    const rows = this.#rows.subarray(0, length);
    const coarse = this.#coarse.subarray(0, length);
    painted.rows(top, bottom, rows);
    small.rows(top, bottom, coarse);
    const start = top * photo.width * 4;
    for (let at = 0; at < length; at += 4) {
      const finer = DETAIL * (luma(photo.data, start + at) - luma(coarse, at)) + 0.5;
      for (let i = at; i < at + 3; i++) rows[i] = Math.floor(rows[i] + finer);
    }
    return rows;
  }
}

function luma(data: Uint8ClampedArray, at: number): number {
  return RED * data[at] + GREEN * data[at + 1] + BLUE * data[at + 2];
}

function blend(rows: Uint8ClampedArray, photo: Uint8ClampedArray, start: number, share: number): void {
  for (let at = 0; at < rows.length; at += 4) {
    for (let i = at; i < at + 3; i++) {
      const own = photo[start + i];
      rows[i] = Math.floor(own + share * (rows[i] - own) + 0.5);
    }
  }
}
