/** For everyone: no violation of axe's rules, by keyboard, at 320 pixels, light and dark, with little motion. */
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import type { AxeResults } from "axe-core";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { click, painted } from "./acts";
import { isSkipped, launch, newPage } from "./browsers";
import { serve, type Served } from "./server";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");

describe.skipIf(isSkipped("chrome"))("access, in Chromium", () => {
  let browser: Browser;
  let served: Served;
  let page: Page;

  beforeAll(async () => {
    served = await serve({ isolated: true });
    browser = await launch("chrome");
    page = await newPage(browser, []);
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });

  async function violations(): Promise<string[]> {
    await page.evaluate(() =>
      Promise.all(document.getAnimations().map(({ finished }) => finished.catch(() => undefined))),
    );
    await page.evaluate(axe);
    const results = (await page.evaluate("axe.run({ resultTypes: ['violations'] })")) as AxeResults;
    return results.violations.flatMap(({ id, nodes }) => nodes.map(({ html }) => `${id}: ${html.slice(0, 120)}`));
  }

  const overflow = (): Promise<number> => page.evaluate(() => document.documentElement.scrollWidth - innerWidth);

  test.each([
    { scheme: "light", width: 1280, height: 800 },
    { scheme: "dark", width: 320, height: 640 },
    { scheme: "light", width: 780, height: 360 },
  ])("$scheme at $width pixels", async ({ scheme, width, height }) => {
    await page.setViewport({ width, height, isMobile: width < 500, hasTouch: width < 500 });
    await page.emulateMediaFeatures([
      { name: "prefers-color-scheme", value: scheme },
      { name: "prefers-reduced-motion", value: "reduce" },
    ]);
    await page.goto(served.url);
    expect(await violations()).toEqual([]);
    expect(await overflow()).toBe(0);
    await painted(page, () => click(page, "[data-sample=still_life]"));
    await page.waitForSelector("body[data-thumbnails]");
    for (const mode of ["mix", "brush"]) {
      await painted(page, () => click(page, `[name=second-mode][value=${mode}]`));
      expect(await violations()).toEqual([]);
      expect(await overflow()).toBe(0);
    }
    for (const name of ["save", "about", "shoot"]) {
      await click(page, `#${name}`);
      await page.waitForSelector("dialog[open]");
      expect(await violations()).toEqual([]);
      await page.keyboard.press("Escape");
    }
  });

  test("everything is reached and used by the keyboard", async () => {
    await page.setViewport({ width: 1280, height: 800 });
    await page.goto(served.url);
    await page.waitForSelector("body[data-threads]");
    await page.focus("[data-sample=town]");
    await painted(page, () => page.keyboard.press("Enter"));
    await page.evaluate(() => (document.activeElement as HTMLElement | null)?.blur());
    const reached = new Set<string>();
    for (let tabs = 0; tabs < 25; tabs++) {
      await page.keyboard.press("Tab");
      reached.add(
        await page.evaluate(() => document.activeElement?.id || document.activeElement?.getAttribute("name") || ""),
      );
    }
    for (const id of [
      "open",
      "shoot",
      "about",
      "save",
      "compare",
      "style",
      "strength",
      "stroke",
      "colors",
      "second-mode",
      "reset",
    ]) {
      expect([...reached]).toContain(id);
    }
    await page.focus("#styles :checked");
    await painted(page, () => page.keyboard.press("ArrowRight"));
    expect(await page.$eval("#styles :checked", (input) => (input as HTMLInputElement).value)).toBe("scream");
    await page.focus("#strength");
    await painted(page, () => page.keyboard.press("ArrowRight"));
    expect(await page.$eval("#strength-said", (said) => said.textContent)).toBe("105 %");
    expect(await page.$eval("#spoken", (said) => said.textContent)).toBe("Painted in Scream.");
  });

  test("with little motion the divider stands where it is", async () => {
    await page.emulateMediaFeatures([{ name: "prefers-reduced-motion", value: "reduce" }]);
    await page.goto(served.url);
    await painted(page, () => click(page, "[data-sample=town]"));
    expect(await page.$eval("#frame", (frame) => (frame as HTMLElement).style.getPropertyValue("--cut"))).toBe("0%");
  });
});
