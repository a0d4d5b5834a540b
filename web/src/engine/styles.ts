/** The styles at hand: those of a pack come as they are asked for, and others can be added. */
import { mix, type Weighted, type Weights } from "./look";
import { selectWeights, type Pack } from "./pack";
import { Problem } from "./problem";
import type { Style, StyleInfo } from "./style";

/** The style that paints the photograph itself. */
export const PLAIN = "plain";

export class Styles {
  readonly #known = new Map<string, Style>();

  constructor(private readonly pack: Pack) {}

  /** Takes in a style that is not the pack's; one of the same name makes way. */
  add(bytes: Uint8Array, what: string): StyleInfo {
    const style = this.pack.checkStyle(bytes, what);
    const { name } = style.info;
    if (this.pack.manifest.styles.some((known) => known.name === name) || name === PLAIN) {
      throw new Problem(
        `${what} is called ${name} inside, as a style of this page is; train it again under another name.`,
      );
    }
    this.#known.set(name, style);
    return style.info;
  }

  async info(name: string): Promise<StyleInfo> {
    return (await this.#style(name)).info;
  }

  /** The numbers of a bank that is a mixture. */
  async mixed(styles: Weighted): Promise<Weights> {
    const template = this.pack.template("bank");
    const parts: [Weights, number][] = [];
    for (const [name, weight] of styles) {
      parts.push([selectWeights(template, (await this.#style(name)).tensors, name), weight]);
    }
    return mix(parts);
  }

  async #style(name: string): Promise<Style> {
    const known = this.#known.get(name);
    if (known) return known;
    const style = await this.pack.style(name);
    this.#known.set(name, style);
    return style;
  }
}
