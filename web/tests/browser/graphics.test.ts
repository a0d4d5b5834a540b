/** The graphics card in Chromium. The processor imitates one there, which says nothing of how fast a card is. */
import { createHash } from "node:crypto";
import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { describe, expect, test } from "vitest";
import type { Finding } from "../../src/graphics/trial";
import { python, readReferences, referenceFolder } from "../references";
import { choose, click, drop, painted } from "./acts";
import { IMITATED_CARD, isSkipped, launch, newPage } from "./browsers";
import { smallPng } from "./files";
import { DIST, serve } from "./server";
import { callWorker, difference, lostCards, startWorker } from "./worker";

const SMALL = smallPng(32, 24);
/** A style, a mixture at some strength, the photograph's colors by half, and a page, of which only the decoder is for the card. */
const CASES = ["tiny", "sum", "half colors", "page parts"];
const MINUTES = 60_000;

/** Has Chromium end the process that speaks to graphics cards. */
async function loseCard(browser: Browser): Promise<void> {
  const session = await browser.target().createCDPSession();
  await session.send("Browser.crashGpuProcess");
}

/** Has the card complain of what it is given next, as it does when its memory is full. */
async function makeCardComplain(page: Page): Promise<void> {
  const painter = page.workers().find((worker) => worker.url().includes("/worker-"));
  await painter?.evaluate(() => {
    GPUDevice.prototype.popErrorScope = () => Promise.resolve({ message: "out of memory" });
  });
}

describe.skipIf(isSkipped("chrome") || (!python && !process.env["CI"]))("pixels of a graphics card", () => {
  test(
    "they are within 2 of 255, and so are the processor's when the card is lost in between",
    async () => {
      const served = await serve({ isolated: true, more: referenceFolder(), files: { "scene.png": SMALL } });
      const browser = await launch("chrome", IMITATED_CARD);
      const page = await browser.newPage();
      await startWorker(page, served.url, 1);
      const trial = { scene: `${served.url}scene.png`, isForced: true };
      const first = callWorker(page, "tryGraphics", trial).catch(String);
      await callWorker(page, "closePhoto", { id: "none" });
      expect(await first).toContain("stopped"); // it gives way
      const finding = await callWorker<Finding>(page, "tryGraphics", trial);
      console.info(`imitated card: ${JSON.stringify(finding)}`);
      expect(finding.isTaken).toBe(true);
      const differences = async (): Promise<Record<string, number>> => {
        const found: Record<string, number> = {};
        for (const reference of readReferences().filter(({ name }) => CASES.includes(name))) {
          found[reference.name] = await difference(page, `${served.url}more/`, reference);
        }
        return found;
      };
      const onCard = await differences();
      expect(Object.keys(onCard).sort()).toEqual([...CASES].sort());
      expect(Math.max(...Object.values(onCard)), JSON.stringify(onCard)).toBeLessThanOrEqual(2);
      expect(await lostCards(page)).toEqual([]);

      const afterwards = differences();
      await loseCard(browser);
      const onProcessor = await afterwards;
      expect(Math.max(...Object.values(onProcessor)), JSON.stringify(onProcessor)).toBeLessThanOrEqual(2);
      expect(await lostCards(page)).toHaveLength(1);
      await browser.close();
      await served.close();
    },
    5 * MINUTES,
  );
});

/** The list of the page's files with another typical picture: a card that is imitated is slow. */
function listWith(typical: Uint8Array): Uint8Array {
  const list = readFileSync(join(DIST, "precache.js"), "utf8");
  const hash = createHash("sha256").update(typical).digest("hex").slice(0, 16);
  return Buffer.from(list.replace(/"typical\.jpg":"\w+"/, `"typical.jpg":"${hash}"`));
}

describe.skipIf(isSkipped("chrome"))("the page and graphics cards", () => {
  const whatPaints = (page: Page): Promise<string> =>
    page.$eval("#what-paints", ({ textContent }) => textContent ?? "");
  const keptOnDemand = (page: Page): Promise<number> =>
    page.evaluate(async () => {
      const kept = await (await caches.open("files")).keys();
      return kept.filter(({ url }) => url.includes("/graphics/")).length;
    });

  async function openSmall(page: Page): Promise<void> {
    await painted(page, () => drop(page, [{ name: "small.png", bytes: SMALL, type: "image/png" }]));
    await page.waitForSelector("body[data-graphics-tried]", { timeout: 3 * MINUTES });
  }

  test.each([
    { what: "without a card", args: [] },
    { what: "with one that is only imitated", args: IMITATED_CARD },
  ])("$what it loads nothing for one", async ({ args }) => {
    const served = await serve({ isolated: true });
    const browser = await launch("chrome", args);
    const complaints: string[] = [];
    const page = await newPage(browser, complaints);
    await page.goto(`${served.url}?threads=1`);
    await openSmall(page);
    expect(await whatPaints(page)).toBe("Paints with the processor.");
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    expect([...served.asked].filter((path) => path.endsWith(".wasm"))).toHaveLength(1);
    expect([...served.asked].filter((path) => path.startsWith("/assets/graphics/"))).toEqual([]);
    expect(complaints).toEqual([]);
    await browser.close();
    await served.close();
  });

  test(
    "with a card it says so, paints on it, and keeps what it loads for it",
    async () => {
      const served = await serve({ isolated: true, files: { "typical.jpg": SMALL, "precache.js": listWith(SMALL) } });
      const browser = await launch("chrome", IMITATED_CARD);
      const complaints: string[] = [];
      const page = await newPage(browser, complaints);
      await page.goto(served.url);
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      expect(await keptOnDemand(page)).toBe(0);

      await page.goto(`${served.url}?gpu=any`);
      await openSmall(page);
      expect(await whatPaints(page)).toBe("Paints with the graphics card.");
      await choose(page, "klee");
      expect(await whatPaints(page)).toBe("Paints with the graphics card.");
      const files = readdirSync(join(DIST, "assets/graphics"));
      expect(files.filter((name) => name.endsWith(".wasm"))).toHaveLength(1);
      expect(await keptOnDemand(page)).toBe(files.length);

      await makeCardComplain(page);
      await painted(page, () => click(page, "#styles [value=waves]"));
      expect(await whatPaints(page)).toMatch(/^Paints with the processor/);
      expect(complaints).toEqual([]);
      await browser.close();
      await served.close();
    },
    5 * MINUTES,
  );
});
