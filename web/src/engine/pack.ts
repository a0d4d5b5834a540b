/** Packs: a codec, its templates and styles, as docs/pack-format.md describes them. */
import { Problem } from "./problem";
import { isObject, readSafetensors, type StoredTensor } from "./safetensors";
import { readStyle, requiresNothing, type Style } from "./style";

const FORMAT = "nst-style-pack";
const FORMAT_VERSION = 2;

export type PartName = "encoder" | "bank" | "decoder";
type Form = "direct" | "staged" | "folded";

export interface PackFile {
  readonly file: string;
  readonly sha256: string;
  readonly size_bytes: number;
}

interface Port {
  readonly name: string;
}

interface WeightShape {
  readonly name: string;
  readonly shape: readonly number[];
}

/** An instance norm: its values are called NAME.x, and its scales and biases lie in tensors, from a place on. */
export interface Norm {
  readonly name: string;
  readonly channels: number;
  readonly eps: number;
  readonly scale: string;
  readonly bias: string;
  readonly scale_start: number;
  readonly bias_start: number;
}

export interface Template extends PackFile {
  readonly part: PartName;
  readonly form: string;
  readonly precision: string;
  readonly inputs: readonly Port[];
  readonly outputs: readonly Port[];
  readonly weights: readonly WeightShape[];
}

/** How what a bank paints can be cut into strips. */
export interface PaintedFacts {
  readonly channels: number;
  readonly scale_px: number;
  readonly overlap: number;
  readonly step: number;
}

interface Manifest {
  readonly name: string;
  readonly codec: {
    readonly sha256: string;
    readonly multiple_px: number;
    readonly minimum_px: number;
    readonly painted: PaintedFacts;
    readonly weights: PackFile;
    readonly norms: Readonly<Record<PartName, readonly Norm[]>>;
  };
  readonly templates: readonly Template[];
  readonly styles: readonly (PackFile & { readonly name: string })[];
  readonly plain?: PackFile & { readonly name: string };
}

/** Gives the bytes of a file of the pack, by its path inside it. */
export type ReadFile = (path: string) => Promise<Uint8Array>;

export class Pack {
  readonly #templates = new Map<Template, Promise<Uint8Array>>();

  private constructor(
    readonly manifest: Manifest,
    readonly codec: ReadonlyMap<string, StoredTensor>,
    private readonly readFile: ReadFile,
  ) {}

  static async open(readFile: ReadFile): Promise<Pack> {
    const manifest = checkManifest(JSON.parse(new TextDecoder().decode(await readFile("pack.json"))));
    const weights = await readChecked(readFile, manifest.codec.weights);
    const pack = new Pack(manifest, readSafetensors(weights, "codec.safetensors").tensors, readFile);
    await Promise.all((["encoder", "bank", "decoder"] as const).map((part) => pack.readTemplate(pack.template(part))));
    return pack;
  }

  /** The template of a part; one without norms has the direct form alone. */
  template(part: PartName, form: Form = "direct"): Template {
    const wanted = this.manifest.codec.norms[part].length ? form : "direct";
    const found = this.manifest.templates.find(
      (template) => template.part === part && template.form === wanted && template.precision === "float32",
    );
    if (!found) throw new Problem(`The pack has no ${part} that this page can run.`);
    return found;
  }

  /** Reads a template; it stays in memory, as every new look needs it. */
  readTemplate(template: Template): Promise<Uint8Array> {
    const bytes = this.#templates.get(template) ?? readChecked(this.readFile, template);
    this.#templates.set(template, bytes);
    return bytes;
  }

  /** Reads a style of the pack, or the plain one; its weights fit the bank. */
  async style(name: string): Promise<Style> {
    const { styles, plain } = this.manifest;
    const entry = [...styles, ...(plain ? [plain] : [])].find((style) => style.name === name);
    if (!entry) throw new Problem(`There is no style called ${name}.`);
    return this.checkStyle(await readChecked(this.readFile, entry), entry.file);
  }

  /** Reads a style from anywhere; `what` names it in the sentences. */
  checkStyle(bytes: Uint8Array, what: string): Style {
    const style = readStyle(bytes, this.manifest.codec.sha256, what);
    selectWeights(this.template("bank"), style.tensors, what);
    return style;
  }
}

/** The numbers that a template asks for, in its order, each of the shape that it says. */
export function selectWeights(
  template: Template,
  tensors: ReadonlyMap<string, StoredTensor>,
  what: string,
): Map<string, Float32Array> {
  return new Map(
    template.weights.map(({ name, shape }) => {
      const tensor = tensors.get(name);
      if (tensor?.shape.join() !== shape.join())
        throw new Problem(`${what} does not fit this network: ${name} differs.`);
      return [name, tensor.values];
    }),
  );
}

function checkManifest(manifest: unknown): Manifest {
  if (!isObject(manifest) || manifest["format"] !== FORMAT) throw new Problem("pack.json is not that of a style pack.");
  if (manifest["format_version"] !== FORMAT_VERSION || !requiresNothing(manifest)) {
    throw new Problem(
      "The pack is of a version that this page cannot read; put the page and its pack up again together.",
    );
  }
  return manifest as unknown as Manifest;
}

async function readChecked(readFile: ReadFile, { file, sha256, size_bytes }: PackFile): Promise<Uint8Array> {
  if (file.startsWith("/") || file.split("/").includes("..")) throw new Problem(`${file} lies outside of the pack.`);
  const bytes = await readFile(file);
  if (bytes.length !== size_bytes || (await hash(bytes)) !== sha256) {
    throw new Problem(`${file} did not arrive whole; check the connection and reload the page.`);
  }
  return bytes;
}

/** SHA-256, where the browser has it: a page from an insecure address cannot check, and none of ours is one. */
async function hash(bytes: Uint8Array): Promise<string> {
  const digest = await crypto.subtle.digest("SHA-256", bytes as BufferSource);
  return Array.from(new Uint8Array(digest), (byte) => byte.toString(16).padStart(2, "0")).join("");
}
