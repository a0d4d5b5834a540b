/**
 * Cuts a template where its norms are, so that each piece runs once: a staged graph runs as a whole at every call.
 * Of onnx.proto this knows what it needs, the fields by number.
 */
import { concat, field, fields, textField, textOf, type Field } from "./protobuf";

const GRAPH = 7; // of a model
const NODE = 1; // of a graph, as the next four
const INITIALIZER = 5;
const INPUT = 11;
const OUTPUT = 12;
const VALUE_INFO = 13;
const NODE_INPUT = 1;
const NODE_OUTPUT = 2;
const TENSOR_NAME = 8;
const VALUE_NAME = 1;
const VALUE_TYPE = 2;
// A type: a tensor of float32 with four sides, of any length.
const FLOATS = new Uint8Array([10, 12, 8, 1, 18, 8, 10, 0, 10, 0, 10, 0, 10, 0]);

/** A part of a graph as a graph of its own: what it takes, and what it gives. */
export interface Piece {
  readonly data: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

interface Node {
  readonly raw: Uint8Array;
  readonly inputs: readonly string[];
  readonly outputs: readonly string[];
}

/** A template, read. */
class Graph {
  readonly nodes: readonly Node[];
  /** Which node computes a value. */
  readonly places: ReadonlyMap<string, number>;
  readonly tensors: ReadonlyMap<string, Uint8Array>;
  readonly #head: Uint8Array;
  readonly #rest: Uint8Array;
  readonly #ports: ReadonlyMap<string, Uint8Array>;

  constructor(data: Uint8Array) {
    const model = [...fields(data)];
    const graph = [...fields(model.find(({ number }) => number === GRAPH)?.value ?? new Uint8Array())];
    const raws = (all: Field[]): Uint8Array => concat(all.map(({ raw }) => raw));
    const named = (kind: number, name: number): Map<string, Uint8Array> =>
      new Map(graph.filter(({ number }) => number === kind).map(({ value, raw }) => [nameOf(value, name), raw]));
    this.nodes = graph.filter(({ number }) => number === NODE).map(readNode);
    this.places = new Map(this.nodes.flatMap(({ outputs }, place) => outputs.map((name) => [name, place] as const)));
    this.tensors = named(INITIALIZER, TENSOR_NAME);
    this.#ports = named(INPUT, VALUE_NAME);
    this.#head = raws(model.filter(({ number }) => number !== GRAPH));
    this.#rest = raws(graph.filter(({ number }) => ![NODE, INITIALIZER, INPUT, OUTPUT, VALUE_INFO].includes(number)));
  }

  /** The places of all nodes that the values `names` hang on. */
  before(names: readonly string[]): Set<number> {
    const found = new Set<number>();
    const waiting = names.flatMap((name) => this.places.get(name) ?? []);
    for (let place = waiting.pop(); place !== undefined; place = waiting.pop()) {
      if (found.has(place)) continue;
      found.add(place);
      waiting.push(...this.nodes[place].inputs.flatMap((name) => this.places.get(name) ?? []));
    }
    return found;
  }

  /** The places of the nodes that compute from tensors alone. */
  constants(): Set<number> {
    const known = new Set(["", ...this.tensors.keys()]);
    const found = new Set<number>();
    for (const [place, { inputs, outputs }] of this.nodes.entries()) {
      if (!inputs.every((name) => known.has(name))) continue;
      found.add(place);
      for (const name of outputs) known.add(name);
    }
    return found;
  }

  piece(nodes: readonly Node[], inputs: readonly string[], outputs: readonly string[]): Piece {
    const used = new Set(nodes.flatMap((node) => node.inputs));
    const graph = [
      this.#rest,
      ...nodes.map(({ raw }) => raw),
      ...[...this.tensors].filter(([name]) => used.has(name)).map(([, raw]) => raw),
      ...inputs.map((name) => this.#ports.get(name) ?? value(INPUT, name)),
      ...outputs.map((name) => value(OUTPUT, name)),
    ];
    return { data: concat([this.#head, field(GRAPH, concat(graph))]), inputs, outputs };
  }
}

/**
 * The pieces of a graph: one up to each value of `at`, in the order in which they are computed, the last one up to
 * `ends`. Run one after the other, each with what those before it gave, they compute what the graph computes.
 */
export function cut(data: Uint8Array, at: readonly string[], ends: readonly string[]): Piece[] {
  const graph = new Graph(data);
  const missing = [...at, ...ends].filter((name) => !graph.places.has(name));
  if (missing.length) throw new RangeError(`the graph does not compute ${missing.join(", ")}`);
  const useful = graph.before([...at, ...ends]);
  const constants = graph.constants();
  const counts = (place: number): boolean => useful.has(place) && !constants.has(place);
  const bounds = [...at.map((name) => graph.places.get(name) as number), graph.nodes.length - 1];
  return bounds.map((last, index) => {
    const first = index ? bounds[index - 1] + 1 : 0;
    const own = graph.nodes
      .map((_, place) => place)
      .filter((place) => place >= first && place <= last && counts(place));
    const after = graph.nodes.filter((_, place) => place > last && counts(place));
    return pieceOf(graph, own, constants, new Set([...at, ...ends, ...after.flatMap(({ inputs }) => inputs)]));
  });
}

/** The piece of the nodes at `own`, with those of the `constants` that it uses; it gives what is `wanted` of it. */
function pieceOf(graph: Graph, own: readonly number[], constants: Set<number>, wanted: Set<string>): Piece {
  const taken = new Set(own.flatMap((place) => graph.nodes[place].inputs));
  const fixed = graph.before([...taken].filter((name) => constants.has(graph.places.get(name) ?? -1)));
  const nodes = [...new Set([...own, ...fixed])].sort((a, b) => a - b).map((place) => graph.nodes[place]);
  const known = new Set(["", ...graph.tensors.keys(), ...nodes.flatMap(({ outputs }) => outputs)]);
  const given = own.flatMap((place) => graph.nodes[place].outputs);
  return graph.piece(
    nodes,
    [...taken].filter((name) => !known.has(name)),
    given.filter((name) => wanted.has(name)),
  );
}

function readNode({ value: data, raw }: Field): Node {
  const all = [...fields(data)];
  const texts = (wanted: number): string[] =>
    all.filter((each) => each.number === wanted).map((each) => textOf(each.value));
  return { raw, inputs: texts(NODE_INPUT), outputs: texts(NODE_OUTPUT) };
}

function nameOf(data: Uint8Array, wanted: number): string {
  for (const { number, value } of fields(data)) if (number === wanted) return textOf(value);
  return "";
}

const value = (port: number, name: string): Uint8Array =>
  field(port, concat([textField(VALUE_NAME, name), field(VALUE_TYPE, FLOATS)]));
