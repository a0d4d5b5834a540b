/** A part of the network, open and ready to run. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-web/wasm";
import type { Pack, Template } from "./pack";
import type { Weights } from "./look";
import type { Tensor } from "./picture";

/** A graph that is open: it takes and gives numbers by name. */
export class Session {
  private constructor(private readonly session: InferenceSession) {}

  /** Opens a graph; `weights` are the bytes of the file in which it looks for its weights. */
  static async open(graph: Uint8Array, weights: Uint8Array): Promise<Session> {
    const session = await InferenceSession.create(graph, {
      executionProviders: ["wasm"],
      externalData: [{ path: "weights.bin", data: weights }],
    });
    return new Session(session);
  }

  /** Returns the values `wanted`, from those of `values` that have the names `inputs`. */
  async run(
    values: ReadonlyMap<string, Tensor>,
    inputs: readonly string[],
    wanted: readonly string[],
  ): Promise<Map<string, Tensor>> {
    const feeds = inputs.map((name) => {
      const { data, shape } = values.get(name) as Tensor;
      return [name, new OrtTensor("float32", data, shape)] as const;
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
    private readonly session: Session,
    { inputs, outputs }: Template,
  ) {
    this.#inputs = inputs.map(({ name }) => name);
    this.#outputs = outputs.map(({ name }) => name);
  }

  static async open(pack: Pack, template: Template, weights: Weights): Promise<PartSession> {
    return new PartSession(await Session.open(await pack.readTemplate(template), joined(template, weights)), template);
  }

  /** Runs the part; inputs are in the template's order, and further ones than it takes are left out. */
  async run(inputs: readonly Tensor[]): Promise<Tensor[]> {
    const values = new Map(this.#inputs.map((name, at) => [name, inputs[at]]));
    return [...(await this.session.run(values, this.#inputs, this.#outputs)).values()];
  }

  close(): Promise<void> {
    return this.session.close();
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
