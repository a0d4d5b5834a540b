/** Paints the photo that is open for the page to show: with usual strokes at once, and with finer ones after that. */
import { Canceled } from "../engine/problem";
import type { Edit } from "../engine/stylizer";
import type { WorkerClient } from "../worker/client";
import type { AlbumPhoto } from "./album";
import { Latest } from "./latest";
import { say, tellError, tellGood } from "./messages";
import type { Progress, Task } from "./progress";
import type { Stage } from "./stage";

/** What is to be painted: an edit for now, and maybe one with finer strokes, which takes long. */
export interface ViewOrder {
  readonly photo: AlbumPhoto;
  readonly edit: Edit;
  readonly fine: Edit | undefined;
}

/** What the page does about it. */
export interface Viewer {
  /** Waits until nothing else is being done, and returns what is to be painted then. */
  readonly order: () => Promise<ViewOrder | undefined>;
  /** Paints what should not wait for fine strokes. */
  readonly previewed: (signal: AbortSignal) => Promise<void>;
  readonly painted: () => void;
}

export class View {
  readonly #latest = new Latest((signal) => this.#paint(signal), stopped);
  #isFine = false;
  #changes = 0;
  /** What is shown, and of what the person stopped the fine strokes, by photo and changes. */
  #shown = "";
  #declined = "";

  constructor(
    private readonly client: WorkerClient,
    private readonly stage: Stage,
    private readonly progress: Progress,
    private readonly viewer: Viewer,
  ) {}

  /** Asks for the view to be painted, if it is not. */
  wish(): void {
    this.#latest.wish();
  }

  /** Asks for it as a person has changed something: what takes long is not waited for. */
  change(isUrgent = false): void {
    this.#changes++;
    this.#latest.wish(isUrgent || this.#isFine);
  }

  stop(): void {
    this.#latest.stop();
  }

  /** Another photo is shown, not painted yet. */
  forget(): void {
    this.#shown = "";
  }

  async #paint(signal: AbortSignal): Promise<void> {
    const order = await this.viewer.order();
    if (!order || signal.aborted) return;
    const key = `${order.photo.id} ${this.#changes}`;
    const { fine } = this.#declined === key ? { fine: undefined } : order;
    this.#isFine = fine !== undefined;
    const task = this.progress.begin(fine ? "Painting fine strokes" : "Painting", () => {
      if (fine) this.#decline(key);
      this.stop();
    });
    try {
      if (!this.#shown.startsWith(key)) await this.#show(order.photo, order.edit, key, signal, task);
      if (fine && this.#shown === key) {
        await this.viewer.previewed(signal);
        await this.#show(order.photo, fine, `${key} fine`, signal, task);
      }
    } finally {
      task.end();
    }
    this.viewer.painted();
  }

  async #show({ id }: AlbumPhoto, edit: Edit, key: string, signal: AbortSignal, task: Task): Promise<void> {
    this.stage.showPainted(await this.client.call("view", { id, edit }, { signal, onProgress: task.update }));
    this.#shown = key;
  }

  #decline(key: string): void {
    this.#declined = key;
    tellGood("This is a preview with usual strokes. A saved picture has the fine ones.");
  }
}

function stopped(error: unknown): void {
  if (error instanceof Canceled) say("Stopped.");
  else tellError(error);
}
