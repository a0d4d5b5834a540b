/** Protobuf messages: bytes to fields and back. */
export interface Field {
  readonly number: number;
  /** Empty for numbers. */
  readonly value: Uint8Array;
  /** The whole field. */
  readonly raw: Uint8Array;
}

const VARINT = 0;
const BYTES = 2;
const FIXED_BYTES: Readonly<Record<number, number>> = { 1: 8, 5: 4 };

export function* fields(message: Uint8Array): Generator<Field> {
  let at = 0;
  while (at < message.length) {
    const [key, start] = readVarint(message, at);
    const [begin, end] = bounds(message, key & 7, start);
    yield { number: key >> 3, value: message.subarray(begin, end), raw: message.subarray(at, end) };
    at = end;
  }
}

/** Where the value of a field of this kind begins and ends. */
function bounds(message: Uint8Array, kind: number, start: number): [number, number] {
  const [number, next] = kind === VARINT || kind === BYTES ? readVarint(message, start) : [0, start];
  if (kind === VARINT) return [next, next];
  if (kind === BYTES) return [next, next + number];
  const end = start + FIXED_BYTES[kind];
  return [end, end];
}

function readVarint(message: Uint8Array, start: number): [number: number, next: number] {
  let number = 0;
  let factor = 1;
  for (let at = start; at < message.length; at++, factor *= 128) {
    number += (message[at] & 127) * factor;
    if (message[at] < 128) return [number, at + 1];
  }
  throw new RangeError("a message ends too early");
}

/** A field that holds bytes. */
export function field(number: number, value: Uint8Array): Uint8Array {
  return concat([new Uint8Array([...varint(number * 8 + BYTES), ...varint(value.length)]), value]);
}

export const textField = (number: number, text: string): Uint8Array => field(number, new TextEncoder().encode(text));

export const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes);

function varint(number: number): number[] {
  return number < 128 ? [number] : [(number % 128) + 128, ...varint(Math.floor(number / 128))];
}

export function concat(parts: readonly Uint8Array[]): Uint8Array {
  const all = new Uint8Array(parts.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const part of parts) {
    all.set(part, at);
    at += part.length;
  }
  return all;
}
