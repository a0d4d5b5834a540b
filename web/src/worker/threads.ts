/** Where onnxruntime's files lie, and how many threads it takes. */
import { env } from "onnxruntime-web/wasm";
import mjsUrl from "onnxruntime-web/ort-wasm-simd-threaded.mjs?url";
import wasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.wasm?url";
import { Problem } from "../engine/problem";

const MOST_THREADS = 4;
// The smallest module with a SIMD instruction: i8x16.splat, then drop.
const SIMD = new Uint8Array([
  0, 97, 115, 109, 1, 0, 0, 0, 1, 4, 1, 96, 0, 0, 3, 2, 1, 0, 10, 9, 1, 7, 0, 65, 0, 253, 15, 26, 11,
]);

/** Sets onnxruntime up; `wanted` is how many threads, 0 for what is good. Returns how many there are. */
export function setUp(wanted: number): number {
  if (typeof WebAssembly !== "object" || !WebAssembly.validate(SIMD)) {
    throw new Problem("This browser is too old to paint: it lacks WebAssembly SIMD. Update it, or use another one.");
  }
  const possible = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, MOST_THREADS) : 1;
  const threads = wanted ? Math.min(wanted, possible) : possible;
  env.wasm.numThreads = threads;
  env.wasm.wasmPaths = {
    mjs: new URL(mjsUrl, import.meta.url).href,
    wasm: new URL(wasmUrl, import.meta.url).href,
  };
  return threads;
}
