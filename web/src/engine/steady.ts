/** A part of the network that paints pictures unlike photographs, with statistics as they would be beside one. */
import { affine, measure, mixed, type Affine, type Statistics } from "./beside";
import { cut } from "./cutting";
import type { Weights } from "./look";
import type { Norm, Pack, PartName, Template } from "./pack";
import type { Tensor } from "./picture";
import { joined, Session } from "./session";
import type { Checkpoint } from "./strips";

/** A piece of the part: up to the values before `norm`, or to the end of the part where there is none. */
interface Step {
  readonly session: Session;
  readonly norm: Norm | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

interface Run {
  readonly outputs: Tensor[];
  /** What each norm was given. */
  readonly given: Map<string, Statistics>;
}

/** Whether all norms of a pack are measured before the decoder. */
export function canBeSteadied({ manifest }: Pack): boolean {
  const { norms } = manifest.codec;
  return norms.bank.length > 0 && norms.decoder.length === 0;
}

export class SteadyPart {
  #typical: ReadonlyMap<string, Statistics> = new Map();

  private constructor(
    private readonly template: Template,
    private readonly steps: readonly Step[],
    private readonly weights: Weights,
  ) {}

  /** Opens a part with the weights of its direct form. */
  static async open(pack: Pack, part: PartName, weights: Weights): Promise<SteadyPart> {
    const template = pack.template(part, "staged");
    const norms = pack.manifest.codec.norms[part];
    const before = norms.map(({ name }) => `${name}.x`);
    const data = joined(template, weights);
    const steps: Step[] = [];
    for (const piece of cut(await pack.readTemplate(template), before, ends(template))) {
      steps.push({ ...piece, session: await Session.open(piece.data, data), norm: norms[steps.length] });
    }
    return new SteadyPart(template, steps, weights);
  }

  /** Takes in what the typical photograph is to this part, and returns what the part makes of it. */
  async learn(inputs: readonly Tensor[]): Promise<Tensor[]> {
    const { outputs, given } = await this.#run(inputs, (_, own) => own);
    this.#typical = given;
    return outputs;
  }

  /** Runs the part beside the typical photograph, which has a `share` of the statistics. */
  async run(inputs: readonly Tensor[], share: number, checkpoint?: Checkpoint): Promise<Tensor[]> {
    const beside = (norm: string, own: Statistics): Statistics =>
      mixed(own, this.#typical.get(norm) as Statistics, share);
    return (await this.#run(inputs, beside, checkpoint)).outputs;
  }

  close(): void {
    for (const { session } of this.steps) void session.close();
  }

  async #run(
    inputs: readonly Tensor[],
    statistics: (norm: string, own: Statistics) => Statistics,
    checkpoint: Checkpoint = () => Promise.resolve(),
  ): Promise<Run> {
    const given = new Map<string, Statistics>();
    const values = new Map(this.#images.map((name, at) => [name, inputs[at]] as const));
    for (const [place, step] of this.steps.entries()) {
      for (const [name, value] of await step.session.run(values, step.inputs, step.outputs)) values.set(name, value);
      this.#drop(values, place);
      if (!step.norm) continue;
      const { name, channels } = step.norm;
      given.set(name, statistics(name, measure((values.get(`${name}.x`) as Tensor).data, channels)));
      addAffine(values, name, affine(step.norm, given.get(name) as Statistics, this.weights));
      await checkpoint((place + 1) / this.steps.length);
    }
    return { outputs: ends(this.template).map((name) => values.get(name) as Tensor), given };
  }

  /** What the part takes of the one before it. */
  get #images(): string[] {
    return this.template.inputs.map(({ name }) => name).filter((name) => !/\.[ab]$/.test(name));
  }

  /** Lets go of the values that no step after `place` takes: they are large. */
  #drop(values: Map<string, Tensor>, place: number): void {
    const later = this.steps.slice(place + 1).flatMap(({ inputs }) => inputs);
    const kept = new Set([...later, ...ends(this.template), `${this.steps[place].norm?.name}.x`]);
    for (const name of values.keys()) if (!kept.has(name)) values.delete(name);
  }
}

/** What a part gives to the next one. */
const ends = ({ outputs }: Template): string[] =>
  outputs.map(({ name }) => name).filter((name) => !name.endsWith(".x"));

function addAffine(values: Map<string, Tensor>, norm: string, { a, b }: Affine): void {
  values.set(`${norm}.a`, { data: a, shape: [a.length] });
  values.set(`${norm}.b`, { data: b, shape: [b.length] });
}
