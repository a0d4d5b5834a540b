/** A part of the network, open and ready to run. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-web/wasm";
import { SwitchingGraph, type Graph } from "./graphics";
import type { Pack, Template } from "./pack";
import type { Weights } from "./look";
import type { Tensor } from "./picture";

/** What one of onnxruntime's builds gives. */
export interface Build {
  readonly InferenceSession: typeof InferenceSession;
  readonly Tensor: typeof OrtTensor;
}

const ON_PROCESSOR: Build = { InferenceSession, Tensor: OrtTensor };

/** A graph that is open in one of onnxruntime's builds. */
export class Session implements Graph {
  private constructor(
    private readonly session: InferenceSession,
    private readonly build: Build,
  ) {}

  /** Opens a graph; `weights` are the bytes of the file in which it looks for its weights. */
  static async open(
    graph: Uint8Array,
    weights: Uint8Array,
    build: Build = ON_PROCESSOR,
    provider: "wasm" | "webgpu" = "wasm",
  ): Promise<Session> {
    const session = await build.InferenceSession.create(graph, {
      executionProviders: [provider],
      externalData: [{ path: "weights.bin", data: weights }],
    });
    return new Session(session, build);
  }

  async run(
    values: ReadonlyMap<string, Tensor>,
    inputs: readonly string[],
    wanted: readonly string[],
  ): Promise<Map<string, Tensor>> {
    const feeds = inputs.map((name) => {
      const { data, shape } = values.get(name) as Tensor;
      return [name, new this.build.Tensor("float32", data, shape)] as const;
    });
    const results = await this.session.run(Object.fromEntries(feeds), wanted);
    return new Map(wanted.map((name) => [name, asTensor(results[name])]));
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

const asTensor = ({ data, dims }: OrtTensor): Tensor => ({ data: data as Float32Array, shape: dims });

export class PartSession {
  readonly #inputs: readonly string[];
  readonly #outputs: readonly string[];

  private constructor(
    private readonly graph: Graph,
    { inputs, outputs }: Template,
  ) {
    this.#inputs = inputs.map(({ name }) => name);
    this.#outputs = outputs.map(({ name }) => name);
  }

  static async open(pack: Pack, template: Template, weights: Weights): Promise<PartSession> {
    const graph = await pack.readTemplate(template);
    const data = joined(template, weights);
    return new PartSession(await SwitchingGraph.open((...files) => Session.open(...files), graph, data), template);
  }

  /** Runs the part; inputs are in the template's order, and further ones than it takes are left out. */
  async run(inputs: readonly Tensor[]): Promise<Tensor[]> {
    const values = new Map(this.#inputs.map((name, at) => [name, inputs[at]]));
    return [...(await this.graph.run(values, this.#inputs, this.#outputs)).values()];
  }

  close(): Promise<void> {
    return this.graph.close();
  }
}

/** The bytes of a template's weights, in its order. */
export function joined(template: Template, weights: Weights): Uint8Array {
  const arrays = template.weights.map(({ name }) => weights.get(name) as Float32Array);
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return new Uint8Array(all.buffer);
}
