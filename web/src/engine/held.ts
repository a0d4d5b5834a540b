/** Values that wait for the next step, maybe in half of the memory: for statistics, eight bits of a number are enough. */
import type { Tensor } from "./picture";

interface Waiting {
  readonly data: Float32Array | Uint16Array;
  readonly shape: readonly number[];
}

export class Held {
  #waiting: ReadonlyMap<string, Waiting> = new Map();

  /** `isHalved` is whether they take half the memory, and come back rounded. */
  constructor(private readonly isHalved: boolean) {}

  /** Takes in values by name; those before are let go. */
  put(values: readonly (readonly [string, Tensor])[]): void {
    const kept = (data: Float32Array): Float32Array | Uint16Array => (this.isHalved ? halved(data) : data);
    this.#waiting = new Map(values.map(([name, { data, shape }]) => [name, { data: kept(data), shape }]));
  }

  values(): Map<string, Tensor> {
    const back = (data: Float32Array | Uint16Array): Float32Array =>
      data instanceof Uint16Array ? widened(data) : data;
    return new Map([...this.#waiting].map(([name, { data, shape }]) => [name, { data: back(data), shape }]));
  }
}

/** The upper halves of numbers (bfloat16), rounded to nearest. */
function halved(numbers: Float32Array): Uint16Array {
  const bits = new Uint32Array(numbers.buffer, numbers.byteOffset, numbers.length);
  const halves = new Uint16Array(bits.length);
  for (let at = 0; at < bits.length; at++) halves[at] = (bits[at] + 0x8000) >>> 16;
  return halves;
}

function widened(halves: Uint16Array): Float32Array {
  const bits = new Uint32Array(halves.length);
  for (let at = 0; at < halves.length; at++) bits[at] = halves[at] << 16;
  return new Float32Array(bits.buffer);
}
