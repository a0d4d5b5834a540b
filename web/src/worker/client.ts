/** The page's side of the worker: calls that give promises, can be watched and can be stopped. */
import { Canceled, Problem } from "../engine/problem";
import type { Args, CallName, FromWorker, Result, ToWorker } from "./messages";

interface Waiting {
  readonly done: (result: unknown) => void;
  readonly failed: (error: Error) => void;
  readonly onProgress: ((done: number) => void) | undefined;
}

export interface CallOptions {
  readonly signal?: AbortSignal;
  readonly onProgress?: (done: number) => void;
}

export class WorkerClient {
  readonly #worker = new Worker(new URL("./worker.ts", import.meta.url), { type: "module", name: "painter" });
  readonly #waiting = new Map<number, Waiting>();
  #calls = 0;
  #failure = "";
  /** Told when the graphics card that painted is lost: the processor paints from then on. */
  onGraphicsLost: (why: string) => void = () => undefined;

  constructor() {
    this.#worker.onmessage = ({ data }: MessageEvent<FromWorker>) => this.#take(data);
    this.#worker.onerror = (event) => {
      event.preventDefault();
      this.#failAll(event.message || "the part of the page that paints could not start");
    };
  }

  call<Name extends CallName>(name: Name, args: Args<Name>, options: CallOptions = {}): Promise<Result<Name>> {
    if (this.#failure) return Promise.reject(new Error(this.#failure));
    const call = ++this.#calls;
    options.signal?.addEventListener("abort", () => this.#send({ cancel: call }));
    return new Promise((done, failed) => {
      this.#waiting.set(call, { done: done as Waiting["done"], failed, onProgress: options.onProgress });
      this.#send({ call, name, args });
      if (options.signal?.aborted) this.#send({ cancel: call });
    });
  }

  #send(message: ToWorker): void {
    this.#worker.postMessage(message);
  }

  #take(message: FromWorker): void {
    if ("lostGraphics" in message) {
      this.onGraphicsLost(message.lostGraphics);
      return;
    }
    const waiting = this.#waiting.get(message.call);
    if (!waiting) return;
    if ("progress" in message) {
      waiting.onProgress?.(message.progress);
      return;
    }
    this.#waiting.delete(message.call);
    if ("result" in message) waiting.done(message.result);
    else waiting.failed(errorOf(message.error, message.message));
  }

  /** The worker is gone: what waits for it fails, and what comes later at once. */
  #failAll(message: string): void {
    this.#failure = message;
    for (const { failed } of this.#waiting.values()) failed(new Error(message));
    this.#waiting.clear();
  }
}

function errorOf(kind: "Problem" | "Canceled" | "fault", message: string): Error {
  if (kind === "Problem") return new Problem(message);
  return kind === "Canceled" ? new Canceled(message) : new Error(message);
}
