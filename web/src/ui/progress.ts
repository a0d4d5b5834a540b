/** A bar that shows up when something takes longer than a moment. */
import { box, button, byId } from "./elements";

const MOMENT_MS = 350;

/** Something that takes time; what it says counts until something else begins. */
export interface Task {
  readonly update: (done: number) => void;
  readonly end: () => void;
}

export class Progress {
  readonly #row = box("progress");
  readonly #bar = byId("progress-bar", HTMLProgressElement);
  #task: Task | undefined;
  #timer = 0;

  /** Begins; `stop` is what the button does, which is not there without it. */
  begin(what: string, stop?: () => void): Task {
    this.#hide();
    const task: Task = {
      update: (done) => {
        if (this.#task === task) this.#bar.value = done;
      },
      end: () => {
        if (this.#task === task) this.#hide();
      },
    };
    this.#task = task;
    this.#bar.value = 0;
    box("progress-said").textContent = what;
    button("cancel").hidden = !stop;
    button("cancel").onclick = stop ?? null;
    document.body.setAttribute("aria-busy", "true");
    this.#timer = window.setTimeout(() => this.#show(), MOMENT_MS);
    return task;
  }

  /** Shows the bar in the part of the page that is seen. */
  #show(): void {
    box(box("stage").hidden ? "start" : "stage").append(this.#row);
    this.#row.hidden = false;
  }

  #hide(): void {
    this.#task = undefined;
    window.clearTimeout(this.#timer);
    this.#row.hidden = true;
    document.body.removeAttribute("aria-busy");
  }
}
