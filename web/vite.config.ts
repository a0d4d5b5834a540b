import { resolve } from "node:path";
import { defineConfig } from "vite";
import { precache } from "./plugins/precache.ts";
import { runtimeFiles } from "./plugins/runtime.ts";

const runtime = resolve(import.meta.dirname, "../runtime/nst_runtime");
// Threads need memory that pages share, which browsers give to isolated pages alone.
const headers = {
  "Cross-Origin-Opener-Policy": "same-origin",
  "Cross-Origin-Embedder-Policy": "require-corp",
};
/** Where what only pages with a graphics card load lies: it is kept for use offline when it was used. */
const ON_DEMAND = "assets/graphics";
const folderOf = (name = ""): string => (name.includes(".asyncify.") ? ON_DEMAND : "assets");

export default defineConfig({
  base: "./",
  plugins: [runtimeFiles(`${runtime}/default_pack`, `${runtime}/inference/typical.jpg`), precache()],
  // onnxruntime's own .mjs and .wasm stay files of their own, which our worker names.
  resolve: { conditions: ["onnxruntime-web-use-extern-wasm", "module", "browser", "development|production"] },
  worker: {
    format: "es",
    rolldownOptions: {
      output: {
        chunkFileNames: `${ON_DEMAND}/[name]-[hash].js`,
        assetFileNames: ({ names: [name] }) => `${folderOf(name)}/[name]-[hash][extname]`,
      },
    },
  },
  server: { headers },
  preview: { headers },
  build: {
    target: "es2022",
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    rolldownOptions: {
      input: {
        page: resolve(import.meta.dirname, "index.html"),
        sw: resolve(import.meta.dirname, "src/offline/sw.ts"),
      },
      output: { entryFileNames: ({ name }) => (name === "sw" ? "sw.js" : "assets/[name]-[hash].js") },
    },
  },
});
