/** Files that people drop: good ones, broken ones, hostile ones. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import { crc32, deflateSync } from "node:zlib";
import { PACK, REPOSITORY } from "../references";
import type { TestFile } from "./acts";

export const scene = (name: string): TestFile => ({
  name: `${name}.jpg`,
  bytes: readFileSync(join(REPOSITORY, "assets/scenes", `${name}.jpg`)),
  type: "image/jpeg",
});

/** A picture of some colors, as a PNG file. */
export function smallPng(width: number, height: number): Uint8Array {
  const rows = Array.from({ length: height }, (_, y) => [
    0, // the row is not filtered
    ...Array.from({ length: width }, (_, x) => [(x * 4) % 256, (y * 5) % 256, (x * y) % 256]).flat(),
  ]);
  const head = Buffer.alloc(13);
  head.writeUInt32BE(width, 0);
  head.writeUInt32BE(height, 4);
  head.set([8, 2], 8); // bits of a value; red, green and blue
  const parts = { IHDR: head, IDAT: deflateSync(Uint8Array.from(rows.flat())), IEND: Buffer.alloc(0) };
  return Buffer.concat([
    Buffer.from("\x89PNG\r\n\x1a\n", "latin1"),
    ...Object.entries(parts).map(([name, data]) => chunk(name, data)),
  ]);
}

function chunk(name: string, data: Uint8Array): Buffer {
  const body = Buffer.concat([Buffer.from(name), data]);
  const ends = Buffer.alloc(8);
  ends.writeUInt32BE(data.length, 0);
  ends.writeUInt32BE(crc32(body), 4);
  return Buffer.concat([ends.subarray(0, 4), body, ends.subarray(4)]);
}

/** The head of a PNG file of this size, and nothing after it. */
export function pngHead(width: number, height: number): TestFile {
  const bytes = Buffer.alloc(64);
  bytes.write("\x89PNG\r\n\x1a\n\0\0\0\rIHDR", "latin1");
  bytes.writeUInt32BE(width, 16);
  bytes.writeUInt32BE(height, 20);
  return { name: "huge.png", bytes, type: "image/png" };
}

export const heic: TestFile = {
  name: "phone.heic",
  bytes: Buffer.concat([Buffer.from("\0\0\0\x18ftypheic\0\0\0\0mif1heic", "latin1"), Buffer.alloc(200)]),
  type: "image/heic",
};

type Header = Record<string, { dtype: string; shape: number[]; data_offsets: [number, number] }>;

/** One of the pack's styles under another name, as a file, changed by what `change` does to it. */
export function styleFile(
  name: string,
  change: (header: Header, record: Record<string, unknown>, data: Buffer) => void = () => undefined,
): TestFile {
  const file = readFileSync(join(PACK, "styles/starry.safetensors"));
  const length = Number(file.readBigUInt64LE(0));
  const { __metadata__, ...header } = JSON.parse(file.toString("utf8", 8, 8 + length)) as Header & {
    __metadata__: { nst: string };
  };
  const record = JSON.parse(__metadata__.nst) as Record<string, unknown>;
  record["name"] = name;
  const data = Buffer.from(file.subarray(8 + length));
  change(header, record, data);
  return {
    name: `${name}.safetensors`,
    bytes: packed({ ...header, __metadata__: { nst: JSON.stringify(record) } }, data),
  };
}

function packed(header: object, data: Buffer): Buffer {
  const text = Buffer.from(JSON.stringify(header));
  const length = Buffer.alloc(8);
  length.writeBigUInt64LE(BigInt(text.length));
  return Buffer.concat([length, text, data]);
}

const firstName = (header: Header): string => Object.keys(header).find((key) => header[key].dtype === "F16") as string;
const firstOf = (header: Header): Header[string] => header[firstName(header)];

/** Style files that must not be taken, with what the page says of each. */
export const hostileStyles: readonly (readonly [file: TestFile, sentence: RegExp])[] = [
  [styleFile("other-codec", (_, record) => (record["codec_sha256"] = "0".repeat(64))), /made for another network/],
  [styleFile("newer", (_, record) => (record["format_version"] = 9)), /a version that this page cannot read/],
  [styleFile("needy", (_, record) => (record["requires"] = ["a program"])), /a version that this page cannot read/],
  [
    styleFile("not-a-number", (header, _, data) => data.writeUInt16LE(0x7e00, firstOf(header).data_offsets[0])),
    /not finite/,
  ],
  [
    styleFile("infinite", (header, _, data) => data.writeUInt16LE(0x7c00, firstOf(header).data_offsets[0])),
    /not finite/,
  ],
  [styleFile("wrong-size", (header) => (firstOf(header).shape = [7])), /damaged/],
  [styleFile("turned", (header) => firstOf(header).shape.unshift(1)), /does not fit this network/],
  [styleFile("beyond", (header) => (firstOf(header).data_offsets[1] = 2 ** 40)), /damaged/],
  [styleFile("lacking", (header) => delete header[firstName(header)]), /does not fit this network/],
  [styleFile("path", (_, record) => (record["name"] = "../../etc")), /no valid name/],
  [{ name: "header.safetensors", bytes: Buffer.from("ffffffffffffff7f7b7d", "hex") }, /damaged/],
  [{ name: "huge.safetensors", bytes: Buffer.alloc(16_000_001) }, /larger than 16 MB/],
  [{ name: "empty.safetensors", bytes: Buffer.alloc(0) }, /damaged/],
];
