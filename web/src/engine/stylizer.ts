/** One codec in memory, and styles that come as they are asked for. Runs one job at a time. */
import { LayerRows, type Layer } from "./finish";
import { isLarge, LargePainter } from "./large/large";
import { typicalShare } from "./likeness";
import { reach, sizeToPaint, spread, type Look, type Weighted } from "./look";
import type { Pack } from "./pack";
import { hasStyle, keyOf, openCodecPart, PhotographPainter, SteadyPainter, type Painter } from "./painters";
import { toNetwork, type Picture, type Size, type Tensor } from "./picture";
import { Problem } from "./problem";
import { Recent } from "./recent";
import { RegionRows, type Mask } from "./regions";
import { resize } from "./resample";
import type { PartSession } from "./session";
import { canBeStaged } from "./staged";
import type { StyleInfo } from "./style";
import { PLAIN, Styles } from "./styles";
import { between, decode, strips, type Checkpoint } from "./strips";

const PAINTED_KEPT = 3;
const LARGE_KEPT = 2; // two parts of one picture
// How much of the time each step takes, for the progress.
const PAINTING_SHARE = 0.95;
const LARGE_PAINTING_SHARE = 0.5;
const ENCODER_SHARE = 0.15;
const BANK_SHARE = 0.6;

/** A photograph, maybe smaller than it came. */
export interface Photo extends Picture {
  /** A name that no other photograph has. */
  readonly id: string;
  /** How much of its statistics should be a typical photograph's: that of the photograph as it came. */
  readonly typicalShare: number;
  /** The photograph as it came, of one that is smaller: strokes that are finer than this has are painted on that. */
  readonly original?: Photo;
}

/** A photograph as it came. */
export const photoOf = (id: string, picture: Picture): Photo => ({
  ...picture,
  id,
  typicalShare: typicalShare(picture),
});

/** What to make of a photograph: a look, and maybe another one where a mask says so. */
export interface Edit {
  readonly look: Look;
  readonly region?: { readonly look: Look; readonly mask: Mask };
}

interface Painters {
  readonly photographs: Painter;
  readonly others: Painter;
  readonly large: LargePainter | undefined;
}

export class Stylizer {
  readonly #codes = new Recent<Tensor[]>(1);
  readonly #painted = new Recent<Picture>(PAINTED_KEPT);
  readonly #large = new Recent<Picture>(LARGE_KEPT);

  private constructor(
    readonly pack: Pack,
    private readonly styles: Styles,
    private readonly decoder: PartSession,
    private readonly painters: Painters,
  ) {}

  /** Opens a pack; `readTypical` gives the picture that stands for photographs, and is called when it is needed. */
  static async open(pack: Pack, readTypical: () => Promise<Picture>): Promise<Stylizer> {
    const styles = new Styles(pack);
    const photographs = await PhotographPainter.open(pack, styles);
    const decoder = await openCodecPart(pack, "decoder");
    if (!canBeStaged(pack)) {
      return new Stylizer(pack, styles, decoder, { photographs, others: photographs, large: undefined });
    }
    const others = new SteadyPainter(pack, styles, readTypical);
    return new Stylizer(pack, styles, decoder, { photographs, others, large: new LargePainter(pack, others, decoder) });
  }

