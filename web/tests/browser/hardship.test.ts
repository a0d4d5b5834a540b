/** Browsers and devices that lack something. */
import { describe, expect, test } from "vitest";
import { click, painted, told } from "./acts";
import { isSkipped, launch, newPage } from "./browsers";
import { serve } from "./server";

const TWO_CAMERAS = ["--use-fake-device-for-media-stream=device-count=2", "--use-fake-ui-for-media-stream"];

describe.skipIf(isSkipped("chrome"))("hardship, in Chromium", () => {
  async function saidWith(args: readonly string[], isCameraAllowed: boolean | undefined): Promise<string> {
    const served = await serve({ isolated: true });
    const browser = await launch("chrome", args, []);
    try {
      const page = await newPage(browser, []);
      await page.goto(served.url);
      if (isCameraAllowed !== undefined) {
        await browser.defaultBrowserContext().overridePermissions(served.url, isCameraAllowed ? ["camera"] : []);
        await page.waitForSelector("body[data-threads]");
        await click(page, "#start-camera");
      }
      return await told(page);
    } finally {
      await browser.close();
      await served.close();
    }
  }

  test("no camera", async () => {
    expect(await saidWith([], true)).toBe(
      "This device has no camera that the browser can find; choose a photo instead.",
    );
  });

  test("the camera is not allowed", async () => {
    const said = await saidWith(["--use-fake-device-for-media-stream"], false);
    expect(said).toBe("The camera is not allowed for this page; allow it in the browser’s settings.");
  });

  test("two cameras: the other one is a click away, and the person's own side is mirrored", async () => {
    const served = await serve({ isolated: true });
    const browser = await launch("chrome", [], TWO_CAMERAS);
    const page = await newPage(browser, []);
    await page.goto(served.url);
    await page.waitForSelector("body[data-threads]");
    await click(page, "#start-camera");
    await page.waitForSelector("#turn:not([hidden])");
    const isMirrored = (): Promise<boolean> => page.$eval("#live", (live) => live.classList.contains("mirrored"));
    expect(await isMirrored()).toBe(false);
    await click(page, "#turn");
    await page.waitForSelector("#live.mirrored");
    await painted(page, () => click(page, "#shutter"));
    await browser.close();
    await served.close();
  });

  test("the worker cannot be loaded: it says so, and so does what comes later", async () => {
    const served = await serve();
    const browser = await launch("chrome");
    const page = await newPage(browser, []);
    await page.setRequestInterception(true);
    page.on("request", (request) => void (request.url().includes("/worker-") ? request.abort() : request.continue()));
    await page.goto(served.url);
    const sentence = /^The page failed \(.+\); reload it and try again\.$/;
    expect(await told(page)).toMatch(sentence);
    await page.evaluate(() => document.querySelector("#messages")?.replaceChildren());
    await click(page, "[data-sample=town]");
    expect(await told(page)).toMatch(sentence);
    expect(await page.$eval("body", (body) => body.hasAttribute("aria-busy"))).toBe(false);
    await browser.close();
    await served.close();
  });

  test("no WebAssembly SIMD", async () => {
    const said = await saidWith(["--js-flags=--no-enable-sse3 --no-enable-ssse3 --no-enable-sse4-1"], undefined);
    expect(said).toBe("This browser is too old to paint: it lacks WebAssembly SIMD. Update it, or use another one.");
  });
});
