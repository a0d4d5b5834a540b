/** A part of the network in pieces, each of which ends before a norm: the statistics of its norms can be any. */
import { cut } from "./cutting";
import type { Weights } from "./look";
import type { Norm, Pack, PartName, Template } from "./pack";
import type { Tensor } from "./picture";
import { Held } from "./held";
import { joined, Session } from "./session";
import { affine, mixed, Sums, type Affine, type Affines, type Area, type Statistics } from "./statistics";
import { ignored, type Checkpoint } from "./strips";

const PORTIONS_AT_ONCE = 64; // between two looks at whether to stop

/** A piece of the part: up to the values before `norm`, or to the end of the part where there is none. */
interface Step {
  readonly session: Session;
  readonly norm: Norm | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A picture, or a crop of one. */
export interface Portion {
  /** Gives what the part takes, for each step that needs it: it is not held in between. */
  readonly take: () => Promise<readonly Tensor[]>;
  /** What counts for the statistics, in rows of `width` values; all where there is none. */
  readonly area?: (width: number) => Area;
}

/** The statistics that a norm is given, from those of the picture. */
type Given = (norm: string, own: Statistics) => Statistics;

/** What a part made of each portion, and what its norms were given for all of them. */
interface Run extends Measured {
  readonly outputs: Tensor[][];
}

interface Measured {
  readonly statistics: ReadonlyMap<string, Statistics>;
  readonly affines: Affines;
}

/** Whether all norms of a pack are measured before the decoder. */
export function canBeStaged({ manifest }: Pack): boolean {
  const { norms } = manifest.codec;
  return norms.bank.length > 0 && norms.decoder.length === 0;
}

export class StagedPart {
  #typical: ReadonlyMap<string, Statistics> = new Map();

  private constructor(
    private readonly template: Template,
    private readonly steps: readonly Step[],
    readonly weights: Weights,
  ) {}

  /** Opens a part with the weights of its direct form. */
  static async open(pack: Pack, part: PartName, weights: Weights): Promise<StagedPart> {
    const template = pack.template(part, "staged");
    const norms = pack.manifest.codec.norms[part];
    const before = norms.map(({ name }) => `${name}.x`);
    const data = joined(template, weights);
    const steps: Step[] = [];
    for (const piece of cut(await pack.readTemplate(template), before, ends(template))) {
      steps.push({ ...piece, session: await Session.open(piece.data, data), norm: norms[steps.length] });
    }
    return new StagedPart(template, steps, weights);
  }

  /** Takes in what the typical photograph is to this part, and returns what the part makes of it. */
  async learn(inputs: readonly Tensor[]): Promise<Tensor[]> {
    const { outputs, statistics } = await this.#run(this.steps, [whole(inputs)], (_, own) => own);
    this.#typical = statistics;
    return outputs[0];
  }

  /** Runs the part beside the typical photograph, which has a `share` of the statistics. */
  async run(inputs: readonly Tensor[], share: number, checkpoint = ignored): Promise<Tensor[]> {
    return (await this.#run(this.steps, [whole(inputs)], this.#beside(share), checkpoint)).outputs[0];
  }

  /** What the norms are for all portions of a picture together. */
  measure(portions: readonly Portion[], share: number, checkpoint: Checkpoint): Promise<Measured> {
    const steps = this.steps.filter(({ norm }) => norm);
    return this.#run(steps, portions, this.#beside(share), checkpoint);
  }

  close(): void {
    for (const { session } of this.steps) void session.close();
  }

  #beside(share: number): Given {
    return (norm, own) => (share ? mixed(own, this.#typical.get(norm) as Statistics, share) : own);
  }

  async #run(steps: readonly Step[], portions: readonly Portion[], given: Given, checkpoint = ignored): Promise<Run> {
    const statistics = new Map<string, Statistics>();
    const affines = new Map<string, Affine>();
    const held = portions.map(() => new Held(portions.length > 1));
    const finals = steps.at(-1)?.norm ? [] : ends(this.template);
    for (const [place, step] of steps.entries()) {
      const { norm } = step;
      const sums = new Sums(norm?.channels ?? 0);
      const later = new Set([...steps.slice(place + 1).flatMap(({ inputs }) => inputs), ...finals]);
      for (const [at, { take, area }] of portions.entries()) {
        const values = await this.#runStep(step, take, [...held[at].values(), ...affineTensors(affines)]);
        if (norm) count(sums, values.get(`${norm.name}.x`) as Tensor, area);
        held[at].put([...values].filter(([name]) => later.has(name)));
        const done = at + 1;
        if (done % PORTIONS_AT_ONCE && done < portions.length) continue;
        await checkpoint((place + done / portions.length) / steps.length);
      }
      if (norm) {
        const found = given(norm.name, sums.statistics);
        statistics.set(norm.name, found);
        affines.set(norm.name, affine(norm, found, this.weights));
      }
    }
    const outputs = held.map((each) => finals.map((name) => each.values().get(name) as Tensor));
    return { outputs, statistics, affines };
  }

  /** Returns all values after a step but what the part takes, which is taken if the step needs it. */
  async #runStep(step: Step, take: Portion["take"], known: readonly [string, Tensor][]): Promise<Map<string, Tensor>> {
    const needed = step.inputs.some((name) => this.#images.includes(name));
    const taken = needed ? await take() : [];
    const images = taken.map((tensor, at) => [this.#images[at], tensor] as const);
    const values = new Map(known);
    const made = await step.session.run(new Map([...values, ...images]), step.inputs, step.outputs);
    return new Map([...values, ...made]);
  }

  /** The names of what the part takes of the one before it. */
  get #images(): string[] {
    return this.template.inputs.map(({ name }) => name).filter((name) => !/\.[ab]$/.test(name));
  }
}

const whole = (inputs: readonly Tensor[]): Portion => ({ take: () => Promise.resolve(inputs) });

/** What a part gives to the next one. */
const ends = ({ outputs }: Template): string[] =>
  outputs.map(({ name }) => name).filter((name) => !name.endsWith(".x"));

const count = (sums: Sums, values: Tensor, area: Portion["area"]): void => sums.add(values, area?.(values.shape[3]));

/** Norms that are known, as the inputs or weights that they are in templates. */
export function affineTensors(affines: Affines): [string, Tensor][] {
  return [...affines].flatMap(([norm, pair]) =>
    (["a", "b"] as const).map((letter): [string, Tensor] => [
      `${norm}.${letter}`,
      { data: pair[letter], shape: [pair[letter].length] },
    ]),
  );
}
