/** From strips of pixels to a file, without a second copy of the pixels. */
import type { Size } from "../engine/picture";
import { Problem } from "../engine/problem";

export type FileType = "image/jpeg" | "image/png" | "image/webp";

export const ENDINGS: Readonly<Record<FileType, string>> = {
  "image/jpeg": "jpg",
  "image/png": "png",
  "image/webp": "webp",
};
const QUALITY = 0.92;

/** Takes rows as they come, and gives the file at the end. */
export class Encoder {
  readonly #canvas: OffscreenCanvas;
  readonly #context: OffscreenCanvasRenderingContext2D;

  constructor(
    { width, height }: Size,
    private readonly type: FileType,
  ) {
    this.#canvas = new OffscreenCanvas(width, height);
    const context = this.#canvas.getContext("2d", { willReadFrequently: true });
    if (!context) throw new Problem("This browser has no memory left for the picture; close other tabs and try again.");
    this.#context = context;
  }

  take(rows: Uint8ClampedArray, top: number): void {
    if (this.type === "image/jpeg") putOnWhite(rows);
    const { width } = this.#canvas;
    this.#context.putImageData(new ImageData(rows as ImageDataArray, width, rows.length / 4 / width), 0, top);
  }

  async finish(): Promise<Blob> {
    const blob = await this.#canvas.convertToBlob({ type: this.type, quality: QUALITY });
    this.#canvas.width = this.#canvas.height = 0; // gives its memory back at once
    if (blob.type !== this.type) {
      throw new Problem(`This browser cannot write ${ENDINGS[this.type].toUpperCase()} files; choose another format.`);
    }
    return blob;
  }
}

/** JPEG has no transparency. */
function putOnWhite(rows: Uint8ClampedArray): void {
  for (let at = 0; at < rows.length; at += 4) {
    const alpha = rows[at + 3];
    if (alpha === 255) continue;
    for (let i = at; i < at + 3; i++) rows[i] = 255 + ((rows[i] - 255) * alpha) / 255;
    rows[at + 3] = 255;
  }
}
