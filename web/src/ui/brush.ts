/** Where the second style goes, painted by pointer or by keys. */
import type { Mask } from "../engine/regions";
import type { Size } from "../engine/picture";
import { box, canvas, contextOf, input } from "./elements";

const LONGEST_PX = 1024;
const KEY_STEP = 0.02;
const TINT = "#e2542f";

interface Place {
  readonly x: number;
  readonly y: number;
}

export class Brush {
  readonly #easel = box("easel");
  readonly #canvas = canvas("strokes");
  #last: Place | undefined;
  #cursor: Place = { x: 0.5, y: 0.5 };
  #isEmpty = true;

  constructor(private readonly onChange: () => void) {
    this.#easel.addEventListener("pointerdown", (event) => this.#begin(event));
    this.#easel.addEventListener("pointermove", (event) => this.#move(event));
    for (const end of ["pointerup", "pointercancel"]) this.#easel.addEventListener(end, () => this.#end());
    this.#easel.addEventListener("keydown", (event) => this.#key(event));
  }

  /** What was painted, to go on with later; nothing while there is nothing. */
  get strokes(): ImageData | undefined {
    const { width, height } = this.#canvas;
    return this.#isEmpty ? undefined : contextOf(this.#canvas).getImageData(0, 0, width, height);
  }

  /** Begins with a photo of this size, and goes on with `strokes` if there are any. */
  prepare({ width, height }: Size, strokes: ImageData | undefined): void {
    const scale = Math.min(1, LONGEST_PX / Math.max(width, height));
    this.#canvas.width = Math.max(1, Math.round(width * scale));
    this.#canvas.height = Math.max(1, Math.round(height * scale));
    if (strokes) contextOf(this.#canvas).putImageData(strokes, 0, 0);
    this.#isEmpty = strokes === undefined;
  }

  enable(isOn: boolean): void {
    this.#easel.hidden = !isOn;
  }

  clear(): void {
    contextOf(this.#canvas).clearRect(0, 0, this.#canvas.width, this.#canvas.height);
    this.#isEmpty = true;
    this.onChange();
  }

  invert(): void {
    const context = contextOf(this.#canvas);
    context.globalCompositeOperation = "xor";
    context.fillStyle = TINT;
    context.fillRect(0, 0, this.#canvas.width, this.#canvas.height);
    context.globalCompositeOperation = "source-over";
    this.#isEmpty = false;
    this.onChange();
  }

  /** Where was painted, or nothing while there is nothing. */
  get mask(): Mask | undefined {
    const { strokes } = this;
    if (!strokes) return undefined;
    const { data, width, height } = strokes;
    return { data: Uint8Array.from({ length: width * height }, (_, at) => data[at * 4 + 3]), width, height };
  }

  #begin(event: PointerEvent): void {
    if (event.button !== 0) return;
    event.preventDefault();
    this.#easel.setPointerCapture(event.pointerId);
    this.#canvas.classList.add("visible");
    this.#last = this.#placeOf(event);
    this.#line(this.#last, this.#last);
  }

  #move(event: PointerEvent): void {
    if (!this.#last) return;
    for (const each of event.getCoalescedEvents?.() ?? [event]) {
      const place = this.#placeOf(each);
      this.#line(this.#last, place);
      this.#last = place;
    }
  }

  #end(): void {
    if (!this.#last) return;
    this.#last = undefined;
    this.#canvas.classList.remove("visible");
    this.onChange();
  }

  #key(event: KeyboardEvent): void {
    const steps: Record<string, readonly [number, number]> = {
      ArrowLeft: [-1, 0],
      ArrowRight: [1, 0],
      ArrowUp: [0, -1],
      ArrowDown: [0, 1],
      " ": [0, 0],
    };
    const step = steps[event.key];
    if (!step) return;
    event.preventDefault();
    const clamp = (value: number): number => Math.min(1, Math.max(0, value));
    const { x, y } = this.#cursor;
    this.#cursor = { x: clamp(x + step[0] * KEY_STEP), y: clamp(y + step[1] * KEY_STEP) };
    this.#easel.style.setProperty("--x", `${this.#cursor.x * 100}%`);
    this.#easel.style.setProperty("--y", `${this.#cursor.y * 100}%`);
    if (event.key !== " ") return;
    const place = { x: this.#cursor.x * this.#canvas.width, y: this.#cursor.y * this.#canvas.height };
    this.#line(place, place);
    this.onChange();
  }

  #placeOf(event: PointerEvent): Place {
    const { left, top, width, height } = this.#easel.getBoundingClientRect();
    return {
      x: ((event.clientX - left) / width) * this.#canvas.width,
      y: ((event.clientY - top) / height) * this.#canvas.height,
    };
  }

  #line(from: Place, to: Place): void {
    const context = contextOf(this.#canvas);
    const { width, height } = this.#canvas;
    context.lineWidth = (input("brush").valueAsNumber / 100) * Math.min(width, height);
    context.lineCap = "round";
    context.strokeStyle = TINT;
    context.globalCompositeOperation = input("erase").checked ? "destination-out" : "source-over";
    context.filter = `blur(${context.lineWidth / 12}px)`;
    context.beginPath();
    context.moveTo(from.x, from.y);
    context.lineTo(to.x, to.y + 0.01);
    context.stroke();
    context.filter = "none";
    context.globalCompositeOperation = "source-over";
    this.#isEmpty = false;
  }
}
