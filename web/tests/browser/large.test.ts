/** Twelve megapixels, in a tab with the memory of a phone's. */
import { existsSync, readFileSync } from "node:fs";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { announcedSize } from "../../src/files/sniff";
import { click, clickSave, distance, drop, meanColor, painted, savedFile, slide } from "./acts";
import { isSkipped, launch, newPage } from "./browsers";
import { scene } from "./files";
import { serve, type Served } from "./server";

const MOST_BYTES = 600e6;
const WATCH_MS = 40;
const FINE_MS = 180_000;
const WIDTH = 4000;
const HEIGHT = 3000;

/**
 * The memory of the largest tab now, in bytes, as the browser's task manager counts it: what is its own, without the
 * browser's program, which all tabs share.
 */
function tabBytes(browser: Browser): number {
  const sizes = descendants(browser.process()?.pid ?? 0).map((pid) => {
    try {
      const isTab = readFileSync(`/proc/${pid}/cmdline`, "utf8").includes("--type=renderer");
      const kilobytes = readFileSync(`/proc/${pid}/status`, "utf8").matchAll(/^Rss(?:Anon|Shmem):\s+(\d+)/gm);
      return isTab ? [...kilobytes].reduce((sum, [, number]) => sum + Number(number) * 1024, 0) : 0;
    } catch {
      return 0; // it has just ended
    }
  });
  return Math.max(...sizes);
}

/** Does `act`, and says in `what` words how much memory the largest tab had at most; that must not be too much. */
async function inBounds<Result>(browser: Browser, what: string, act: () => Promise<Result>): Promise<Result> {
  let peak = 0;
  const timer = setInterval(
    () => (peak = Math.max(peak, existsSync("/proc/self/status") ? tabBytes(browser) : 0)),
    WATCH_MS,
  );
  const result = await act().finally(() => clearInterval(timer));
  console.info(`${what}: the tab's memory at its peak: ${Math.round(peak / 1e6)} MB`);
  expect(peak).toBeLessThan(MOST_BYTES);
  return result;
}

function descendants(pid: number): number[] {
  const path = `/proc/${pid}/task/${pid}/children`;
  const children = existsSync(path) ? readFileSync(path, "utf8").trim().split(" ").filter(Boolean).map(Number) : [];
  return [...children, ...children.flatMap(descendants)];
}

async function collectGarbage(page: Page): Promise<void> {
  const session = await page.createCDPSession();
  await session.send("HeapProfiler.collectGarbage");
  await session.detach();
}

/** How much neighbors differ in the picture that is shown. */
function detail(page: Page): Promise<number> {
  return page.$eval("#after", (element) => {
    const { width, height } = element as HTMLCanvasElement;
    const context = (element as HTMLCanvasElement).getContext("2d") as CanvasRenderingContext2D;
    const { data } = context.getImageData(0, 0, width, height);
    let sum = 0;
    for (let at = 4; at < data.length; at += 4) sum += Math.abs(data[at + 1] - data[at - 3]);
    return sum / (data.length / 4);
  });
}

