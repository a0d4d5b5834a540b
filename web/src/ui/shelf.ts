/** The styles that there are, wherever they are shown: the first one's tiles, the second one's, the camera's. */
import type { Picture } from "../engine/picture";
import type { StyleInfo } from "../engine/style";
import { forgetStyle, keepStyle, keptStyles } from "../offline/kept-styles";
import type { WorkerClient } from "../worker/client";
import { box } from "./elements";
import { tellGood } from "./messages";
import { readable, Tiles } from "./tiles";

/** Other places that show styles. */
export interface StylePlace {
  add(style: StyleInfo): void;
  show(style: string, picture: Picture): void;
  choose(style: string): void;
}

export class Shelf {
  readonly #first = new Tiles(box("styles"), "style", (style) => this.choose(style));
  readonly #second = new Tiles(box("second-styles"), "second", (style) => this.#chooseSecond(style));
  readonly #styles = new Map<string, StyleInfo>();
  style = "";
  second = "";

  constructor(
    private readonly client: WorkerClient,
    private readonly camera: StylePlace,
    private readonly onChange: () => void,
  ) {}

  get names(): readonly string[] {
    return [...this.#styles.keys()];
  }

  /** Puts up the pack's styles, and those that were kept at another visit. */
  async fill(styles: readonly StyleInfo[]): Promise<void> {
    for (const style of styles) this.#add(style);
    for (const { name, bytes } of await keptStyles()) {
      await this.client.call("addStyle", { bytes, what: name }).then(
        (style) => this.#add(style),
        () => forgetStyle(name), // it was made for another pack
      );
    }
    const [first, second = first] = this.names;
    this.#chooseSecond(second);
    this.choose(first);
  }

  /** Takes in a style file that a person gives, and keeps it. */
  async take(file: File): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const style = await this.client.call("addStyle", { bytes, what: file.name });
    this.#add(style);
    this.choose(style.name);
    tellGood(`${readable(style.name)} is a new style.`);
    await keepStyle(style.name, bytes);
  }

  choose(style: string): void {
    this.style = style;
    this.#first.choose(style);
    this.camera.choose(style);
    const { title, artist, year } = this.#styles.get(style) as StyleInfo;
    const about = box("style-about");
    about.textContent = about.title = [title, artist, year].filter(Boolean).join(", ");
    this.onChange();
  }

  /** Shows a style on the photo that is open. */
  show(style: string, picture: Picture): void {
    for (const place of [this.#first, this.#second, this.camera]) place.show(style, picture);
  }

  /** Marks all pictures as of another photo, until they are painted again. */
  fade(): void {
    this.#first.fade();
    this.#second.fade();
  }

  get isFaded(): boolean {
    return box("styles").querySelector(".tile:not(.painted)") !== null;
  }

  /** Brings the second style into view, once its tiles are. */
  bringSecond(): void {
    this.#second.choose(this.second);
  }

  #chooseSecond(style: string): void {
    this.second = style;
    this.#second.choose(style);
    this.onChange();
  }

  #add(style: StyleInfo): void {
    if (this.#styles.has(style.name)) return;
    this.#styles.set(style.name, style);
    for (const place of [this.#first, this.#second, this.camera]) place.add(style);
  }
}
