/** The page as nst-export bundles it and nst-runtime serves it. */
import { spawn, type ChildProcess } from "node:child_process";
import { mkdtempSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { environment, python, runPython } from "../references";
import { click, hasAllThreads, painted } from "./acts";
import { isSkipped, launch, newPage } from "./browsers";
import { DIST } from "./server";

describe.skipIf(isSkipped("chrome") || (!python && !process.env["CI"]))("bundled and served by Python", () => {
  test("it is isolated, paints, and is kept for use offline", async () => {
    const site = join(mkdtempSync(join(tmpdir(), "nst-site-")), "site");
    const program = python as string;
    runPython(program, [
      "-c",
      "import sys, nst_export; sys.exit(nst_export.main())",
      "bundle",
      "web",
      site,
      "--dist",
      DIST,
    ]);
    const server = spawn(program, ["-m", "nst_runtime", "web", "--dist", site, "--port", "0"], { env: environment() });
    const browser = await launch("chrome");
    try {
      const complaints: string[] = [];
      const page = await newPage(browser, complaints);
      const url = await firstLine(server);
      await page.goto(url);
      expect(await hasAllThreads(page)).toBe(true);
      await painted(page, () => click(page, "[data-sample=town]"));
      await page.evaluate(() => navigator.serviceWorker.ready.then(() => undefined));
      server.kill("SIGINT");
      await page.goto(url);
      await painted(page, () => click(page, "[data-sample=town]"));
      expect(complaints).toEqual([]);
    } finally {
      server.kill("SIGINT");
      await browser.close();
    }
  });
});

function firstLine(program: ChildProcess): Promise<string> {
  return new Promise((done) => program.stdout?.once("data", (data: Buffer) => done(data.toString().trim())));
}
