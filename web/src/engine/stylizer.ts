/** One codec in memory, and styles that come as they are asked for. Runs one job at a time. */
import { LayerRows, type Layer } from "./finish";
import { typicalShare } from "./likeness";
import { AUTO_FROM_PIXELS, mix, reach, sizeToPaint, spread, type Look, type Weighted, type Weights } from "./look";
import { Pack, selectWeights } from "./pack";
import { toNetwork, type Picture, type Size, type Tensor } from "./picture";
import { Problem } from "./problem";
import { Recent } from "./recent";
import { RegionRows, type Mask } from "./regions";
import { resize } from "./resample";
import { PartSession } from "./session";
import { canBeSteadied, SteadyPart } from "./steady";
import type { Style, StyleInfo } from "./style";
import { decode, strips, type Checkpoint } from "./strips";

const PLAIN = "plain";
const BANKS_KEPT = 16;
const PAINTED_KEPT = 3;
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

/** What encodes pictures unlike photographs, and what it makes of the typical one. */
interface SteadyEncoder {
  readonly encoder: SteadyPart;
  readonly typical: readonly Tensor[];
}

export class Stylizer {
  readonly #styles = new Map<string, Style>();
  readonly #banks = new Recent<PartSession>(BANKS_KEPT, (bank) => void bank.close());
  readonly #steadyBanks = new Recent<SteadyPart>(BANKS_KEPT, (bank) => bank.close());
  readonly #codes = new Recent<Tensor[]>(1);
  readonly #painted = new Recent<Picture>(PAINTED_KEPT);
  #steady: SteadyEncoder | undefined;

  private constructor(
    readonly pack: Pack,
    private readonly encoder: PartSession,
    private readonly decoder: PartSession,
    private readonly readTypical: () => Promise<Picture>,
  ) {}

  /** Opens a pack; `readTypical` gives the picture that stands for photographs, and is called when it is needed. */
  static async open(pack: Pack, readTypical: () => Promise<Picture>): Promise<Stylizer> {
    const part = (name: "encoder" | "decoder"): Promise<PartSession> =>
      PartSession.open(pack, pack.template(name), codecWeights(pack, name));
    return new Stylizer(pack, await part("encoder"), await part("decoder"), readTypical);
  }

