/** What takes a picture through the encoder and a bank: by its own statistics, or by those beside a photograph. */
import type { Weighted, Weights } from "./look";
import { selectWeights, type Pack, type PartName } from "./pack";
import { toNetwork, type Picture, type Tensor } from "./picture";
import { Recent } from "./recent";
import { PartSession } from "./session";
import { StagedPart } from "./staged";
import type { Checkpoint } from "./strips";
import type { Styles } from "./styles";

const BANKS_KEPT = 16;

/** `share` is how much of the statistics is a typical photograph's. */
export interface Painter {
  /** Returns what the banks take for an image. */
  encode(image: Tensor, share: number): Promise<Tensor[]>;
  /** Returns what the decoder takes. */
  paint(code: readonly Tensor[], styles: Weighted, share: number, checkpoint: Checkpoint): Promise<Tensor[]>;
  /** Lets go of a style's banks. */
  forget(style: string): void;
}

/** For photographs: all statistics are the picture's own. */
export class PhotographPainter implements Painter {
  readonly #banks = new Recent<PartSession>(BANKS_KEPT, (bank) => void bank.close());

  private constructor(
    private readonly pack: Pack,
    private readonly styles: Styles,
    private readonly encoder: PartSession,
  ) {}

  static async open(pack: Pack, styles: Styles): Promise<PhotographPainter> {
    return new PhotographPainter(pack, styles, await openCodecPart(pack, "encoder"));
  }

  encode(image: Tensor): Promise<Tensor[]> {
    return this.encoder.run([image]);
  }

  async paint(code: readonly Tensor[], styles: Weighted): Promise<Tensor[]> {
    const bank = await this.#banks.get(keyOf(styles), async () =>
      PartSession.open(this.pack, this.pack.template("bank"), await this.styles.mixed(styles)),
    );
    return bank.run(code);
  }

  forget(style: string): void {
    this.#banks.forget((key) => hasStyle(key, style));
  }
}

/** For pages, drawings and noise, and for what is measured in parts. It is opened when the first one comes. */
export class SteadyPainter implements Painter {
  readonly #banks = new Recent<StagedPart>(BANKS_KEPT, (bank) => bank.close());
  #opened: { readonly encoder: StagedPart; readonly typical: readonly Tensor[] } | undefined;

  /** `readTypical` gives the picture that stands for photographs. */
  constructor(
    private readonly pack: Pack,
    private readonly styles: Styles,
    private readonly readTypical: () => Promise<Picture>,
  ) {}

  async encode(image: Tensor, share: number): Promise<Tensor[]> {
    return (await this.encoder()).run([image], share);
  }

  async paint(code: readonly Tensor[], styles: Weighted, share: number, checkpoint: Checkpoint): Promise<Tensor[]> {
    return (await this.bank(styles)).run(code, share, checkpoint);
  }

  async encoder(): Promise<StagedPart> {
    return (await this.#open()).encoder;
  }

  bank(styles: Weighted): Promise<StagedPart> {
    return this.#banks.get(keyOf(styles), async () => {
      const { typical } = await this.#open();
      const opened = await StagedPart.open(this.pack, "bank", await this.styles.mixed(styles));
      await opened.learn(typical);
      return opened;
    });
  }

  forget(style: string): void {
    this.#banks.forget((key) => hasStyle(key, style));
  }

  async #open(): Promise<{ readonly encoder: StagedPart; readonly typical: readonly Tensor[] }> {
    if (!this.#opened) {
      const picture = await this.readTypical();
      const encoder = await StagedPart.open(this.pack, "encoder", codecWeights(this.pack, "encoder"));
      const typical = await encoder.learn([toNetwork(picture, this.pack.manifest.codec.multiple_px)]);
      this.#opened = { encoder, typical };
    }
    return this.#opened;
  }
}

/** Opens a part that all styles share. */
export function openCodecPart(pack: Pack, part: PartName): Promise<PartSession> {
  return PartSession.open(pack, pack.template(part), codecWeights(pack, part));
}

function codecWeights(pack: Pack, part: PartName): Weights {
  return selectWeights(pack.template(part), pack.codec, "codec.safetensors");
}

/** A name for a mixture, in which each style's can be found. */
export const keyOf = (styles: Weighted): string => JSON.stringify(styles);

export const hasStyle = (key: string, style: string): boolean => key.includes(`"${style}"`);
