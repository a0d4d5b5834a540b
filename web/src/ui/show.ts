/** Pixels on a canvas. */
import type { Picture } from "../engine/picture";
import { contextOf } from "./elements";

export function show(target: HTMLCanvasElement, { data, width, height }: Picture): void {
  target.width = width;
  target.height = height;
  contextOf(target).putImageData(new ImageData(data as ImageDataArray, width, height), 0, 0);
}