  /** Takes in a style that is not the pack's; one of the same name makes way. */
  add(bytes: Uint8Array, what: string): StyleInfo {
    const style = this.pack.checkStyle(bytes, what);
    const { name } = style.info;
    if (this.pack.manifest.styles.some((known) => known.name === name) || name === PLAIN) {
      throw new Problem(`There is a style called ${name} already.`);
    }
    this.#styles.set(name, style);
    const hasIt = (key: string): boolean => key.includes(`"${name}"`);
    for (const kept of [this.#banks, this.#steadyBanks, this.#painted]) kept.forget(hasIt);
    return style.info;
  }

  async info(name: string): Promise<StyleInfo> {
    return (await this.#style(name)).info;
  }

  check(size: Size): void {
    const minimum = this.pack.manifest.codec.minimum_px;
    if (Math.min(size.width, size.height) < minimum) {
      throw new Problem(
        `A photo of ${size.width}×${size.height} pixels is too small to paint; both sides need at least ${minimum}.`,
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
    const isLarge = photo.width * photo.height > AUTO_FROM_PIXELS;
    const painting = isLarge ? LARGE_PAINTING_SHARE : PAINTING_SHARE;
    const source = await this.#rows(photo, edit, (done) => checkpoint(done * painting));
    if (isLarge) this.#codes.forget(() => true); // memory is scarce from here on
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
    this.#codes.forget(isOf);
    this.#painted.forget(isOf);
  }

  async #rows(photo: Photo, { look, region }: Edit, checkpoint: Checkpoint): Promise<LayerRows | RegionRows> {
    this.check(photo);
    const half = region ? 0.5 : 1;
    const outside = new LayerRows(photo, await this.#layer(photo, look, (done) => checkpoint(done * half)));
    if (!region) return outside;
    const second = await this.#layer(photo, region.look, (done) => checkpoint(half + done * half));
    return new RegionRows(region.mask, new LayerRows(photo, second), outside);
  }

  async #layer(photo: Photo, look: Look, checkpoint: Checkpoint): Promise<Layer> {
    const share = this.#hasPlain ? spread(look.strength).share : look.strength;
    const { colors } = look;
    if (share === 0) return { share, colors };
    const size = sizeToPaint(photo, look.strokes);
    const bank = this.#weightsOf(look);
    const key = `${photo.id} ${size.width}×${size.height} ${JSON.stringify(bank)}`;
    return { painted: await this.#painted.get(key, () => this.#paint(photo, size, bank, checkpoint)), share, colors };
  }

  async #paint(photo: Photo, size: Size, bank: Weighted, checkpoint: Checkpoint): Promise<Picture> {
    const isSteady = photo.typicalShare > 0 && canBeSteadied(this.pack);
    const painted = isSteady
      ? await this.#runSteady(photo, size, bank, checkpoint)
      : await this.#run(photo, size, bank, checkpoint);
    await checkpoint(BANK_SHARE);
    const { painted: facts, norms } = this.pack.manifest.codec;
    const later: Checkpoint = (done) => checkpoint(BANK_SHARE + (1 - BANK_SHARE) * done);
    return decode(this.decoder, painted, size, facts, norms.decoder.length > 0, later);
  }

  /** Runs encoder and bank by the picture's own statistics. */
  async #run(photo: Photo, size: Size, bank: Weighted, checkpoint: Checkpoint): Promise<Tensor[]> {
    const session = await this.#bank(bank);
    const code = await this.#code(photo, size, (image) => this.encoder.run([image]));
    await checkpoint(ENCODER_SHARE);
    return session.run(code);
  }

  /** Runs encoder and bank by the statistics that the picture has beside a typical photograph. */
  async #runSteady(photo: Photo, size: Size, bank: Weighted, checkpoint: Checkpoint): Promise<Tensor[]> {
    const share = photo.typicalShare;
    const { encoder, typical } = await this.#steadyEncoder();
    const session = await this.#steadyBank(bank, typical);
    const code = await this.#code(photo, size, (image) => encoder.run([image], share));
    await checkpoint(ENCODER_SHARE);
    return session.run(code, share, (done) => checkpoint(ENCODER_SHARE + (BANK_SHARE - ENCODER_SHARE) * done));
  }

  #code(photo: Photo, size: Size, encode: (image: Tensor) => Promise<Tensor[]>): Promise<Tensor[]> {
    return this.#codes.get(`${photo.id} ${size.width}×${size.height}`, () => {
      const small = resize(photo, size.width, size.height);
      return encode(toNetwork(small, this.pack.manifest.codec.multiple_px));
    });
  }

  async #steadyEncoder(): Promise<SteadyEncoder> {
    if (this.#steady) return this.#steady;
    const picture = await this.readTypical();
    const encoder = await SteadyPart.open(this.pack, "encoder", codecWeights(this.pack, "encoder"));
    const typical = await encoder.learn([toNetwork(picture, this.pack.manifest.codec.multiple_px)]);
    this.#steady = { encoder, typical };
    return this.#steady;
  }

  get #hasPlain(): boolean {
    return this.pack.manifest.plain !== undefined;
  }

  #weightsOf(look: Look): Weighted {
    const styles = look.styles.filter(([, weight]) => weight !== 0);
    return reach(styles, PLAIN, this.#hasPlain ? spread(look.strength).far : 1);
  }

  #bank(styles: Weighted): Promise<PartSession> {
    return this.#banks.get(JSON.stringify(styles), async () =>
      PartSession.open(this.pack, this.pack.template("bank"), await this.#mixed(styles)),
    );
  }

  #steadyBank(styles: Weighted, typical: readonly Tensor[]): Promise<SteadyPart> {
    return this.#steadyBanks.get(JSON.stringify(styles), async () => {
      const bank = await SteadyPart.open(this.pack, "bank", await this.#mixed(styles));
      await bank.learn(typical);
      return bank;
    });
  }

  async #mixed(styles: Weighted): Promise<Weights> {
    const template = this.pack.template("bank");
    const parts: [Weights, number][] = [];
    for (const [name, weight] of styles) {
      parts.push([selectWeights(template, (await this.#style(name)).tensors, name), weight]);
    }
    return mix(parts);
  }

  async #style(name: string): Promise<Style> {
    const known = this.#styles.get(name);
    if (known) return known;
    const style = await this.pack.style(name);
    this.#styles.set(name, style);
    return style;
  }
}

function codecWeights(pack: Pack, part: "encoder" | "decoder"): Weights {
  return selectWeights(pack.template(part), pack.codec, "codec.safetensors");
}

function copyAlpha(photo: Picture, top: number, rows: Uint8ClampedArray): void {
  const start = top * photo.width * 4;
  for (let at = 3; at < rows.length; at += 4) rows[at] = photo.data[start + at];
}
