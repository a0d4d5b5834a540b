/** The list of the page's files, with their hashes, for the service worker that keeps them for use offline. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join, relative } from "node:path";
import type { Plugin } from "vite";

const LIST = "precache.js";
/** The service worker and its list: the browser keeps these itself. */
const LEFT_OUT = [LIST, "sw.js"];

export function precache(): Plugin {
  let out = "";
  return {
    name: "precache",
    apply: "build",
    configResolved(config) {
      out = join(config.root, config.build.outDir);
    },
    closeBundle() {
      writeFileSync(join(out, LIST), `self.PRECACHE = ${JSON.stringify(hashes(out))};\n`);
    },
  };
}

/** Each file of a built page, by its path from the page, with the start of its SHA-256. */
export function hashes(folder: string): Record<string, string> {
  const files = readdirSync(folder, { recursive: true, withFileTypes: true }).filter((entry) => entry.isFile());
  const paths = files.map((entry) => join(entry.parentPath, entry.name)).sort();
  return Object.fromEntries(
    paths
      .map((path) => [
        relative(folder, path),
        createHash("sha256").update(readFileSync(path)).digest("hex").slice(0, 16),
      ])
      .filter(([name]) => !LEFT_OUT.includes(name)),
  ) as Record<string, string>;
}
