/** Paints pictures that are too large for one call: tile by tile, with the statistics of the whole picture. */
import type { Weighted } from "../look";
import type { Pack, PartName } from "../pack";
import type { SteadyPainter } from "../painters";
import { emptyPicture, roundUp, type Picture, type Size, type Tensor } from "../picture";
import type { PartSession } from "../session";
import type { Portion, StagedPart } from "../staged";
import type { Affines } from "../statistics";
import { between, type Checkpoint } from "../strips";
import { pixelsOf, squares, tiles, type Crop } from "./crops";
import { reachPx } from "./reach";
import { openFolded, TilePainter } from "./tile-painter";

const WHOLE_PIXELS = 2_500_000; // a preview's, but for panoramas
const TILE_PX = 768;
// The runtime samples a picture by the same squares.
const SQUARES = 800;
const SQUARE_PX = 64;
const SQUARE_HALO_PX = 24;
const ENCODER_SHARE = 0.05;
const MEASURING_SHARE = 0.65;

/** For packs that can be staged. */
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
    const [encoder, bank] = [await this.parts.encoder(), await this.parts.bank(styles)];
    const [all, crops] = await this.#crops(photo);
    const image = (crop: Crop): Tensor[] => [crop.of(photo, this.pack.manifest.codec.multiple_px)];
    const opened: PartSession[] = [];
    const open = async (part: PartName, { weights }: StagedPart, affines: Affines): Promise<PartSession> => {
      opened.push(await openFolded(this.pack, part, weights, affines));
      return opened[opened.length - 1];
    };
    try {
      const images = portions(crops, (crop) => Promise.resolve(image(crop)));
      const { affines } = await encoder.measure(images, share, between(checkpoint, 0, ENCODER_SHARE));
      const folded = await open("encoder", encoder, affines);
      const codes = portions(crops, (crop) => folded.run(image(crop)));
      const measured = await bank.measure(codes, share, between(checkpoint, ENCODER_SHARE, MEASURING_SHARE));
      const painter = new TilePainter(this.pack, folded, await open("bank", bank, measured.affines), this.decoder);
      return await paintTiles(painter, photo, all, between(checkpoint, MEASURING_SHARE, 1));
    } finally {
      for (const part of opened) void part.close();
    }
  }

  /** The tiles of a photograph, and on which crops it is measured: squares, or the tiles where those are less. */
  async #crops(photo: Size): Promise<[tiles: Crop[], measured: Crop[]]> {
    const all = this.#tiles(photo, (await this.#seen()) as number);
    const sample = this.#squares(photo);
    return [all, pixelsOf(sample) < pixelsOf(all) ? sample : all];
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

/** Whether the pack has the form that tiles need. */
const canBeTiled = ({ manifest }: Pack): boolean =>
  manifest.templates.some(({ part, form }) => part === "bank" && form === "folded");

const portions = (crops: readonly Crop[], take: (crop: Crop) => Promise<readonly Tensor[]>): Portion[] =>
  crops.map((crop) => ({ take: () => take(crop), area: (width) => crop.area(width) }));

async function paintTiles(
  painter: TilePainter,
  photo: Picture,
  crops: readonly Crop[],
  checkpoint: Checkpoint,
): Promise<Picture> {
  const out = emptyPicture(photo.width, photo.height);
  for (const [at, crop] of crops.entries()) {
    await painter.paint(crop, photo, out);
    await checkpoint((at + 1) / crops.length);
  }
  return out;
}