  /** Takes in a style that is not the pack's; one of the same name makes way. */
  add(bytes: Uint8Array, what: string): StyleInfo {
    const info = this.styles.add(bytes, what);
    for (const painter of [this.painters.photographs, this.painters.others]) painter.forget(info.name);
    for (const kept of [this.#painted, this.#large]) kept.forget((key) => hasStyle(key, info.name));
    return info;
  }

  info(name: string): Promise<StyleInfo> {
    return this.styles.info(name);
  }

  check(size: Size, name = "A photo"): void {
    const minimum = this.pack.manifest.codec.minimum_px;
    if (Math.min(size.width, size.height) < minimum) {
      throw new Problem(
        `${name} of ${size.width}×${size.height} pixels is too small to paint; both sides need at least ${minimum}.`,
      );
    }
  }

  /** Paints the photograph and gives the finished picture to `take`, a strip of opaque rows at a time. */
  async render(
    photo: Photo,
    edit: Edit,
    take: (rows: Uint8ClampedArray, top: number) => void,
    checkpoint: Checkpoint,
  ): Promise<void> {
    const painting = isLarge(photo) ? LARGE_PAINTING_SHARE : PAINTING_SHARE;
    const source = await this.#rows(photo, edit, between(checkpoint, 0, painting));
    if (isLarge(photo)) this.#codes.forget(() => true); // memory is scarce from here on
    for (const [top, bottom] of strips(photo.height, photo.width)) {
      const rows = source.rows(top, bottom);
      copyAlpha(photo, top, rows);
      take(rows, top);
      await checkpoint(painting + (1 - painting) * (bottom / photo.height));
    }
  }

  /** Lets go of what is kept of a photograph. */
  forget(photoId: string): void {
    const isOf = (key: string): boolean => key.startsWith(`${photoId} `);
    for (const kept of [this.#codes, this.#painted, this.#large]) kept.forget(isOf);
  }

  async #rows(photo: Photo, { look, region }: Edit, checkpoint: Checkpoint): Promise<LayerRows | RegionRows> {
    this.check(photo);
    const half = region ? 0.5 : 1;
    const outside = new LayerRows(photo, await this.#layer(photo, look, between(checkpoint, 0, half)));
    if (!region) return outside;
    const second = await this.#layer(photo, region.look, between(checkpoint, half, 1));
    return new RegionRows(region.mask, new LayerRows(photo, second), outside);
  }

  async #layer(photo: Photo, look: Look, checkpoint: Checkpoint): Promise<Layer> {
    const share = this.#hasPlain ? spread(look.strength).share : look.strength;
    const { colors } = look;
    if (share === 0) return { share, colors };
    const { source, size } = toPaint(photo, look);
    const bank = this.#weightsOf(look);
    const key = `${photo.id} ${size.width}×${size.height} ${keyOf(bank)}`;
    if (isLarge(photo) && !isLarge(size)) this.#large.forget(() => true); // they take much memory
    const painted = await (isLarge(size) ? this.#large : this.#painted).get(key, () =>
      this.#paint(source, size, bank, checkpoint),
    );
    return { painted: source === photo ? painted : resize(painted, photo.width, photo.height), share, colors };
  }

  async #paint(photo: Photo, size: Size, bank: Weighted, checkpoint: Checkpoint): Promise<Picture> {
    const { photographs, others, large } = this.painters;
    const share = photo.typicalShare;
    if (await large?.takes(size)) {
      for (const kept of [this.#codes, this.#painted]) kept.forget(() => true);
      return (large as LargePainter).paint(resize(photo, size.width, size.height), bank, share, checkpoint);
    }
    const painter = share ? others : photographs;
    const code = await this.#code(photo, size, painter);
    await checkpoint(ENCODER_SHARE);
    const painted = await painter.paint(code, bank, share, between(checkpoint, ENCODER_SHARE, BANK_SHARE));
    await checkpoint(BANK_SHARE);
    const { painted: facts, norms } = this.pack.manifest.codec;
    const how = { whole: norms.decoder.length > 0, checkpoint: between(checkpoint, BANK_SHARE, 1) };
    return decode(this.decoder, painted, size, facts, how);
  }

  #code(photo: Photo, size: Size, painter: Painter): Promise<Tensor[]> {
    return this.#codes.get(`${photo.id} ${size.width}×${size.height}`, () => {
      const small = resize(photo, size.width, size.height);
      return painter.encode(toNetwork(small, this.pack.manifest.codec.multiple_px), photo.typicalShare);
    });
  }

  get #hasPlain(): boolean {
    return this.pack.manifest.plain !== undefined;
  }

  #weightsOf(look: Look): Weighted {
    const styles = look.styles.filter(([, weight]) => weight !== 0);
    return reach(styles, PLAIN, this.#hasPlain ? spread(look.strength).far : 1);
  }
}

/** What is painted for a photograph, and at which size: itself, or where the strokes ask for more, its original. */
function toPaint(photo: Photo, { strokes }: Look): { source: Photo; size: Size } {
  const { original } = photo;
  const size = sizeToPaint(original ?? photo, strokes);
  if (original && size.width > photo.width) return { source: original, size };
  return { source: photo, size: sizeToPaint(photo, strokes) };
}

function copyAlpha(photo: Picture, top: number, rows: Uint8ClampedArray): void {
  const start = top * photo.width * 4;
  for (let at = 3; at < rows.length; at += 4) rows[at] = photo.data[start + at];
}