describe.skipIf(isSkipped("chrome"))("12 megapixels in Chromium", () => {
  let browser: Browser;
  let served: Served;
  let page: Page;
  const complaints: string[] = [];

  beforeAll(async () => {
    served = await serve({ isolated: true });
    browser = await launch("chrome");
    page = await newPage(browser, complaints);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  test("are painted and saved at full size, in at most 600 MB", async () => {
    await page.goto(served.url);
    const maker = await browser.newPage(); // its memory is not the tab's
    await maker.goto(`${served.url}blank.html`);
    const base64 = await maker.evaluate(
      async (width, height) => {
        const scene = await createImageBitmap(await (await fetch("./samples/town.jpg")).blob());
        const canvas = new OffscreenCanvas(width, height);
        canvas.getContext("2d")?.drawImage(scene, 0, 0, width, height);
        const bytes = new Uint8Array(await (await canvas.convertToBlob({ type: "image/jpeg" })).arrayBuffer());
        return btoa(Array.from(bytes, (byte) => String.fromCharCode(byte)).join(""));
      },
      WIDTH,
      HEIGHT,
    );
    await maker.close();
    const bytes = await inBounds(browser, "12 MP", async () => {
      const began = performance.now();
      await painted(page, () =>
        drop(page, [{ name: "large.jpg", bytes: Buffer.from(base64, "base64"), type: "image/jpeg" }]),
      );
      const shown = performance.now();
      expect(await page.$eval("#after", (canvas) => (canvas as HTMLCanvasElement).height)).toBe(1080);
      const { bytes } = await savedFile(page, () => clickSave(page));
      const saved = performance.now();
      console.info(`12 MP: shown in ${Math.round(shown - began)} ms, saved in ${Math.round(saved - shown)} ms`);
      return bytes;
    });
    expect(announcedSize("jpeg", new Uint8Array(bytes))).toEqual({ width: WIDTH, height: HEIGHT });
    const shownColor = await meanColor(page, "after");
    await painted(page, () => drop(page, [{ name: "again.jpg", bytes }]));
    expect(distance(await meanColor(page, "before"), shownColor)).toBeLessThan(6);
    expect(complaints).toEqual([]);
  });

  test(
    "have strokes as fine as the photo, tile by tile, shown and saved in as much memory",
    async () => {
      await painted(page, () => click(page, "#styles [value=klee]"));
      expect(await page.$eval("#stroke", (slider) => (slider as HTMLInputElement).min)).toBe("-4");
      const usual = await detail(page);
      await collectGarbage(page); // what the tests themselves left in the tab
      const bytes = await inBounds(browser, "12 MP, fine", async () => {
        const began = performance.now();
        await painted(page, () => slide(page, "stroke", -4), FINE_MS);
        const shown = performance.now();
        expect(await detail(page)).toBeGreaterThan(usual * 1.05);
        const { bytes } = await savedFile(page, () => clickSave(page));
        const saved = performance.now();
        console.info(`12 MP, fine: shown in ${Math.round(shown - began)} ms, saved in ${Math.round(saved - shown)} ms`);
        expect(saved - shown).toBeLessThan((shown - began) / 2); // what was painted for the view is what is saved
        return bytes;
      });
      expect(announcedSize("jpeg", new Uint8Array(bytes))).toEqual({ width: WIDTH, height: HEIGHT });
      expect(await page.$eval("#stroke-said", (said) => said.textContent)).toBe("Finest");
      await painted(page, () => click(page, "#reset"));
      expect(complaints).toEqual([]);
    },
    FINE_MS,
  );

  test("fine strokes can be stopped, and stay wished for when a small photo was there", async () => {
    const stroke = (): Promise<string> => page.$eval("#stroke", (slider) => (slider as HTMLInputElement).value);
    await slide(page, "stroke", -4);
    await page.waitForFunction(
      () =>
        document.querySelector("#progress-said")?.textContent === "Painting fine strokes" &&
        (document.querySelector("progress")?.value ?? 0) > 0.02,
      { polling: 20 },
    );
    await click(page, "#cancel");
    await page.waitForFunction(() => !document.body.hasAttribute("aria-busy"), { polling: 20 });
    expect(await page.$eval("#messages", (box) => box.textContent)).toMatch(/preview with usual strokes/);
    await painted(page, () => drop(page, [scene("town")]));
    expect(await stroke()).toBe("0");
    await painted(page, () => click(page, "#film li:first-child button"));
    expect(await stroke()).toBe("-4");
    await painted(page, () => click(page, "#reset"));
    expect(complaints).toEqual([]);
  });

  test("can be stopped, and painted after that", async () => {
    await page.evaluate(() => {
      HTMLAnchorElement.prototype.click = () => void (document.body.dataset["saved"] = "yes");
    });
    await clickSave(page);
    await page.waitForFunction(() => (document.querySelector("progress")?.value ?? 0) > 0.1, { polling: 20 });
    await painted(page, () => click(page, "#cancel"));
    expect(await page.$eval("body", ({ dataset }) => dataset["saved"])).toBeUndefined();
    expect(await page.$eval("#messages", (box) => box.textContent)).toBe("");
    await painted(page, () => click(page, "#styles [value=mosaic]"));
  });
});
