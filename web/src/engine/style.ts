/** Style files: who a style is, and the numbers of its bank. */
import { Problem } from "./problem";
import { isObject, readSafetensors, type StoredTensor } from "./safetensors";

export const STYLE_LIMIT_BYTES = 16_000_000;
const FORMAT = "nst-style";
const FORMAT_VERSION = 1;
const NAME = /^[a-z0-9][a-z0-9_-]{0,63}$/;
const LONGEST_TEXT = 80;

/** What people read of a style. */
export interface StyleInfo {
  readonly name: string;
  readonly title: string;
  readonly artist: string;
  readonly year: string;
}

export interface Style {
  readonly info: StyleInfo;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

/** Reads a style for the codec with this hash; `what` names the file in the sentences. */
export function readStyle(bytes: Uint8Array, codec: string, what: string): Style {
  if (bytes.length > STYLE_LIMIT_BYTES) throw new Problem(`${what} is larger than 16 MB, and so not a style file.`);
  const { record, tensors } = readSafetensors(bytes, what);
  return { info: checkRecord(record, codec, what), tensors };
}

function checkRecord(record: unknown, codec: string, what: string): StyleInfo {
  if (!isObject(record) || record["format"] !== FORMAT) throw new Problem(`${what} is not a style file.`);
  if (record["format_version"] !== FORMAT_VERSION || !requiresNothing(record)) {
    throw new Problem(`${what} is of a version that this page cannot read; reload the page to get a newer one.`);
  }
  const { name, info } = record;
  if (typeof name !== "string" || !NAME.test(name)) throw new Problem(`${what} gives its style no valid name.`);
  if (record["codec_sha256"] !== codec) {
    throw new Problem(
      `${what} was made for another network than this page has; use one that was trained for this pack.`,
    );
  }
  const texts = isObject(info) ? info : {};
  return {
    name,
    title: readable(texts["title"]) || name,
    artist: readable(texts["artist"]),
    year: readable(texts["year"]),
  };
}

export function requiresNothing(record: Record<string, unknown>): boolean {
  const requires = record["requires"] ?? [];
  return Array.isArray(requires) && requires.length === 0;
}

const readable = (text: unknown): string => (typeof text === "string" ? text.slice(0, LONGEST_TEXT) : "");
