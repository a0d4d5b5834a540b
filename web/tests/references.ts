/** Pictures and what the Python runtime makes of them, made once in a test run. */
import { execFileSync } from "node:child_process";
import { existsSync, mkdtempSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Picture } from "../src/engine/picture";
import type { Edit } from "../src/engine/stylizer";
import type { Look, Strokes } from "../src/engine/look";

export const REPOSITORY = resolve(import.meta.dirname, "../..");
export const PACK = join(REPOSITORY, "runtime/nst_runtime/default_pack");

interface Case {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly styles: Record<string, number>;
  readonly strength: number;
  readonly strokes: Strokes;
  readonly colors: number;
  readonly second: Record<string, number>;
}

/** A picture, by the name of a case, and how unlike photographs it is. */
export interface Likeness {
  readonly unlikeness: number;
  readonly share: number;
}

export interface Reference {
  readonly name: string;
  readonly width: number;
  readonly height: number;
  readonly before: Uint8Array;
  readonly after: Uint8Array;
  readonly edit: Edit;
  readonly likeness: Likeness;
}

/** The Python that has the runtime, or nothing: $NST_PYTHON, the repository's own environment, or the system's. */
export const python = [process.env["NST_PYTHON"], join(REPOSITORY, ".venv-test/bin/python"), "python3"]
  .filter((path) => path !== undefined)
  .find(hasRuntime);

function hasRuntime(path: string): boolean {
  try {
    runPython(path, ["-c", "import nst_runtime, onnxruntime"]);
    return true;
  } catch {
    return false;
  }
}

export function runPython(path: string, args: readonly string[]): void {
  execFileSync(path, args, { env: environment(), stdio: ["ignore", "ignore", "pipe"] });
}

/** The environment in which Python finds the packages of this checkout. */
export function environment(): NodeJS.ProcessEnv {
  const packages = ["runtime", "export"].map((name) => join(REPOSITORY, name));
  return { ...process.env, PYTHONPATH: [...packages, process.env["PYTHONPATH"]].filter(Boolean).join(":") };
}

let made: string | undefined;

/** The folder with the references; made at the first call. */
export function referenceFolder(): string {
  const given = process.env["NST_WEB_REFERENCES"];
  if (given && existsSync(join(given, "cases.json"))) return given;
  if (!made) {
    const folder = mkdtempSync(join(tmpdir(), "nst-web-"));
    runPython(python as string, [join(REPOSITORY, "tests/reference/make_web_references.py"), folder]);
    made = folder;
  }
  return made;
}

export function readReferences(): Reference[] {
  const folder = referenceFolder();
  const cases = JSON.parse(readFileSync(join(folder, "cases.json"), "utf8")) as Case[];
  const likeness = JSON.parse(readFileSync(join(folder, "likeness.json"), "utf8")) as Record<string, Likeness>;
  return cases.map((each) => ({
    name: each.name,
    width: each.width,
    height: each.height,
    before: readFileSync(join(folder, `${each.name}.in.raw`)),
    after: readFileSync(join(folder, `${each.name}.out.raw`)),
    edit: editOf(each, folder),
    likeness: likeness[each.name],
  }));
}

/** The picture that stands for photographs, as the runtime decodes it. */
export function readTypical(): Picture {
  const [width, height] = [768, 256];
  return { data: new Uint8ClampedArray(readFileSync(join(referenceFolder(), "typical.raw"))), width, height };
}

function editOf(each: Case, folder: string): Edit {
  const { strength, strokes, colors } = each;
  const lookOf = (styles: Record<string, number>): Look => ({
    styles: Object.entries(styles),
    strength,
    strokes,
    colors,
  });
  if (Object.keys(each.second).length === 0) return { look: lookOf(each.styles) };
  const mask = {
    data: new Uint8Array(readFileSync(join(folder, `${each.name}.mask.raw`))),
    width: Math.floor(each.width / 2),
    height: Math.floor(each.height / 2),
  };
  return { look: lookOf(each.styles), region: { look: lookOf(each.second), mask } };
}

/** The largest difference of two pictures, over all channels. */
export function largestDifference(a: ArrayLike<number>, b: ArrayLike<number>): number {
  if (a.length !== b.length) return Infinity;
  let largest = 0;
  for (let i = 0; i < a.length; i++) largest = Math.max(largest, Math.abs(a[i] - b[i]));
  return largest;
}
