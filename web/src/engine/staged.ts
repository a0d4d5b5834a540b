/** A part of the network in pieces, each of which ends before a norm: the statistics of its norms can be any. */
import { cut } from "./cutting";
import type { Weights } from "./look";
import type { Norm, Pack, PartName, Template } from "./pack";
import type { Tensor } from "./picture";
import { joined, Session } from "./session";
import { affine, mixed, Sums, type Affine, type Area, type Statistics } from "./statistics";
import { ignored, type Checkpoint } from "./strips";

const PORTIONS_AT_ONCE = 64; // between two looks at whether to stop

/** A piece of the part: up to the values before `norm`, or to the end of the part where there is none. */
interface Step {
  readonly session: Session;
  readonly norm: Norm | undefined;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
  /** The values that later steps take, or that are the part's own outputs. */
  readonly kept: ReadonlySet<string>;
}

/** A picture, or a crop of one. */
export interface Portion {
  /** Gives what the part takes; called once. */
  readonly take: () => readonly Tensor[];
  /** What counts for the statistics, in rows of `width` values; all where there is none. */
  readonly area?: (width: number) => Area;
}

/** The statistics that a norm is given, from those of the picture. */
type Given = (norm: string, own: Statistics) => Statistics;

/** What a part made of each portion, and what its norms were given for all of them. */
interface Run {
  readonly outputs: Tensor[][];
  readonly statistics: ReadonlyMap<string, Statistics>;
  readonly affines: ReadonlyMap<string, Affine>;
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
    const pieces = cut(await pack.readTemplate(template), before, ends(template));
    const steps: Step[] = [];
    for (const [place, piece] of pieces.entries()) {
      const later = pieces.slice(place + 1).flatMap(({ inputs }) => inputs);
      const kept = new Set([...later, ...ends(template)]);
      steps.push({ ...piece, session: await Session.open(piece.data, data), norm: norms[place], kept });
    }
    return new StagedPart(template, steps, weights);
  }

  /** Takes in what the typical photograph is to this part, and returns what the part makes of it. */
  async learn(inputs: readonly Tensor[]): Promise<Tensor[]> {
    const { outputs, statistics } = await this.#run(this.steps, [{ take: () => inputs }], (_, own) => own);
    this.#typical = statistics;
    return outputs[0];
  }

  /** Runs the part beside the typical photograph, which has a `share` of the statistics. */
  async run(inputs: readonly Tensor[], share: number, checkpoint = ignored): Promise<Tensor[]> {
    return (await this.runAll([{ take: () => inputs }], share, checkpoint)).outputs[0];
  }

  /** Does the same with portions of a picture, whose statistics are those of all portions together. */
  runAll(portions: readonly Portion[], share: number, checkpoint: Checkpoint): Promise<Run> {
    return this.#run(this.steps, portions, this.#beside(share), checkpoint);
  }

  /** Does the same, up to the last norm. */
  measure(portions: readonly Portion[], share: number, checkpoint: Checkpoint): Promise<Pick<Run, "affines">> {
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
    const held = portions.map((): ReadonlyMap<string, Tensor> => new Map());
    for (const [place, { norm, ...step }] of steps.entries()) {
      const sums = new Sums(norm?.channels ?? 0);
      const known = affineTensors(affines);
      for (const [at, { take, area }] of portions.entries()) {
        const before = place ? held[at] : this.#named(take());
        const values = new Map([...before, ...known]);
        for (const [name, value] of await step.session.run(values, step.inputs, step.outputs)) values.set(name, value);
        held[at] = new Map([...values].filter(([name]) => step.kept.has(name)));
        if (norm) count(sums, values.get(`${norm.name}.x`) as Tensor, area);
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
    const names = ends(this.template);
    return { outputs: held.map((values) => names.map((name) => values.get(name) as Tensor)), statistics, affines };
  }

  /** What the part takes of the one before it, by name. */
  #named(inputs: readonly Tensor[]): Map<string, Tensor> {
    const names = this.template.inputs.map(({ name }) => name).filter((name) => !/\.[ab]$/.test(name));
    return new Map(names.map((name, at) => [name, inputs[at]]));
  }
}

/** What a part gives to the next one. */
const ends = ({ outputs }: Template): string[] =>
  outputs.map(({ name }) => name).filter((name) => !name.endsWith(".x"));

const count = (sums: Sums, values: Tensor, area: Portion["area"]): void => sums.add(values, area?.(values.shape[3]));

/** Norms that are known, as the inputs or weights that they are in templates. */
export function affineTensors(affines: ReadonlyMap<string, Affine>): [string, Tensor][] {
  return [...affines].flatMap(([norm, pair]) =>
    (["a", "b"] as const).map((letter): [string, Tensor] => [
      `${norm}.${letter}`,
      { data: pair[letter], shape: [pair[letter].length] },
    ]),
  );
}
