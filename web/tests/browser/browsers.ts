/** The browsers that are installed, driven by puppeteer. */
import { existsSync } from "node:fs";
import puppeteer, { type Browser, type Page } from "puppeteer-core";

const PATHS = {
  chrome: [process.env["CHROMIUM"], "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"],
  firefox: [process.env["FIREFOX"], "/usr/bin/firefox-esr", "/usr/bin/firefox"],
};
export type BrowserName = keyof typeof PATHS;

const pathOf = (name: BrowserName): string | undefined => PATHS[name].find((path) => path && existsSync(path));

/** Whether to leave a browser's tests out: it is not installed, and nobody insists. */
export function isSkipped(name: BrowserName): boolean {
  if (pathOf(name) !== undefined) return false;
  if (process.env["CI"]) throw new Error(`${name} is not installed, and CI is set`);
  console.warn(`SKIPPED: the tests in ${name}, which is not installed`);
  return true;
}

/** Chromium with a graphics card that the processor imitates. */
export const IMITATED_CARD = ["--enable-unsafe-webgpu", "--use-webgpu-adapter=swiftshader"];

const FAKE_CAMERA = ["--use-fake-device-for-media-stream", "--use-fake-ui-for-media-stream"];

export function launch(
  name: BrowserName,
  args: readonly string[] = [],
  camera: readonly string[] = FAKE_CAMERA,
): Promise<Browser> {
  const executablePath = pathOf(name) as string;
  if (name === "firefox") {
    return puppeteer.launch({
      browser: "firefox",
      executablePath,
      headless: true,
      extraPrefsFirefox: { "browser.download.folderList": 2 },
    });
  }
  return puppeteer.launch({ executablePath, headless: true, args: ["--no-sandbox", ...camera, ...args] });
}

/** A page that remembers what it complained of. */
export async function newPage(browser: Browser, complaints: string[]): Promise<Page> {
  const page = await browser.newPage();
  page.on("console", (message) => {
    if (message.type() === "error") complaints.push(message.text());
  });
  page.on("pageerror", (error) => complaints.push(String(error)));
  return page;
}
