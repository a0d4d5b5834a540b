/** What a file is, by its first bytes, and how large the picture in it is, before anything is decoded. */
import type { Size } from "../engine/picture";

export type Kind = "jpeg" | "png" | "webp" | "gif" | "avif" | "heic" | "bmp" | "tiff" | "svg" | "style" | "unknown";

/** Bytes as letters of the same numbers; a TextDecoder would turn some of them into others. */
const letters = (bytes: Uint8Array): string => String.fromCharCode(...bytes);

export function kindOf(head: Uint8Array): Kind {
  const text = letters(head.subarray(0, 64));
  if (head[0] === 0xff && head[1] === 0xd8 && head[2] === 0xff) return "jpeg";
  if (text.startsWith("\x89PNG\r\n\x1a\n")) return "png";
  if (text.startsWith("RIFF") && text.slice(8, 12) === "WEBP") return "webp";
  if (text.startsWith("GIF8")) return "gif";
  if (text.startsWith("BM")) return "bmp";
  if (text.startsWith("II*\0") || text.startsWith("MM\0*")) return "tiff";
  if (text.slice(4, 8) === "ftyp") return /avif|avis/.test(text.slice(8, 32)) ? "avif" : "heic";
  if (head[8] === 0x7b && head[6] === 0 && head[7] === 0) return "style";
  return /^\s*<(\?xml|svg|!doctype svg)/i.test(text) ? "svg" : "unknown";
}

/** The size that a picture's header announces, or nothing where we cannot tell; not turned as EXIF says. */
export function announcedSize(kind: Kind, head: Uint8Array): Size | undefined {
  const view = new DataView(head.buffer, head.byteOffset, head.byteLength);
  try {
    if (kind === "png") return { width: view.getUint32(16), height: view.getUint32(20) };
    if (kind === "gif") return { width: view.getUint16(6, true), height: view.getUint16(8, true) };
    if (kind === "bmp") return { width: view.getInt32(18, true), height: Math.abs(view.getInt32(22, true)) };
    if (kind === "jpeg") return jpegSize(view);
    return kind === "webp" ? webpSize(view) : undefined;
  } catch {
    return undefined; // the header ends early: the decoder will say so
  }
}

function jpegSize(view: DataView): Size | undefined {
  for (let at = 2; view.getUint8(at) === 0xff;) {
    const marker = view.getUint8(at + 1);
    const isFrame = marker >= 0xc0 && marker <= 0xcf && ![0xc4, 0xc8, 0xcc].includes(marker);
    if (isFrame) return { width: view.getUint16(at + 7), height: view.getUint16(at + 5) };
    at += 2 + view.getUint16(at + 2);
  }
  return undefined;
}

function webpSize(view: DataView): Size | undefined {
  const chunk = letters(new Uint8Array(view.buffer, view.byteOffset + 12, 4));
  const uint24 = (at: number): number => view.getUint16(at, true) | (view.getUint8(at + 2) << 16);
  if (chunk === "VP8X") return { width: uint24(24) + 1, height: uint24(27) + 1 };
  if (chunk === "VP8 ") return { width: view.getUint16(26, true) & 0x3fff, height: view.getUint16(28, true) & 0x3fff };
  if (chunk !== "VP8L") return undefined;
  const bits = view.getUint32(21, true);
  return { width: (bits & 0x3fff) + 1, height: ((bits >> 14) & 0x3fff) + 1 };
}
