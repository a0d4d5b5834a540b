/** The photos that are open. One of them is in the worker; of the others there are the file and a small picture. */
import type { Size } from "../engine/picture";
import { box, contextOf } from "./elements";

const SMALL_PX = 112;

export interface AlbumPhoto {
  readonly id: string;
  readonly file: Blob;
  readonly name: string;
  size?: Size;
  /** Where the brush was, while another photo is open. */
  strokes?: ImageData | undefined;
}

export class Album {
  readonly photos: AlbumPhoto[] = [];
  readonly #film = box("film");
  #count = 0;
  #drawn: Promise<void> = Promise.resolve();

  constructor(
    private readonly onChoose: (photo: AlbumPhoto) => void,
    private readonly onClose: (photo: AlbumPhoto) => void,
  ) {}

  add(file: Blob, name: string): AlbumPhoto {
    const photo: AlbumPhoto = { id: `photo-${++this.#count}`, file, name };
    this.photos.push(photo);
    this.#film.append(this.#item(photo));
    this.#film.hidden = this.photos.length < 2;
    if (!this.#film.hidden) this.#drawMissing();
    return photo;
  }

  remove(photo: AlbumPhoto): void {
    this.photos.splice(this.photos.indexOf(photo), 1);
    this.#film.querySelector(`[data-id="${photo.id}"]`)?.remove();
    this.#film.hidden = this.photos.length < 2;
  }

  mark(photo: AlbumPhoto): void {
    for (const item of this.#film.children) {
      const isIt = (item as HTMLElement).dataset["id"] === photo.id;
      item.firstElementChild?.setAttribute("aria-pressed", String(isIt));
    }
  }

  /** Draws the small pictures that are not there yet, one at a time: each takes the memory of a photo. */
  #drawMissing(): void {
    for (const photo of this.photos) {
      const picture = this.#film.querySelector<HTMLCanvasElement>(`[data-id="${photo.id}"] canvas`);
      if (!picture || picture.width === SMALL_PX) continue;
      picture.width = picture.height = SMALL_PX;
      this.#drawn = this.#drawn.then(() => draw(picture, photo.file));
    }
  }

  #item(photo: AlbumPhoto): HTMLLIElement {
    const item = document.createElement("li");
    item.dataset["id"] = photo.id;
    const choose = document.createElement("button");
    choose.type = "button";
    choose.setAttribute("aria-label", photo.name);
    choose.onclick = () => this.onChoose(photo);
    const picture = document.createElement("canvas");
    choose.append(picture);
    const close = document.createElement("button");
    close.type = "button";
    close.className = "close";
    close.setAttribute("aria-label", `Close ${photo.name}`);
    close.textContent = "×";
    close.onclick = () => this.onClose(photo);
    item.append(choose, close);
    return item;
  }
}

/** Draws a small picture of the file; one that cannot be opened stays empty until it is chosen. */
async function draw(target: HTMLCanvasElement, file: Blob): Promise<void> {
  const bitmap = await createImageBitmap(file).catch(() => undefined);
  if (!bitmap) return;
  const side = Math.min(bitmap.width, bitmap.height);
  const left = (bitmap.width - side) / 2;
  const top = (bitmap.height - side) / 2;
  contextOf(target).drawImage(bitmap, left, top, side, side, 0, 0, SMALL_PX, SMALL_PX);
  bitmap.close();
}
