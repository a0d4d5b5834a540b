/** The page in Firefox: load, stylize, save, work offline, without a complaint. */
import { describe, expect, test } from "vitest";
import { announcedSize } from "../../src/files/sniff";
import { click, clickSave, distance, drop, hasAllThreads, meanColor, painted, savedFile } from "./acts";
import { isSkipped, launch, newPage } from "./browsers";
import { scene } from "./files";
import { serve } from "./server";

describe.skipIf(isSkipped("firefox"))("the page in Firefox", () => {
  test.each([false, true])("load, stylize, mix, save, offline (isolated: %s)", async (isolated) => {
    const served = await serve({ isolated });
    const browser = await launch("firefox");
    const complaints: string[] = [];
    const page = await newPage(browser, complaints);
    await page.goto(served.url);
    expect(await hasAllThreads(page)).toBe(isolated);
    await painted(page, () => drop(page, [scene("landscape")]));
    const photo = await meanColor(page, "before");
    await painted(page, () => click(page, "#styles [value=horse]"));
    expect(distance(await meanColor(page, "after"), photo)).toBeGreaterThan(40);
    await painted(page, () => click(page, "[name=second-mode][value=mix]"));
    const { name, bytes } = await savedFile(page, () => clickSave(page));
    expect(name).toBe("landscape-horse-scream.jpg");
    expect(announcedSize("jpeg", new Uint8Array(bytes))).toEqual({ width: 1024, height: 768 });
    await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
    await served.close();
    await page.reload();
    expect(await hasAllThreads(page)).toBe(true);
    await painted(page, () => click(page, "[data-sample=town]"));
    expect(complaints).toEqual([]);
    await browser.close();
  });
});
