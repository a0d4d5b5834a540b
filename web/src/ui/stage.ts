/** The picture, and the photo before it behind a divider. */
import type { Picture, Size } from "../engine/picture";
import { box, canvas, input } from "./elements";
import { show } from "./show";

const REVEAL_MS = 900;

export class Stage {
  readonly frame = box("frame");
  readonly #after = canvas("after");
  readonly #before = canvas("before");
  readonly #compare = input("compare");

  constructor() {
    this.#compare.addEventListener("input", () => this.#cut(this.#compare.valueAsNumber));
  }

  showPhoto(photo: Picture): void {
    this.#fit(photo);
    show(this.#before, photo);
    show(this.#after, photo);
  }

  showPainted(picture: Picture): void {
    show(this.#after, picture);
  }

  /** Draws the divider from the right to the left once, so that people see what it does. */
  reveal(): void {
    if (matchMedia("(prefers-reduced-motion: reduce)").matches) return;
    const began = performance.now();
    const step = (now: number): void => {
      const done = Math.min(1, (now - began) / REVEAL_MS);
      this.#cut(100 * (1 - done) ** 3);
      if (done < 1) requestAnimationFrame(step);
    };
    requestAnimationFrame(step);
  }

  /** Shows the divider, or leaves the pointer to the brush. */
  allowCompare(isAllowed: boolean): void {
    this.#compare.hidden = !isAllowed;
    this.#cut(isAllowed ? this.#compare.valueAsNumber : 0);
    this.frame.classList.toggle("comparing", isAllowed);
  }

  #fit({ width, height }: Size): void {
    box("stage").style.setProperty("--aspect", String(width / height));
    this.#compare.value = "0";
    this.#cut(0);
  }

  #cut(percent: number): void {
    this.frame.style.setProperty("--cut", `${percent}%`);
    this.#compare.setAttribute("aria-valuetext", `${Math.round(percent)} % of the photo before`);
  }
}
