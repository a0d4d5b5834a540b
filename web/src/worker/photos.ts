/** The photographs that are open: at full size, and as the page shows them. */
import { sizeToPaint } from "../engine/look";
import type { Picture, Size } from "../engine/picture";
import { Problem } from "../engine/problem";
import { resize } from "../engine/resample";
import { photoOf, type Photo } from "../engine/stylizer";

const THUMBNAIL_PX = 224;

interface OpenPhoto {
  readonly full: Photo;
  readonly view: Photo;
  readonly thumbnail: Photo;
}

export class Photos {
  readonly #open = new Map<string, OpenPhoto>();

  add(id: string, picture: Picture): OpenPhoto {
    const { width, height } = sizeToPaint(picture, "auto");
    const full = photoOf(id, picture);
    const view = { ...full, ...resized(picture, { width, height }), original: full };
    const scale = Math.min(1, THUMBNAIL_PX / Math.min(width, height));
    const small = { width: Math.round(width * scale), height: Math.round(height * scale) };
    const opened = { full, view, thumbnail: { ...full, ...resized(view, small) } };
    this.#open.set(id, opened);
    return opened;
  }

  get(id: string): OpenPhoto {
    const photo = this.#open.get(id);
    if (!photo) throw new Problem("That photo is closed; open it again.");
    return photo;
  }

  close(id: string): void {
    this.#open.delete(id);
  }
}

function resized(picture: Picture, { width, height }: Size): Picture {
  const { data } = picture;
  const small = resize(picture, width, height);
  if (small !== picture && hasAlpha(data)) copyAlpha(picture, small);
  return { data: small.data, width, height };
}

function hasAlpha(data: Uint8ClampedArray): boolean {
  for (let at = 3; at < data.length; at += 4) if (data[at] !== 255) return true;
  return false;
}

/** Takes the transparency of the nearest pixels: this is for looking at. */
function copyAlpha(from: Picture, to: Picture): void {
  for (let y = 0; y < to.height; y++) {
    const row = Math.floor(((y + 0.5) * from.height) / to.height) * from.width;
    for (let x = 0; x < to.width; x++) {
      const column = Math.floor(((x + 0.5) * from.width) / to.width);
      to.data[(y * to.width + x) * 4 + 3] = from.data[(row + column) * 4 + 3];
    }
  }
}
