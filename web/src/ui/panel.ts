/** The sliders and what they say. */
import { chosen, box, button, input } from "./elements";
import { strokeFactor, type SecondMode, type Settings } from "./settings";

type Numbers = Omit<Settings, "style" | "second">;

const SAID: Readonly<Record<string, (value: number) => string>> = {
  strength: (value) => `${value} %`,
  stroke: (value) => strokeText(value, Number(input("stroke").min)),
  colors: (value) => (value === 0 ? "The photo’s" : value === 100 ? "The style’s" : `${value} % of the style’s`),
  mix: (value) => `${value} %`,
  brush: (value) => `${value} %`,
};

/** How large strokes are, from the `finest` step on, at which they are as fine as the photo. */
function strokeText(step: number, finest: number): string {
  if (step === finest) return "Finest";
  return step === 0 ? "Usual" : `${strokeFactor(step).toFixed(1)} ×`;
}

export class Panel {
  /** The step of strokes that the person chose; the slider may not go so far for the photo that is open. */
  #stroke = 0;

  constructor(private readonly onChange: () => void) {
    const form = box("panel");
    form.addEventListener("submit", (event) => event.preventDefault());
    form.addEventListener("input", ({ target }) => {
      if (!(target instanceof HTMLInputElement)) return;
      if (target.id === "stroke") this.#stroke = target.valueAsNumber;
      if (target.id in SAID) this.#sayAll();
      if (target.name === "second-mode") this.#showSecond();
      if (target.id !== "brush" && target.id !== "erase") this.onChange();
    });
    button("reset").onclick = () => this.reset();
    this.#sayAll();
  }

  get numbers(): Numbers {
    return {
      strength: input("strength").valueAsNumber / 100,
      stroke: this.#stroke,
      colors: input("colors").valueAsNumber / 100,
      mix: input("mix").valueAsNumber / 100,
      secondMode: this.secondMode,
    };
  }

  /** Lets strokes be so many steps finer than usual. */
  allowFiner(steps: number): void {
    const slider = input("stroke");
    slider.min = String(-steps);
    slider.valueAsNumber = this.#stroke;
    this.#sayAll();
  }

  get secondMode(): SecondMode {
    return chosen("second-mode") as SecondMode;
  }

  reset(): void {
    for (const id of Object.keys(SAID)) input(id).value = input(id).defaultValue;
    this.#stroke = input("stroke").valueAsNumber;
    for (const radio of document.querySelectorAll<HTMLInputElement>('input[name="second-mode"]')) {
      radio.checked = radio.defaultChecked;
    }
    this.#sayAll();
    this.#showSecond();
    this.onChange();
  }

  #showSecond(): void {
    const mode = this.secondMode;
    box("second-body").hidden = mode === "none";
    box("mix-row").hidden = mode !== "mix";
    box("brush-row").hidden = mode !== "brush";
  }

  #sayAll(): void {
    for (const [id, words] of Object.entries(SAID)) {
      const slider = input(id);
      const said = words(slider.valueAsNumber);
      box(`${id}-said`).textContent = said;
      slider.setAttribute("aria-valuetext", said);
      const share = (slider.valueAsNumber - Number(slider.min)) / (Number(slider.max) - Number(slider.min));
      slider.style.setProperty("--filled", `${share * 100}%`);
    }
  }
}
