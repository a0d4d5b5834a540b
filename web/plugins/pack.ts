/** The style pack beside the page: served in development, written into the build. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Plugin } from "vite";

/** Makes the files of the pack in `folder` available under `pack/`. */
export function packFiles(folder: string): Plugin {
  const names = readdirSync(folder, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1));
  return {
    name: "pack-files",
    generateBundle() {
      for (const name of names) {
        this.emitFile({ type: "asset", fileName: `pack/${name}`, source: readFileSync(join(folder, name)) });
      }
    },
    configureServer(server) {
      server.middlewares.use("/pack", (request, response, next) => {
        const name = names.find((each) => `/${each}` === request.url);
        if (name) response.end(readFileSync(join(folder, name)));
        else next();
      });
    },
  };
}
