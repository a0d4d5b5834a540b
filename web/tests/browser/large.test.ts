/** Twelve megapixels, in a tab with the memory of a phone's. */
import { existsSync, readFileSync } from "node:fs";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { announcedSize } from "../../src/files/sniff";
import { click, clickSave, distance, drop, meanColor, painted, savedFile } from "./acts";
import { isSkipped, launch, newPage } from "./browsers";
import { serve, type Served } from "./server";

const MOST_BYTES = 600e6;
const WATCH_MS = 40;
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

/** Looks at the memory of the largest tab again and again, and remembers the most. */
function watchMemory(browser: Browser): () => number {
  let peak = 0;
  const timer = setInterval(() => (peak = Math.max(peak, tabBytes(browser))), WATCH_MS);
  return () => {
    clearInterval(timer);
    return peak;
  };
}

function descendants(pid: number): number[] {
  const children = readFileSync(`/proc/${pid}/task/${pid}/children`, "utf8")
    .trim()
    .split(" ")
    .filter(Boolean)
    .map(Number);
  return [...children, ...children.flatMap(descendants)];
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
    const endWatch = existsSync("/proc/self/status") ? watchMemory(browser) : () => 0;
    const began = performance.now();
    await painted(page, () =>
      drop(page, [{ name: "large.jpg", bytes: Buffer.from(base64, "base64"), type: "image/jpeg" }]),
    );
    const shown = performance.now();
    expect(await page.$eval("#after", (canvas) => (canvas as HTMLCanvasElement).height)).toBe(1080);
    const { bytes } = await savedFile(page, () => clickSave(page));
    console.info(
      `12 MP: shown in ${Math.round(shown - began)} ms, saved in ${Math.round(performance.now() - shown)} ms`,
    );
    expect(announcedSize("jpeg", new Uint8Array(bytes))).toEqual({ width: WIDTH, height: HEIGHT });
    const peak = endWatch();
    console.info(`12 MP: the tab's memory at its peak: ${Math.round(peak / 1e6)} MB`);
    expect(peak).toBeLessThan(MOST_BYTES);
    const shownColor = await meanColor(page, "after");
    await painted(page, () => drop(page, [{ name: "again.jpg", bytes }]));
    expect(distance(await meanColor(page, "before"), shownColor)).toBeLessThan(6);
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
    await painted(page, () => click(page, "#styles [value=klee]"));
  });
});
