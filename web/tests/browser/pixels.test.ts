/** The worker in Chromium, with one and two threads, and in Firefox, against the Python runtime. */
import { readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser } from "puppeteer-core";
import { afterAll, beforeAll, describe, expect, test } from "vitest";
import { python, readReferences, referenceFolder, type Reference } from "../references";
import { isSkipped, launch } from "./browsers";
import { serve, type Served } from "./server";
import { difference, startWorker } from "./worker";

const isLeftOut = isSkipped("chrome") || (!python && !process.env["CI"]);
if (!python) console.warn("SKIPPED: comparisons with the Python runtime, which is not installed");

const MANY_PIXELS = 5e6; // with one thread they take long
const isSmall = ({ width, height }: Reference): boolean => width * height < 1e6;

describe.skipIf(isLeftOut || isSkipped("firefox"))("pixels in Firefox", () => {
  test("every small picture is within 2 of 255", async () => {
    const served = await serve({ isolated: true, more: referenceFolder() });
    const browser = await launch("firefox");
    const page = await browser.newPage();
    expect(await startWorker(page, served.url, 2)).toBe(2);
    for (const reference of readReferences().filter(isSmall)) {
      expect(await difference(page, `${served.url}more/`, reference), reference.name).toBeLessThanOrEqual(2);
    }
    await browser.close();
    await served.close();
  });
});

describe.skipIf(isLeftOut)("pixels in Chromium", () => {
  let browser: Browser;
  let references: Reference[];

  beforeAll(async () => {
    browser = await launch("chrome");
    references = readReferences();
  });
  afterAll(() => browser?.close());

  test.each([
    { threads: 1, isolated: false },
    { threads: 2, isolated: true },
  ])("$threads threads: every picture is within 2 of 255", async ({ threads, isolated }) => {
    const served: Served = await serve({ isolated, more: referenceFolder() });
    const page = await browser.newPage();
    expect(await startWorker(page, served.url, threads)).toBe(threads);
    const differences: Record<string, number> = {};
    const taken = references.filter(({ width, height }) => threads > 1 || width * height < MANY_PIXELS);
    for (const reference of taken) {
      differences[reference.name] = await difference(page, `${served.url}more/`, reference);
    }
    expect(Math.max(...Object.values(differences)), JSON.stringify(differences)).toBeLessThanOrEqual(2);
    expect(differences["photograph"]).toBe(0);
    await served.close();
  });

  test("a photo that lies on its side is decoded upright, to the runtime's pixels", async () => {
    const served = await serve({ more: referenceFolder() });
    const page = await browser.newPage();
    await startWorker(page, served.url, 1);
    const found = await page.evaluate(async (url) => {
      const { call } = window as unknown as { call: (name: string, args: unknown) => Promise<{ view: ImageData }> };
      const file = await (await fetch(`${url}exif5.jpg`)).blob();
      const { view } = await call("openPhoto", { id: "exif", file, name: "exif5.jpg" });
      return { width: view.width, height: view.height, data: [...view.data] };
    }, `${served.url}more/`);
    const expected = readFileSync(join(referenceFolder(), "exif5.raw"));
    expect([found.width, found.height]).toEqual([160, 120]);
    const differences = found.data.map((value, at) => Math.abs(value - expected[at]));
    // Decoders of JPEG round differently, here and there by a little.
    expect(differences.reduce((a, b) => a + b) / differences.length).toBeLessThan(0.5);
    expect(Math.max(...differences)).toBeLessThanOrEqual(12);
    await served.close();
  });
});
