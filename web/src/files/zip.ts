/** A ZIP file of files that are compressed already. */
const LOCAL = 0x04034b50;
const CENTRAL = 0x02014b50;
const END = 0x06054b50;
const UTF8 = 0x0800;
const VERSION = 20;
const DATE = 0x0021; // 1980-01-01: a picture says nothing of when it was made

const TABLE = Uint32Array.from({ length: 256 }, (_, byte) => {
  let value = byte;
  for (let bit = 0; bit < 8; bit++) value = value & 1 ? (value >>> 1) ^ 0xedb88320 : value >>> 1;
  return value;
});

export interface ZipEntry {
  readonly name: string;
  readonly blob: Blob;
}

export async function zip(entries: readonly ZipEntry[]): Promise<Blob> {
  const parts: BlobPart[] = [];
  const central: BlobPart[] = [];
  let offset = 0;
  let centralSize = 0;
  for (const { name, blob } of entries) {
    const bytes = new TextEncoder().encode(name);
    const sizes = [crc32(new Uint8Array(await blob.arrayBuffer())), blob.size, blob.size];
    const shared = [2, VERSION, 2, UTF8, 2, 0, 2, 0, 2, DATE, ...sizes.flatMap((size) => [4, size]), 2, bytes.length];
    const local = packed([4, LOCAL, ...shared, 2, 0]);
    const entry = packed([4, CENTRAL, 2, VERSION, ...shared, 2, 0, 2, 0, 2, 0, 2, 0, 4, 0, 4, offset]);
    parts.push(local, bytes, blob);
    central.push(entry, bytes);
    offset += local.length + bytes.length + blob.size;
    centralSize += entry.length + bytes.length;
  }
  const count = entries.length;
  const end = packed([4, END, 2, 0, 2, 0, 2, count, 2, count, 4, centralSize, 4, offset, 2, 0]);
  return new Blob([...parts, ...central, end], { type: "application/zip" });
}

/** Numbers as little-endian bytes; before each stands in how many. */
function packed(fields: readonly number[]): Uint8Array<ArrayBuffer> {
  const bytes: number[] = [];
  for (let at = 0; at < fields.length; at += 2) {
    for (let byte = 0; byte < fields[at]; byte++) bytes.push((fields[at + 1] >>> (8 * byte)) & 255);
  }
  return Uint8Array.from(bytes);
}

function crc32(bytes: Uint8Array): number {
  let value = 0xffffffff;
  for (const byte of bytes) value = TABLE[(value ^ byte) & 255] ^ (value >>> 8);
  return (value ^ 0xffffffff) >>> 0;
}
