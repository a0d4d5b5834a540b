/** From a file to pixels, upright, a strip at a time so that they are in memory once. */
import { emptyPicture, type Picture, type Size } from "../engine/picture";
import { Problem } from "../engine/problem";
import { announcedSize, kindOf, type Kind } from "./sniff";

export const LARGEST_PIXELS = 50_000_000;
const HEAD_BYTES = 2 ** 18;
const STRIP_ROWS = 256;

const NAMES: Partial<Record<Kind, string>> = { heic: "HEIC", tiff: "TIFF", svg: "SVG", avif: "AVIF", bmp: "BMP" };

/**
 * Throws a Problem for what is seen without decoding it: too many pixels, or nothing that this browser opens. What was
 * open before need not make way for it.
 */
export async function checkFile(file: Blob, name: string): Promise<void> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const kind = kindOf(head);
  checkSize(announcedSize(kind, head), name);
  if (kind === "unknown" || kind === "style" || file.size === 0) (await open(file, kind, name)).close();
}

export async function decode(file: Blob, name: string): Promise<Picture> {
  const head = new Uint8Array(await file.slice(0, HEAD_BYTES).arrayBuffer());
  const kind = kindOf(head);
  checkSize(announcedSize(kind, head), name);
  const bitmap = await open(file, kind, name);
  try {
    checkSize(bitmap, name);
    return read(bitmap);
  } finally {
    bitmap.close();
  }
}

function checkSize(size: Size | undefined, name: string): void {
  if (!size || size.width * size.height <= LARGEST_PIXELS) return;
  const megapixels = Math.round((size.width * size.height) / 1e6);
  throw new Problem(
    `${name} has ${megapixels} megapixels, and this page takes up to ${LARGEST_PIXELS / 1e6}; make it smaller first.`,
  );
}

async function open(file: Blob, kind: Kind, name: string): Promise<ImageBitmap> {
  try {
    return await createImageBitmap(file, { imageOrientation: "from-image", premultiplyAlpha: "none" });
  } catch {
    throw new Problem(unreadable(file, kind, name));
  }
}

function unreadable(file: Blob, kind: Kind, name: string): string {
  if (file.size === 0) return `${name} is empty.`;
  if (kind === "unknown" || kind === "style") return `${name} is not a picture that this page can open.`;
  const known = NAMES[kind];
  if (known) return `This browser cannot open ${known} pictures like ${name}; save it as JPEG or PNG first.`;
  return `${name} is damaged: the browser cannot open it.`;
}

function read(bitmap: ImageBitmap): Picture {
  const { width, height } = bitmap;
  const picture = emptyPicture(width, height);
  const canvas = new OffscreenCanvas(width, Math.min(height, STRIP_ROWS));
  const context = canvas.getContext("2d", { willReadFrequently: true });
  if (!context) throw new Problem("This browser has no memory left for the photo; close other tabs.");
  for (let top = 0; top < height; top += STRIP_ROWS) {
    const rows = Math.min(STRIP_ROWS, height - top);
    context.clearRect(0, 0, width, rows);
    context.drawImage(bitmap, 0, -top);
    picture.data.set(context.getImageData(0, 0, width, rows).data, top * width * 4);
  }
  return picture;
}
