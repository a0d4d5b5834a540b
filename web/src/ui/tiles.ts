/** A row of styles to choose from, each shown on the photo that is open. */
import type { Picture } from "../engine/picture";
import type { StyleInfo } from "../engine/style";
import { show } from "./show";

export class Tiles {
  readonly #canvases = new Map<string, HTMLCanvasElement>();
  readonly #inputs = new Map<string, HTMLInputElement>();

  constructor(
    private readonly box: HTMLElement,
    private readonly group: string,
    onChange: (style: string) => void,
  ) {
    box.addEventListener("change", ({ target }) => onChange((target as HTMLInputElement).value));
  }

  add({ name, title, artist }: StyleInfo): void {
    const label = document.createElement("label");
    label.className = "tile";
    label.title = artist ? `${title}, ${artist}` : title;
    const radio = document.createElement("input");
    radio.type = "radio";
    radio.name = this.group;
    radio.value = name;
    const picture = document.createElement("canvas");
    picture.width = 4;
    picture.height = 3;
    picture.setAttribute("aria-hidden", "true");
    const text = document.createElement("span");
    text.textContent = readable(name);
    label.append(radio, picture, text);
    this.box.append(label);
    this.#canvases.set(name, picture);
    this.#inputs.set(name, radio);
  }

  choose(style: string): void {
    const radio = this.#inputs.get(style);
    if (!radio) return;
    radio.checked = true;
    const { offsetLeft } = radio.parentElement as HTMLElement;
    if (this.box.scrollWidth > this.box.clientWidth) this.box.scrollLeft = offsetLeft - this.box.clientWidth / 3;
  }

  show(style: string, picture: Picture): void {
    const target = this.#canvases.get(style);
    if (!target) return;
    show(target, picture);
    target.parentElement?.classList.add("painted");
  }

  /** Marks all pictures as of another photo, until they are painted again. */
  fade(): void {
    for (const { parentElement } of this.#canvases.values()) parentElement?.classList.remove("painted");
  }
}

/** `starry_night` as people write it. */
export function readable(name: string): string {
  const words = name.replace(/[-_]+/g, " ");
  return words.charAt(0).toUpperCase() + words.slice(1);
}
