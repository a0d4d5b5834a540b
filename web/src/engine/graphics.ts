/** Graphs that run on a graphics card while one is in use, and on the processor otherwise and where the card fails. */
import type { Tensor } from "./picture";

/** A graph that is open: it takes and gives numbers by name. */
export interface Graph {
  /** Returns the values `wanted`, from those of `values` that have the names `inputs`. */
  run(
    values: ReadonlyMap<string, Tensor>,
    inputs: readonly string[],
    wanted: readonly string[],
  ): Promise<Map<string, Tensor>>;
  close(): Promise<void>;
}

/** Opens a graph; `weights` are the bytes of the file in which it looks for its weights. */
export type OpenGraph = (graph: Uint8Array, weights: Uint8Array) => Promise<Graph>;

/** A graphics card. What it opens and runs fails when the card is lost, or complains. */
export interface Card {
  readonly open: OpenGraph;
}

/** Which graphics card is in use, if any. */
class Graphics {
  #card: Card | undefined;
  /** Told when a card in use has failed; it is not used again. */
  onLost: (error: unknown) => void = () => undefined;

  get card(): Card | undefined {
    return this.#card;
  }

  use(card: Card | undefined): void {
    this.#card = card;
  }

  lose(error: unknown): void {
    this.#card = undefined;
    this.onLost(error);
  }
}

export const graphics = new Graphics();

/** A graph that is opened where it is to run; what fails on the card is done again by the processor. */
export class SwitchingGraph implements Graph {
  #onProcessor: Graph | undefined;
  #onCard: { readonly card: Card; readonly graph: Graph } | undefined;

  private constructor(
    private readonly openOnProcessor: OpenGraph,
    private readonly graph: Uint8Array,
    private readonly weights: Uint8Array,
  ) {}

  static async open(openOnProcessor: OpenGraph, graph: Uint8Array, weights: Uint8Array): Promise<SwitchingGraph> {
    const opened = new SwitchingGraph(openOnProcessor, graph, weights);
    if (!graphics.card) await opened.#processor();
    return opened;
  }

  async run(
    values: ReadonlyMap<string, Tensor>,
    inputs: readonly string[],
    wanted: readonly string[],
  ): Promise<Map<string, Tensor>> {
    const { card } = graphics;
    if (card) {
      try {
        return await (await this.#on(card)).run(values, inputs, wanted);
      } catch (error) {
        graphics.lose(error);
      }
    }
    return (await this.#processor()).run(values, inputs, wanted);
  }

  async close(): Promise<void> {
    const onCard = this.#onCard?.card === graphics.card ? this.#onCard?.graph : undefined; // a lost card holds nothing
    await Promise.all([this.#onProcessor?.close(), onCard?.close()]);
  }

  async #processor(): Promise<Graph> {
    return (this.#onProcessor ??= await this.openOnProcessor(this.graph, this.weights));
  }

  async #on(card: Card): Promise<Graph> {
    if (this.#onCard?.card !== card) this.#onCard = { card, graph: await card.open(this.graph, this.weights) };
    return this.#onCard.graph;
  }
}
