/** Files of the Python runtime beside the page: served in development, written into the build. */
import { readdirSync, readFileSync } from "node:fs";
import { basename, join } from "node:path";
import type { Plugin } from "vite";

/** Makes the style pack in the folder `pack` available under `pack/`, and the typical picture beside the page. */
export function runtimeFiles(pack: string, typical: string): Plugin {
  const packed = readdirSync(pack, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name))
    .map((path) => [`pack${path.slice(pack.length)}`, path] as const);
  const files = new Map([...packed, [basename(typical), typical]]);
  return {
    name: "runtime-files",
    generateBundle() {
      for (const [fileName, path] of files) this.emitFile({ type: "asset", fileName, source: readFileSync(path) });
    },
    configureServer(server) {
      server.middlewares.use((request, response, next) => {
        const path = files.get((request.url ?? "").slice(1));
        if (path) response.end(readFileSync(path));
        else next();
      });
    },
  };
}
