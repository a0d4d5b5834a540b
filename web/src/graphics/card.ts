/** A graphics card by onnxruntime's build for WebGPU, which is large: this file is only loaded where it may be used. */
import { env, InferenceSession, Tensor } from "onnxruntime-web/webgpu";
import mjsUrl from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.mjs?url";
import wasmUrl from "onnxruntime-web/ort-wasm-simd-threaded.asyncify.wasm?url";
import type { Card, Graph } from "../engine/graphics";
import { Session, type Build } from "../engine/session";

const FOR_WEBGPU: Build = { InferenceSession, Tensor };
/** The smallest graph: an Identity from x to y. */
const IDENTITY = new Uint8Array([
  8, 8, 58, 43, 10, 16, 10, 1, 120, 18, 1, 121, 34, 8, 73, 100, 101, 110, 116, 105, 116, 121, 18, 1, 103, 90, 9, 10, 1,
  120, 18, 4, 10, 2, 8, 1, 98, 9, 10, 1, 121, 18, 4, 10, 2, 8, 1, 66, 2, 16, 13,
]);
const COMPLAINTS = ["validation", "out-of-memory", "internal"] as const;
const beside = (url: string): string => new URL(url, import.meta.url).href;

/** Loads what runs graphs on a device. */
export async function loadCard(device: GPUDevice): Promise<Card> {
  env.wasm.wasmPaths = { mjs: beside(mjsUrl), wasm: beside(wasmUrl) };
  env.wasm.numThreads = 1;
  env.webgpu.device = device;
  const card = new WebGpuCard(device);
  await (await card.open(IDENTITY, new Uint8Array())).close(); // onnxruntime loads its binary for the first graph
  return card;
}

class WebGpuCard implements Card {
  readonly #lost: Promise<never>;

  constructor(private readonly device: GPUDevice) {
    this.#lost = device.lost.then(({ message }) => {
      throw new Error(`the graphics card is lost: ${message}`);
    });
    this.#lost.catch(() => undefined); // it is heard where something runs
  }

  readonly open = async (graph: Uint8Array, weights: Uint8Array): Promise<Graph> => {
    const session = await this.#watched(() => Session.open(graph, weights, FOR_WEBGPU, "webgpu"));
    return {
      run: (values, inputs, wanted) => this.#watched(() => session.run(values, inputs, wanted)),
      close: () => session.close(),
    };
  };

  /** Does what uses the card; fails when the card is lost, and with what the card complained of meanwhile. */
  async #watched<Result>(work: () => Promise<Result>): Promise<Result> {
    for (const kind of COMPLAINTS) this.device.pushErrorScope(kind);
    const result = await Promise.race([work(), this.#lost]);
    const complaints = await Promise.all(COMPLAINTS.map(() => this.device.popErrorScope()));
    const complaint = complaints.find((each) => each !== null);
    if (complaint) throw new Error(`the graphics card complained: ${complaint.message}`);
    return result;
  }
}
