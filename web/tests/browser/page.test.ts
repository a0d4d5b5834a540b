/** The page in Chromium, as a person uses it. */
import { existsSync, mkdtempSync, readdirSync, readFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import type { Browser, Page } from "puppeteer-core";
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from "vitest";
import {
  choose,
  click,
  distance,
  drop,
  dropWords,
  meanColor,
  painted,
  paintedCount,
  slide,
  spreadOfPaper,
  told,
} from "./acts";
import { isSkipped, launch, newPage } from "./browsers";
import { heic, hostileStyles, pngHead, scene, styleFile } from "./files";
import { serve, type Served } from "./server";

describe.skipIf(isSkipped("chrome"))("the page in Chromium", () => {
  const complaints: string[] = [];
  const requests = new Set<string>();
  const downloads = mkdtempSync(join(tmpdir(), "nst-downloads-"));
  let browser: Browser;
  let served: Served;
  let page: Page;

  beforeAll(async () => {
    served = await serve({ isolated: true });
    browser = await launch("chrome");
    page = await newPage(browser, complaints);
    page.on("request", (request) => requests.add(new URL(request.url()).origin));
    const session = await page.createCDPSession();
    await session.send("Browser.setDownloadBehavior", { behavior: "allow", downloadPath: downloads });
    await page.setViewport({ width: 1280, height: 800 });
    await page.goto(served.url);
    await painted(page, () => click(page, "[data-sample=town]"));
  });
  afterAll(async () => {
    await browser?.close();
    await served?.close();
  });
  beforeEach(() => {
    complaints.length = 0;
  });
  afterEach(() => expect(complaints).toEqual([]));

  const saved = async (before: readonly string[]): Promise<string> => {
    for (let tries = 0; tries < 200; tries++) {
      const found = readdirSync(downloads).find((name) => !before.includes(name) && !name.endsWith(".crdownload"));
      if (found) return join(downloads, found);
      await new Promise((done) => setTimeout(done, 50));
    }
    throw new Error("nothing was saved");
  };

  const openName = (): Promise<string | null> =>
    page.$eval("#film [aria-pressed=true]", (item) => item.getAttribute("aria-label"));

  const save = async (type: string): Promise<string> => {
    const before = readdirSync(downloads);
    await click(page, "#save");
    await click(page, `input[name=type][value="${type}"]`);
    await click(page, "#save-now");
    return saved(before);
  };

  test("every style of the pack is shown on the photo", async () => {
    await page.waitForSelector("body[data-thumbnails]");
    const names = await page.$$eval("#styles input", (all) => all.map((each) => (each as HTMLInputElement).value));
    expect(names).toHaveLength(12);
    const widths = await page.$$eval("#styles canvas", (all) => all.map((each) => (each as HTMLCanvasElement).width));
    expect(new Set(widths)).toEqual(new Set([299]));
    expect(await page.$$eval("#styles .painted", (all) => all.length)).toBe(12);
  });

  test("another style is another picture, strength 0 the photo", async () => {
    const photo = await meanColor(page, "before");
    await painted(page, () => click(page, "#styles [value=horse]"));
    const horse = await meanColor(page, "after");
    expect(distance(horse, photo)).toBeGreaterThan(30);
    await painted(page, () => slide(page, "strength", 0));
    expect(distance(await meanColor(page, "after"), photo)).toBe(0);
    await painted(page, () => slide(page, "strength", 50));
    expect(distance(await meanColor(page, "after"), horse)).toBeGreaterThan(10);
    await painted(page, () => click(page, "#reset"));
  });

  test("the photo's own colors", async () => {
    const photo = await meanColor(page, "before");
    const styled = await meanColor(page, "after");
    await painted(page, () => slide(page, "colors", 0));
    const own = await meanColor(page, "after");
    const tint = ([red, , blue]: number[]): number => red - blue;
    expect(Math.abs(tint(own) - tint(photo))).toBeLessThan(0.4 * Math.abs(tint(styled) - tint(photo)));
    await painted(page, () => click(page, "#reset"));
  });

  test("larger strokes and a mix change the picture", async () => {
    const before = await meanColor(page, "after", 0.4, 0.1, 0.6, 0.3);
    await painted(page, () => slide(page, "stroke", 5));
    expect(await page.$eval("#stroke-said", (said) => said.textContent)).toBe("3.2 ×");
    expect(distance(await meanColor(page, "after", 0.4, 0.1, 0.6, 0.3), before)).toBeGreaterThan(1);
    await painted(page, () => click(page, "#reset"));
    await painted(page, () => click(page, "[name=second-mode][value=mix]"));
    await painted(page, () => click(page, "#second-styles [value=starry]"));
    await painted(page, () => slide(page, "mix", 100));
    const all = await meanColor(page, "after");
    await painted(page, () => click(page, "#reset"));
    await painted(page, () => click(page, "#styles [value=starry]"));
    expect(distance(await meanColor(page, "after"), all)).toBe(0);
  });

  test("the brush paints a second style where it goes, by pointer and by keys", async () => {
    await painted(page, () => click(page, "[name=second-mode][value=brush]"));
    await painted(page, () => click(page, "#second-styles [value=horse]"));
    const before = {
      left: await meanColor(page, "after", 0, 0.3, 0.2, 0.7),
      right: await meanColor(page, "after", 0.7, 0, 1, 1),
    };
    await slide(page, "brush", 30);
    const easel = await (await page.$("#easel"))?.boundingBox();
    if (!easel) throw new Error("no easel");
    await painted(page, async () => {
      await page.mouse.move(easel.x + easel.width * 0.1, easel.y + easel.height * 0.2);
      await page.mouse.down();
      await page.mouse.move(easel.x + easel.width * 0.1, easel.y + easel.height * 0.8, { steps: 5 });
      await page.mouse.up();
    });
    expect(distance(await meanColor(page, "after", 0, 0.3, 0.2, 0.7), before.left)).toBeGreaterThan(40);
    expect(distance(await meanColor(page, "after", 0.7, 0, 1, 1), before.right)).toBe(0);
    await painted(page, () => click(page, "#clear"));
    expect(distance(await meanColor(page, "after", 0, 0.3, 0.2, 0.7), before.left)).toBe(0);
    const middle = await meanColor(page, "after", 0.45, 0.45, 0.55, 0.55);
    await page.focus("#easel");
    await painted(page, () => page.keyboard.press("Space"));
    expect(distance(await meanColor(page, "after", 0.45, 0.45, 0.55, 0.55), middle)).toBeGreaterThan(20);
    await painted(page, () => click(page, "#reset"));
  });

  test("the divider shows the photo before, by the keyboard too", async () => {
    await page.focus("#compare");
    for (let times = 0; times < 3; times++) await page.keyboard.press("PageUp");
    expect(await page.$eval("#frame", (frame) => getComputedStyle(frame).getPropertyValue("--cut"))).toBe("30%");
    await page.keyboard.press("Home");
    expect(await page.$eval("#frame", (frame) => getComputedStyle(frame).getPropertyValue("--cut"))).toBe("0%");
  });

  test.each([
    ["image/jpeg", "ffd8ff"],
    ["image/png", "89504e47"],
    ["image/webp", "52494646"],
  ])("saves %s, once for two clicks", async (type, magic) => {
    const before = readdirSync(downloads);
    await click(page, "#save");
    await click(page, `input[name=type][value="${type}"]`);
    await page.$eval("#save-now", (button) => {
      (button as HTMLElement).click();
      (button as HTMLElement).click();
    });
    const path = await saved(before);
    await page.waitForFunction(() => !document.body.hasAttribute("aria-busy"));
    expect(path).toMatch(/town-starry\.(jpg|png|webp)$/);
    expect(readFileSync(path).toString("hex", 0, magic.length / 2)).toBe(magic);
    expect(readdirSync(downloads)).toHaveLength(before.length + 1);
  });

  test("transparent pixels stay so", async () => {
    const disc = await page.evaluate(async () => {
      const canvas = new OffscreenCanvas(80, 60);
      const context = canvas.getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.fillStyle = "#3a7";
      context.arc(40, 30, 20, 0, 7);
      context.fill();
      return [...new Uint8Array(await (await canvas.convertToBlob()).arrayBuffer())];
    });
    await painted(page, () => drop(page, [{ name: "disc.png", bytes: Uint8Array.from(disc) }]));
    const png = readFileSync(await save("image/png")).toString("base64");
    const alphas = await page.evaluate(async (base64) => {
      const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes]));
      const context = new OffscreenCanvas(80, 60).getContext("2d") as OffscreenCanvasRenderingContext2D;
      context.drawImage(bitmap, 0, 0);
      return [context.getImageData(0, 0, 1, 1).data[3], context.getImageData(40, 30, 1, 1).data[3]];
    }, png);
    expect(alphas).toEqual([0, 255]);
  });

  test("several photos are a film, and saved together", async () => {
    await painted(page, () => drop(page, [scene("landscape"), scene("still_life")]));
    expect(await page.$$eval("#film li", (items) => items.length)).toBe(4);
    await painted(page, () => click(page, "#film li:last-child button"));
    expect(await openName()).toBe("still_life.jpg");
    const before = readdirSync(downloads);
    await click(page, "#save");
    await click(page, 'input[name=type][value="image/jpeg"]');
    await click(page, "#save-all");
    const names = readFileSync(await saved(before))
      .toString("latin1")
      .match(/[\w-]+-starry\.jpg/g);
    expect(new Set(names)).toEqual(
      new Set(["town-starry.jpg", "disc-starry.jpg", "landscape-starry.jpg", "still_life-starry.jpg"]),
    );
    await page.waitForFunction(() => !document.body.hasAttribute("aria-busy"));
    expect(await openName()).toBe("still_life.jpg");
    for (let count = 0; count < 3; count++) await click(page, "#film li:first-child .close");
    await page.waitForFunction(() => document.querySelector<HTMLElement>("#film")?.hidden);
  });

  test("a pasted picture is opened", async () => {
    const { bytes } = scene("town");
    await painted(page, () =>
      page.evaluate((base64) => {
        const transfer = new DataTransfer();
        const bytes = Uint8Array.from(atob(base64), (letter) => letter.charCodeAt(0));
        transfer.items.add(new File([bytes], "image.png", { type: "image/jpeg" }));
        document.dispatchEvent(new ClipboardEvent("paste", { clipboardData: transfer }));
      }, Buffer.from(bytes).toString("base64")),
    );
    expect(await page.$$eval("#film li", (items) => items.length)).toBe(2);
  });

  test("what the brush painted is there again when its photo is", async () => {
    await painted(page, () => click(page, "[name=second-mode][value=brush]"));
    const without = await meanColor(page, "after");
    await painted(page, () => click(page, "#invert"));
    const within = await meanColor(page, "after");
    expect(distance(within, without)).toBeGreaterThan(20);
    await painted(page, () => click(page, "#film li:first-child button"));
    await painted(page, () => click(page, "#film li:last-child button"));
    expect(distance(await meanColor(page, "after"), within)).toBe(0);
    await painted(page, () => click(page, "#reset"));
  });

  test("a style file is a new style, and there again at the next visit", async () => {
    await painted(page, () => drop(page, [styleFile("my-own")]));
    expect(await page.$eval("#styles :checked", (input) => (input as HTMLInputElement).value)).toBe("my-own");
    await page.reload();
    await page.waitForSelector("body[data-threads]");
    expect(await page.$$eval("#styles input", (all) => all.length)).toBe(13);
    await painted(page, () => click(page, "[data-sample=town]"));
  });

  test.each(hostileStyles.slice(0, 4).map(([file, sentence]) => [file.name, file, sentence] as const))(
    "%s is refused with a sentence",
    async (_, file, sentence) => {
      await drop(page, [file]);
      expect(await told(page)).toMatch(sentence);
      expect(await page.$$eval("#styles input", (all) => all.length)).toBe(13);
      await page.evaluate(() => document.querySelector("#messages")?.replaceChildren());
    },
  );

  const refused = async (sentence: RegExp): Promise<void> => {
    expect(await told(page)).toMatch(sentence);
    await painted(page, () => click(page, "#styles [value=klee]"));
    await painted(page, () => click(page, "#styles [value=waves]"));
    complaints.length = 0; // the browser's own line on a picture that it cannot decode, if any
  };

  test.each([
    ["100 megapixels", pngHead(10_000, 10_000), /huge\.png has 100 megapixels, and this page takes up to 50/],
    ["an empty file", { name: "nothing.jpg", bytes: new Uint8Array(0) }, /nothing\.jpg is empty/],
    ["a text", { name: "notes.txt", bytes: new TextEncoder().encode("hello") }, /notes\.txt is not a picture/],
  ])("%s is refused with a sentence, and what is shown stays", async (_, file, sentence) => {
    const count = await paintedCount(page);
    const shown = await meanColor(page, "after");
    await drop(page, [file]);
    await page.waitForSelector("#messages .card");
    expect(await meanColor(page, "after")).toEqual(shown);
    expect(await paintedCount(page)).toBe(count);
    await refused(sentence);
  });

  test.each([
    ["HEIC", heic, /cannot open HEIC pictures like phone\.heic/],
    ["a broken JPEG", { ...scene("town"), bytes: scene("town").bytes.subarray(0, 700) }, /town\.jpg is damaged/],
  ])("%s is refused with a sentence, and the photo before comes back", async (_, file, sentence) => {
    await painted(page, () => drop(page, [file]));
    await refused(sentence);
  });

  test("no room to keep a style: it says so, and paints with it", async () => {
    const session = await page.createCDPSession();
    await session.send("Storage.overrideQuotaForOrigin", { origin: served.url, quotaSize: 1000 });
    await painted(page, () => drop(page, [styleFile("homeless")]));
    expect(await told(page)).toMatch(/no room to keep it/);
    expect(await page.$eval("#styles :checked", (input) => (input as HTMLInputElement).value)).toBe("homeless");
    await session.send("Storage.overrideQuotaForOrigin", { origin: served.url });
  });

  test("it goes on while another tab is in front", async () => {
    const other = await browser.newPage();
    await other.bringToFront();
    await painted(page, () => click(page, "#styles [value=udnie]"));
    await other.close();
    await page.bringToFront();
  });

  test("the camera is painted live, and shot", async () => {
    await click(page, "#shoot");
    await page.waitForFunction(() => /^\d+ fps$/.test(document.querySelector("#fps")?.textContent ?? ""));
    expect(distance(await meanColor(page, "live"), [0, 0, 0])).toBeGreaterThan(30);
    await click(page, "#camera-styles [value=horse]");
    await painted(page, () => click(page, "#shutter"));
    expect(await page.$eval("#styles :checked", (input) => (input as HTMLInputElement).value)).toBe("horse");
    expect(await openName()).toBe("camera.png");
    expect(await page.$eval("#video", (video) => (video as HTMLVideoElement).srcObject)).toBeNull();
  });

  test("the paper of a page stays light and plain, in the small pictures as well", async () => {
    await page.evaluate(() => delete document.body.dataset["thumbnails"]);
    await painted(page, () => dropWords(page));
    await choose(page, "waves");
    expect((await meanColor(page, "after"))[1]).toBeGreaterThan(195);
    expect(await spreadOfPaper(page, "after")).toBeLessThan(5);
    await page.waitForSelector("body[data-thumbnails]");
    expect((await meanColor(page, "styles canvas"))[1]).toBeGreaterThan(195);
  });

  test("nothing was asked of another origin", () => {
    const others = [...requests].filter((origin) => origin !== new URL(served.url).origin && origin !== "null");
    expect(others).toEqual([]);
    expect(existsSync(downloads)).toBe(true);
  });
});
