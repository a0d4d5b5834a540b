/** Paints pictures that are too large for one call: tile by tile, with the statistics of the whole picture. */
import type { Weighted } from "../look";
import type { Pack } from "../pack";
import type { SteadyPainter } from "../painters";
import { emptyPicture, roundUp, type Picture, type Size, type Tensor } from "../picture";
import type { PartSession } from "../session";
import { canBeStaged, type Portion } from "../staged";
import { between, type Checkpoint } from "../strips";
import { pixelsOf, squares, tiles, type Crop } from "./crops";
import { reachPx } from "./reach";
import { TilePainter } from "./tile-painter";

const WHOLE_PIXELS = 2_500_000; // a preview's, but for panoramas
const TILE_PX = 768;
// The runtime samples a picture by the same squares.
const SQUARES = 500;
const SQUARE_PX = 64;
const SQUARE_HALO_PX = 24;
const ENCODER_SHARE = 0.1;
const MEASURING_SHARE = 0.4;

export class LargePainter {
  #reach: Promise<number | undefined> | undefined;

  constructor(
    private readonly pack: Pack,
    private readonly parts: SteadyPainter,
    private readonly decoder: PartSession,
  ) {}

  /** Whether pictures of this size are painted here. */
  async takes(size: Size): Promise<boolean> {
    return isLarge(size) && canBeTiled(this.pack) && (await this.#seen()) !== undefined;
  }

  /** Paints a photograph of which a typical one has a `share` of the statistics. */
  async paint(photo: Picture, styles: Weighted, share: number, checkpoint: Checkpoint): Promise<Picture> {
    const crops = this.#tiles(photo, (await this.#seen()) as number);
    const painter = await this.#measure(photo, crops, styles, share, between(checkpoint, 0, MEASURING_SHARE));
    try {
      const out = emptyPicture(photo.width, photo.height);
      for (const [at, crop] of crops.entries()) {
        await painter.paint(crop, photo, out);
        await checkpoint(MEASURING_SHARE + (1 - MEASURING_SHARE) * ((at + 1) / crops.length));
      }
      return out;
    } finally {
      painter.close();
    }
  }

  /** Measures the photograph on squares, or on all its tiles where those are less. */
  async #measure(
    photo: Picture,
    all: readonly Crop[],
    styles: Weighted,
    share: number,
    checkpoint: Checkpoint,
  ): Promise<TilePainter> {
    const { multiple_px: multiple } = this.pack.manifest.codec;
    const sample = this.#squares(photo);
    const crops = pixelsOf(sample) < pixelsOf(all) ? sample : all;
    const [encoder, bank] = [await this.parts.encoder(), await this.parts.bank(styles)];
    const images = portions(crops, (at) => [crops[at].of(photo, multiple)]);
    const { outputs, affines } = await encoder.runAll(images, share, between(checkpoint, 0, ENCODER_SHARE));
    const codes = portions(crops, (at) => outputs.splice(at, 1, [])[0]);
    const { affines: measured } = await bank.measure(codes, share, between(checkpoint, ENCODER_SHARE, 1));
    const known = [
      { weights: encoder.weights, affines },
      { weights: bank.weights, affines: measured },
    ] as const;
    return TilePainter.open(this.pack, ...known, this.decoder);
  }

  #tiles(photo: Size, reach: number): Crop[] {
    return tiles(this.#padded(photo), TILE_PX, this.#halo(reach), this.#multiple);
  }

  #squares(photo: Size): Crop[] {
    const [side, halo] = [roundUp(SQUARE_PX, this.#multiple), roundUp(SQUARE_HALO_PX, this.#multiple)];
    return squares(this.#padded(photo), SQUARES, side, this.#halo(halo), this.#multiple);
  }

  /** The reach, and enough for the codec to take the crop. */
  #halo(reach: number): number {
    return Math.max(reach, roundUp(this.pack.manifest.codec.minimum_px, this.#multiple));
  }

  #padded({ width, height }: Size): Size {
    return { width: roundUp(width, this.#multiple), height: roundUp(height, this.#multiple) };
  }

  get #multiple(): number {
    return this.pack.manifest.codec.multiple_px;
  }

  #seen(): Promise<number | undefined> {
    this.#reach ??= reachPx(this.pack);
    return this.#reach;
  }
}

/** Whether a picture takes more memory as a whole than there may be. */
export const isLarge = ({ width, height }: Size): boolean => width * height > WHOLE_PIXELS;

/** Whether the pack has the forms that tiles need. */
function canBeTiled(pack: Pack): boolean {
  const isFolded = (part: string): boolean =>
    pack.manifest.templates.some((template) => template.part === part && template.form === "folded");
  return canBeStaged(pack) && isFolded("bank");
}

const portions = (crops: readonly Crop[], take: (at: number) => readonly Tensor[]): Portion[] =>
  crops.map((crop, at) => ({ take: () => take(at), area: (width) => crop.area(width) }));
