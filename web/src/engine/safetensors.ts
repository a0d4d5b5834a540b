/** Safetensors files: numbers by name and a JSON text, checked before anything is believed. */
import { Problem } from "./problem";

export const HEADER_LIMIT_BYTES = 1_000_000;
const SIZES: Readonly<Record<string, number>> = { F16: 2, F32: 4, U8: 1 };

export interface StoredTensor {
  readonly shape: readonly number[];
  readonly values: Float32Array;
}

export interface Safetensors {
  /** What the file says of itself, not checked yet. */
  readonly record: unknown;
  readonly tensors: ReadonlyMap<string, StoredTensor>;
}

interface Entry {
  readonly dtype: string;
  readonly shape: readonly number[];
  readonly data_offsets: readonly [number, number];
}

/** Reads a file's numbers as float32; `what` names it in the sentences. Tensors of bytes and other types stay out. */
export function readSafetensors(bytes: Uint8Array, what: string): Safetensors {
  const { header, start } = readHeader(bytes, what);
  const tensors = new Map<string, StoredTensor>();
  for (const [name, entry] of Object.entries(header)) {
    if (name === "__metadata__") continue;
    if (!isEntry(entry)) throw damaged(what);
    if (entry.dtype !== "F16" && entry.dtype !== "F32") continue;
    tensors.set(name, { shape: entry.shape, values: readNumbers(bytes, start, entry, what) });
  }
  return { record: readRecord(header, what), tensors };
}

function readHeader(bytes: Uint8Array, what: string): { header: Record<string, unknown>; start: number } {
  if (bytes.length < 10) throw damaged(what);
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  const length = Number(view.getBigUint64(0, true));
  if (length > Math.min(bytes.length - 8, HEADER_LIMIT_BYTES)) throw damaged(what);
  const header = parseJson(new TextDecoder().decode(bytes.subarray(8, 8 + length)));
  if (!isObject(header)) throw damaged(what);
  return { header, start: 8 + length };
}

function readRecord(header: Record<string, unknown>, what: string): unknown {
  const metadata = header["__metadata__"];
  const text = isObject(metadata) ? metadata["nst"] : undefined;
  const record = typeof text === "string" ? parseJson(text) : undefined;
  if (record === undefined) throw new Problem(`${what} is not a style file: it does not say which style it holds.`);
  return record;
}

function readNumbers(bytes: Uint8Array, start: number, entry: Entry, what: string): Float32Array {
  const [begin, end] = entry.data_offsets;
  const size = SIZES[entry.dtype];
  const count = entry.shape.reduce((product, side) => product * side, 1);
  if (begin > end || start + end > bytes.length || end - begin !== count * size) throw damaged(what);
  const view = new DataView(bytes.buffer, bytes.byteOffset + start + begin, end - begin);
  const values = new Float32Array(count);
  for (let i = 0; i < count; i++) {
    values[i] = size === 2 ? fromHalf(view.getUint16(2 * i, true)) : view.getFloat32(4 * i, true);
    if (!Number.isFinite(values[i])) {
      throw new Problem(`${what} holds numbers that are not finite, so nothing can be painted with it.`);
    }
  }
  return values;
}

/** IEEE half precision; infinity and NaN both come back as NaN, as both are refused. */
function fromHalf(bits: number): number {
  const sign = bits & 0x8000 ? -1 : 1;
  const exponent = (bits >> 10) & 31;
  const fraction = bits & 1023;
  if (exponent === 31) return NaN;
  return exponent ? sign * (1 + fraction / 1024) * 2 ** (exponent - 15) : sign * fraction * 2 ** -24;
}

function isEntry(value: unknown): value is Entry {
  return (
    isObject(value) && typeof value["dtype"] === "string" && isSides(value["shape"]) && isPair(value["data_offsets"])
  );
}

const isPair = (value: unknown): boolean => isSides(value) && value.length === 2;

const isSides = (value: unknown): value is number[] =>
  Array.isArray(value) && value.length <= 8 && value.every((side) => Number.isSafeInteger(side) && side >= 0);

export function isObject(value: unknown): value is Record<string, unknown> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text) as unknown;
  } catch {
    return undefined;
  }
}

const damaged = (what: string): Problem => new Problem(`${what} is damaged, or not a style file.`);
