/** The documents' pictures of the page: light and dark, on a desktop and on a phone. */
import { mkdirSync, mkdtempSync, statSync } from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { choose, click, painted, slide } from "./acts";
import { isSkipped, launch } from "./browsers";
import { serve, type Served } from "./server";

const LARGEST_BYTES = 120_000;
const FOLDER = process.env["PICTURES"]
  ? resolve(process.env["PICTURES"])
  : mkdtempSync(join(tmpdir(), "nst-pictures-"));
const DESKTOP = { width: 1200, height: 750 };
const PHONE = { width: 390, height: 780, deviceScaleFactor: 1.6, isMobile: true, hasTouch: true };

describe.skipIf(isSkipped("chrome"))("pictures of the page", () => {
  let browser: Browser;
  let served: Served;
  let page: Page;

  beforeAll(async () => {
    mkdirSync(FOLDER, { recursive: true });
    served = await serve({ isolated: true });
    browser = await launch("chrome");
    page = await browser.newPage();
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  async function open(scheme: string, viewport: typeof DESKTOP, sample?: string, style?: string): Promise<void> {
    await page.setViewport(viewport);
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await page.goto(served.url);
    await page.waitForSelector("body[data-threads]");
    if (!sample || !style) return;
    await painted(page, () => click(page, `[data-sample=${sample}]`));
    await choose(page, style);
    await page.waitForSelector("body[data-thumbnails]");
  }

  async function take(name: string): Promise<void> {
    const path = join(FOLDER, `${name}.jpg`);
    for (const quality of [80, 70, 60, 50]) {
      await page.screenshot({ path: path as `${string}.jpg`, type: "jpeg", quality });
      if (statSync(path).size < LARGEST_BYTES) return;
    }
    expect(statSync(path).size).toBeLessThan(LARGEST_BYTES);
  }

  test("the first screen", async () => {
    await open("light", DESKTOP);
    await take("desktop-start");
    await open("light", PHONE);
    await take("phone-start");
  });

  test("a desktop in the light: the photo and the painting", async () => {
    await open("light", DESKTOP, "landscape", "starry");
    await slide(page, "compare", 42);
    await take("desktop-light");
  });

  test("a desktop in the dark: a second style by brush", async () => {
    await open("dark", DESKTOP, "town", "kandinsky");
    await painted(page, () => click(page, "[name=second-mode][value=brush]"));
    await painted(page, () => click(page, "#second-styles [value=starry]"));
    await slide(page, "brush", 30);
    const { x, y, width, height } = (await (await page.$("#easel"))?.boundingBox()) ?? {
      x: 0,
      y: 0,
      width: 0,
      height: 0,
    };
    await painted(page, async () => {
      await page.mouse.move(x + 20, y + 20);
      await page.mouse.down();
      for (const row of [0.02, 0.12, 0.2]) {
        for (const column of [0, 1]) await page.mouse.move(x + width * column, y + height * row, { steps: 8 });
      }
      await page.mouse.up();
    });
    await page.$eval("#panel", (panel) => panel.scrollTo(0, 1e6));
    await take("desktop-dark");
  });

  test("a phone in the light and in the dark", async () => {
    await open("light", PHONE, "still_life", "klee");
    await take("phone-light");
    await open("dark", PHONE, "landscape", "waves");
    await painted(page, () => click(page, "[name=second-mode][value=mix]"));
    await painted(page, () => click(page, "#second-styles [value=kandinsky]"));
    await painted(page, () => slide(page, "mix", 40));
    await page.evaluate(() => scrollTo(0, 1e6));
    await take("phone-dark");
  });
});
