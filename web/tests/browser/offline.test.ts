/** Installed, offline, and small enough to come quickly. */
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { describe, expect, test } from "vitest";
import { click, dropWords, hasAllThreads, painted } from "./acts";
import { isSkipped, launch, newPage } from "./browsers";
import { DIST, serve } from "./server";

const FIRST_LOAD_BYTES = 6_000_000;
const SCRIPT_BYTES = 150_000;
const CARD_BYTES = 7_000_000;

describe.skipIf(isSkipped("chrome"))("offline, in Chromium", () => {
  test("after the first visit it works without a connection, with threads, and can be installed", async () => {
    const served = await serve();
    const browser = await launch("chrome");
    const complaints: string[] = [];
    const page = await newPage(browser, complaints);
    const began = performance.now();
    await page.goto(served.url);
    await painted(page, () => click(page, "[data-sample=town]"));
    console.info(`first visit: painted after ${Math.round(performance.now() - began)} ms`);
    const isKept = (): Promise<number> => page.evaluate(async () => (await (await caches.open("files")).keys()).length);
    await page.waitForSelector("body[data-threads='1']");
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    expect(await isKept()).toBe(firstFiles().length - 2); // all but the service worker and its list

    const session = await page.createCDPSession();
    const { installabilityErrors } = await session.send("Page.getInstallabilityErrors");
    expect(installabilityErrors).toEqual([]);
    const { errors, manifest } = await session.send("Page.getAppManifest", {});
    expect(errors).toEqual([]);
    expect(manifest).toMatchObject({ display: "kStandalone" });

    await served.close();
    const again = performance.now();
    await page.goto(served.url);
    await painted(page, () => click(page, "[data-sample=town]"));
    console.info(`later visit: painted after ${Math.round(performance.now() - again)} ms`);
    expect(await hasAllThreads(page)).toBe(true);
    await painted(page, () => dropWords(page));
    expect(complaints).toEqual([]);
    await browser.close();
  });
});

/** The files of the page but for those that only graphics cards need. */
const firstFiles = (): string[] => allFiles().filter((path) => !path.startsWith(join(DIST, "assets/graphics")));

function allFiles(): string[] {
  return readdirSync(DIST, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => join(entry.parentPath, entry.name));
}

describe("size", () => {
  const isNeeded = (path: string): boolean => !/icon-|\.(staged|folded)\.onnx$|typical\.jpg$/.test(path);

  test("the first load is at most 6 MB, compressed", () => {
    const total = firstFiles()
      .filter(isNeeded)
      .reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
    console.info(`first load, gzip: ${total} bytes`);
    expect(total).toBeLessThan(FIRST_LOAD_BYTES);
  });

  test("scripts are at most 150 kB, onnxruntime's among them", () => {
    const scripts = firstFiles().filter((path) => /\.m?js$/.test(path));
    const total = scripts.reduce((sum, path) => sum + readFileSync(path).length, 0);
    console.info(`scripts: ${total} bytes`);
    expect(total).toBeLessThan(SCRIPT_BYTES);
  });

  test("onnxruntime's binary is there once, and once more for graphics cards", () => {
    expect(firstFiles().filter((path) => path.endsWith(".wasm"))).toHaveLength(1);
    expect(allFiles().filter((path) => path.endsWith(".wasm"))).toHaveLength(2);
  });

  test("what only graphics cards need is at most 7 MB, compressed", () => {
    const first = firstFiles();
    const more = allFiles().filter((path) => !first.includes(path));
    const total = more.reduce((sum, path) => sum + gzipSync(readFileSync(path)).length, 0);
    console.info(`for graphics cards, gzip: ${total} bytes`);
    expect(total).toBeLessThan(CARD_BYTES);
  });
});
