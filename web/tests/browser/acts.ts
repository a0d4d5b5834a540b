/** What a person does on the page. */
import type { Page } from "puppeteer-core";

export interface TestFile {
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly type?: string;
}

/** Drops files on the page. */
export async function drop(page: Page, files: readonly TestFile[]): Promise<void> {
  const given = files.map(
    ({ name, bytes, type }) => [name, Buffer.from(bytes).toString("base64"), type ?? ""] as const,
  );
  await page.evaluate(async (all) => {
    const transfer = new DataTransfer();
    for (const [name, base64, type] of all) {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      transfer.items.add(new File([bytes], name, { type }));
    }
    document.dispatchEvent(new DragEvent("drop", { dataTransfer: transfer, cancelable: true, bubbles: true }));
  }, given);
}

/** Drops a page of words, 600×840, drawn by the browser. */
export async function dropWords(page: Page): Promise<void> {
  const base64 = await page.evaluate(async () => {
    const canvas = new OffscreenCanvas(600, 840);
    const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
    context.fillStyle = "#faf9f4";
    context.fillRect(0, 0, 600, 840);
    context.fillStyle = "#191a1e";
    context.font = "18px serif";
    for (let y = 60; y < 780; y += 28)
      context.fillText("Words in a line, and more of them, as on a page to read.", 60, y);
    const bytes = new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer());
    return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
  });
  await drop(page, [{ name: "words.png", bytes: Buffer.from(base64, "base64"), type: "image/png" }]);
}

/** How much the colors of a canvas differ in its top strip, which is the words' paper. */
export function spreadOfPaper(page: Page, id: string): Promise<number> {
  return page.$eval(`#${id}`, (element) => {
    const { width, height } = element as HTMLCanvasElement;
    const context = (element as HTMLCanvasElement).getContext("2d") as CanvasRenderingContext2D;
    const { data } = context.getImageData(0, 0, width, Math.round(height / 24));
    const greens = Array.from({ length: data.length / 4 }, (_, at) => data[at * 4 + 1]);
    const mean = greens.reduce((sum, green) => sum + green, 0) / greens.length;
    return Math.sqrt(greens.reduce((sum, green) => sum + (green - mean) ** 2, 0) / greens.length);
  });
}

/** Clicks, wherever the element is. */
export function click(page: Page, selector: string): Promise<void> {
  return page.$eval(selector, (element) => (element as HTMLElement).click());
}

/** Waits until the styles are there; returns whether as many threads paint as there can be. */
export async function hasAllThreads(page: Page): Promise<boolean> {
  await page.waitForSelector("body[data-threads]");
  return page.evaluate(() => {
    const possible = crossOriginIsolated ? Math.min(navigator.hardwareConcurrency, 4) : 1;
    return crossOriginIsolated && document.body.dataset["threads"] === String(possible);
  });
}

export const paintedCount = (page: Page): Promise<number> =>
  page.$eval("body", ({ dataset }) => Number(dataset["painted"] ?? 0));

/** Waits until the page has painted, and wants no more, after what `act` does. */
export async function painted(page: Page, act: () => Promise<unknown>, timeout = 30_000): Promise<void> {
  const before = await paintedCount(page);
  await act();
  await page.waitForFunction(
    (count) => Number(document.body.dataset["painted"] ?? 0) > count && !document.body.hasAttribute("aria-busy"),
    { timeout, polling: 50 },
    before,
  );
}

/** Chooses a style for the whole picture, and waits until it is painted; the one that is chosen already is fine. */
export async function choose(page: Page, style: string): Promise<void> {
  const radio = `#styles [value=${style}]`;
  if (await page.$eval(radio, (input) => (input as HTMLInputElement).checked)) return;
  await painted(page, () => click(page, radio));
}

/** Moves a slider. */
export function slide(page: Page, id: string, value: number): Promise<void> {
  return page.$eval(
    `#${id}`,
    (slider, wanted) => {
      (slider as HTMLInputElement).value = String(wanted);
      slider.dispatchEvent(new Event("input", { bubbles: true }));
    },
    value,
  );
}

/** The mean red, green and blue of a part of a canvas, given by shares of its sides. */
export function meanColor(page: Page, id: string, left = 0, top = 0, right = 1, bottom = 1): Promise<number[]> {
  return page.$eval(
    `#${id}`,
    (element, [x, y, toX, toY]) => {
      const { width, height } = element as HTMLCanvasElement;
      const context = (element as HTMLCanvasElement).getContext("2d") as CanvasRenderingContext2D;
      const area = [x * width, y * height, (toX - x) * width, (toY - y) * height].map(Math.round);
      const { data } = context.getImageData(area[0], area[1], area[2], area[3]);
      const sums = [0, 0, 0];
      for (let at = 0; at < data.length; at++) if (at % 4 < 3) sums[at % 4] += data[at];
      return sums.map((sum) => sum / (data.length / 4));
    },
    [left, top, right, bottom],
  );
}

/** How far two colors are from each other, over all channels. */
export const distance = (a: readonly number[], b: readonly number[]): number =>
  a.reduce((sum, value, at) => sum + Math.abs(value - b[at]), 0);

/** What the page tells the person; waits until it does. */
export async function told(page: Page): Promise<string> {
  await page.waitForSelector("#messages .card", { timeout: 30_000 });
  return page.$eval("#messages", (box) => [...box.querySelectorAll("p")].map((p) => p.textContent).join(" "));
}

/** The name and the bytes of the file that the page saves after what `act` does; nothing is written to the disk. */
export async function savedFile(page: Page, act: () => Promise<unknown>): Promise<{ name: string; bytes: Buffer }> {
  await page.evaluate(() => {
    const made: Blob[] = [];
    const saved = new Promise<unknown>((done) => {
      URL.createObjectURL = (blob) => `blob:${made.push(blob as Blob)}`;
      HTMLAnchorElement.prototype.click = function take(this: HTMLAnchorElement) {
        done({ name: this.download, blob: made.pop() });
      };
    });
    Object.assign(window, { saved });
  });
  await act();
  const { name, base64 } = await page.evaluate(async () => {
    const { saved } = window as unknown as { saved: Promise<{ name: string; blob: Blob }> };
    const file = await saved;
    const bytes = new Uint8Array(await file.blob.arrayBuffer());
    const letters: string[] = [];
    for (let at = 0; at < bytes.length; at += 32_768)
      letters.push(String.fromCharCode(...bytes.subarray(at, at + 32_768)));
    return { name: file.name, base64: btoa(letters.join("")) };
  });
  return { name, bytes: Buffer.from(base64, "base64") };
}

/** Saves by the dialog's button. */
export async function clickSave(page: Page): Promise<void> {
  await click(page, "#save");
  await click(page, "#save-now");
}
