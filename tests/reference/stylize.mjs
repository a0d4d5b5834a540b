// Stylise a picture with a pack, by docs/pack-format.md alone: node stylize.mjs PACK STYLE in.raw WIDTH HEIGHT out.raw
// STYLE is a name in the pack or a style file; the raw files are rows of RGB, a byte each. For little-endian machines.
import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
process.env.ORT_DISABLE_TELEMETRY = "1"; // before the library is loaded
const { InferenceSession, Tensor } = (await import("onnxruntime-node")).default;
const [folder, style, input, widthText, heightText, output] = process.argv.slice(2);
const width = Number(widthText), height = Number(heightText);
const check = (isFine, problem) => { if (!isFine) throw new Error(problem); };
const isOurs = (head, format, version) =>
  head.format === format && head.format_version === version && !head.requires?.length;
function readEntry({ file, sha256, size_bytes }) {
  const data = readFileSync(`${folder}/${file}`), hash = createHash("sha256").update(data).digest("hex");
  check(data.length === size_bytes && hash === sha256, `${file} is damaged`);
  return data;
}
function fromHalf(bits) {
  const sign = bits & 0x8000 ? -1 : 1, exponent = (bits >> 10) & 31, fraction = bits & 1023;
  if (exponent === 31) return NaN; // or infinite: refused either way
  return exponent ? sign * (1 + fraction / 1024) * 2 ** (exponent - 15) : sign * fraction * 2 ** -24;
}
function readTensors(data) {
  const start = 8 + Number(data.readBigUInt64LE(0)), tensors = {};
  check(start <= Math.min(data.length, 1_000_008), "the header is longer than the file, or than 1 MB");
  const { __metadata__, ...entries } = JSON.parse(data.toString("utf8", 8, start));
  for (const [name, { dtype, shape, data_offsets: [begin, end] }] of Object.entries(entries)) {
    const bytes = data.subarray(start + begin, start + end), size = { F16: 2, F32: 4 }[dtype];
    if (!size) continue;
    check(bytes.length === shape.reduce((a, b) => a * b, size), `${name} has another size than its shape`);
    const read = (_, i) => (size === 2 ? fromHalf(bytes.readUInt16LE(2 * i)) : bytes.readFloatLE(4 * i));
    tensors[name] = { shape, values: Float32Array.from({ length: bytes.length / size }, read) };
    check(tensors[name].values.every(Number.isFinite), `${name} holds numbers that are not finite`);
  }
  return { tensors, about: JSON.parse(__metadata__.nst) };
}
async function run(part, tensors, arrays) {
  const template = pack.templates.find((t) => t.part === part && t.form === "direct" && t.precision === "float32");
  for (const { name, shape } of template.weights) check(`${tensors[name]?.shape}` === `${shape}`, `no fitting ${name}`);
  const data = Buffer.concat(template.weights.map(({ name }) => Buffer.from(tensors[name].values.buffer)));
  const session = await InferenceSession.create(readEntry(template), { externalData: [{ path: "weights.bin", data }] });
  const results = await session.run(Object.fromEntries(template.inputs.map(({ name }, i) => [name, arrays[i]])));
  return template.outputs.map(({ name }) => results[name]);
}
const pack = JSON.parse(readFileSync(`${folder}/pack.json`, "utf8")), codec = pack.codec;
check(isOurs(pack, "nst-style-pack", 2), "not a pack of version 2, or one that requires more");
const entry = [...pack.styles, pack.plain].find((known) => known?.name === style);
const { tensors, about } = readTensors(entry ? readEntry(entry) : readFileSync(style));
check(isOurs(about, "nst-style", 1) && about.codec_sha256 === codec.sha256, "not a style for this pack's codec");
const rgb = readFileSync(input), multiple = codec.multiple_px;
const [H, W] = [height, width].map((px) => Math.ceil(px / multiple) * multiple), image = new Float32Array(3 * H * W);
const mirrored = (i, length) => (i < length ? i : 2 * (length - 1) - i);
for (let c = 0, at = 0; c < 3; c++) for (let y = 0; y < H; y++) for (let x = 0; x < W; x++)
  image[at++] = rgb[3 * (mirrored(y, height) * width + mirrored(x, width)) + c] / 255;
const { tensors: shared } = readTensors(readEntry(codec.weights));
const code = await run("encoder", shared, [new Tensor("float32", image, [1, 3, H, W])]);
const [{ data: made }] = await run("decoder", shared, await run("bank", tensors, code));
const result = Buffer.alloc(3 * width * height);
for (let y = 0, at = 0; y < height; y++) for (let x = 0; x < width; x++) for (let c = 0; c < 3; c++)
  result[at++] = Math.floor(Math.min(Math.max(made[(c * H + y) * W + x] * 255 + 0.5, 0), 255));
writeFileSync(output, result);
