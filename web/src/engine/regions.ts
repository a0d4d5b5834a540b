/** Two looks in one picture: one where a mask is white, another where it is black, both where it is grey. */
import type { LayerRows } from "./finish";
import type { Picture } from "./picture";
import { BILINEAR, Resampler } from "./resample";

/** Where something is: a byte for each pixel, 255 where it is; of any size, it is fitted. */
export interface Mask {
  readonly data: Uint8Array;
  readonly width: number;
  readonly height: number;
}

/** Gives rows that are those of `inside` by the mask, and those of `outside` for the rest. */
export class RegionRows {
  readonly #mask: Resampler;
  #weights = new Uint8ClampedArray(0);

  constructor(
    mask: Mask,
    private readonly inside: LayerRows,
    private readonly outside: LayerRows,
  ) {
    const { width, height } = inside.photo;
    this.#mask = new Resampler(asPicture(mask), width, height, BILINEAR);
  }

  rows(top: number, bottom: number): Uint8ClampedArray {
    const over = this.inside.rows(top, bottom);
    const under = this.outside.rows(top, bottom);
    if (this.#weights.length < under.length) this.#weights = new Uint8ClampedArray(under.length);
    const weights = this.#weights;
    this.#mask.rows(top, bottom, weights);
    for (let at = 0; at < under.length; at += 4) {
      const weight = weights[at] / 255;
      for (let i = at; i < at + 3; i++) under[i] = Math.floor(over[i] * weight + under[i] * (1 - weight) + 0.5);
    }
    return under;
  }
}

function asPicture({ data, width, height }: Mask): Picture {
  const rgba = new Uint8ClampedArray(data.length * 4);
  for (let i = 0; i < data.length; i++) rgba.fill(data[i], i * 4, i * 4 + 3);
  return { data: rgba, width, height };
}
