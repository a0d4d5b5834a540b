/** Runs a job for the latest wish alone: one at a time, the next one when it is done, none in between. */
export class Latest {
  #isRunning = false;
  #isWished = false;
  #controller = new AbortController();

  constructor(
    private readonly job: (signal: AbortSignal) => Promise<void>,
    private readonly onError: (error: unknown) => void,
  ) {}

  /** Asks for a run; `urgent` stops the one that is running. */
  wish(urgent = false): void {
    this.#isWished = true;
    if (this.#isRunning) {
      if (urgent) this.#controller.abort();
    } else {
      void this.#run();
    }
  }

  /** Stops the run, and asks for none. */
  stop(): void {
    this.#isWished = false;
    this.#controller.abort();
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#isWished) {
      this.#isWished = false;
      this.#controller = new AbortController();
      await this.job(this.#controller.signal).catch(this.onError);
    }
    this.#isRunning = false;
  }
}
