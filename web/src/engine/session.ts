/** A part of the network, open and ready to run. */
import { InferenceSession, Tensor as OrtTensor } from "onnxruntime-web/wasm";
import type { Pack, Template } from "./pack";
import type { Weights } from "./look";
import type { Tensor } from "./picture";

export class PartSession {
  private constructor(
    private readonly session: InferenceSession,
    private readonly template: Template,
  ) {}

  static async open(pack: Pack, template: Template, weights: Weights): Promise<PartSession> {
    const session = await InferenceSession.create(await pack.readTemplate(template), {
      executionProviders: ["wasm"],
      externalData: [{ path: "weights.bin", data: joined(template, weights) }],
    });
    return new PartSession(session, template);
  }

  /** Runs the part; inputs are in the template's order, and further ones than it takes are left out. */
  async run(inputs: readonly Tensor[]): Promise<Tensor[]> {
    const feeds = Object.fromEntries(
      this.template.inputs.map(({ name }, at) => [name, new OrtTensor("float32", inputs[at].data, inputs[at].shape)]),
    );
    const results = await this.session.run(feeds);
    return this.template.outputs.map(({ name }) => {
      const { data, dims } = results[name];
      return { data: data as Float32Array, shape: dims };
    });
  }

  close(): Promise<void> {
    return this.session.release();
  }
}

function joined(template: Template, weights: Weights): Uint8Array {
  const arrays = template.weights.map(({ name }) => weights.get(name) as Float32Array);
  const all = new Float32Array(arrays.reduce((sum, { length }) => sum + length, 0));
  let at = 0;
  for (const array of arrays) {
    all.set(array, at);
    at += array.length;
  }
  return new Uint8Array(all.buffer);
}
