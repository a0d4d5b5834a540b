/** A bar that shows up when something takes longer than a moment. */
import { box, button, byId } from "./elements";

const MOMENT_MS = 350;

export class Progress {
  readonly #row = box("progress");
  readonly #bar = byId("progress-bar", HTMLProgressElement);
  #timer = 0;

  /** Begins; `stop` is what the button does, which is not there without it. */
  begin(what: string, stop?: () => void): void {
    this.end();
    this.#bar.value = 0;
    this.#bar.setAttribute("aria-label", what);
    button("cancel").hidden = !stop;
    button("cancel").onclick = stop ?? null;
    document.body.setAttribute("aria-busy", "true");
    this.#timer = window.setTimeout(() => (this.#row.hidden = false), MOMENT_MS);
  }

  readonly update = (done: number): void => {
    this.#bar.value = done;
  };

  end(): void {
    window.clearTimeout(this.#timer);
    this.#row.hidden = true;
    document.body.removeAttribute("aria-busy");
  }
}
