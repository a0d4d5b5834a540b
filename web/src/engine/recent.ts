/** The things used last, by key; what is used longest ago is let go. */
export class Recent<Value> {
  readonly #values = new Map<string, Value>();

  constructor(
    private readonly limit: number,
    private readonly letGo: (value: Value) => void = () => undefined,
  ) {}

  async get(key: string, make: () => Promise<Value>): Promise<Value> {
    const value = this.#values.get(key) ?? (await make());
    this.#values.delete(key);
    this.#values.set(key, value);
    while (this.#values.size > this.limit) {
      const [oldest] = this.#values.keys();
      this.letGo(this.#values.get(oldest) as Value);
      this.#values.delete(oldest);
    }
    return value;
  }

  forget(isForgotten: (key: string) => boolean): void {
    for (const [key, value] of this.#values) {
      if (!isForgotten(key)) continue;
      this.letGo(value);
      this.#values.delete(key);
    }
  }
}
