/** The page's own worker, without the page. */
import { readdirSync } from "node:fs";
import { join } from "node:path";
import type { Page } from "puppeteer-core";
import type { Reference } from "../references";
import { DIST } from "./server";

/** Speaks to the page's own worker, as the page does. */
export async function startWorker(page: Page, url: string, threads: number): Promise<number> {
  await page.goto(`${url}blank.html`);
  const name = readdirSync(join(DIST, "assets")).find((file) => file.startsWith("worker-"));
  return page.evaluate(
    async (worker, count) => {
      const painter = new Worker(worker, { type: "module" });
      const calls = { last: 0 };
      const lost: string[] = [];
      const call = (kind: string, args: unknown): Promise<unknown> =>
        new Promise((done, failed) => {
          const mine = ++calls.last;
          painter.addEventListener("message", ({ data }) => {
            if ("lostGraphics" in data && mine === 1) lost.push(data.lostGraphics);
            if (data.call !== mine || "progress" in data) return;
            if ("result" in data) done(data.result);
            else failed(new Error(data.message));
          });
          painter.postMessage({ call: mine, name: kind, args });
        });
      Object.assign(window, { call, lost });
      const { origin } = location;
      const args = { pack: `${origin}/pack/`, typical: `${origin}/typical.jpg`, threads: count };
      return ((await call("open", args)) as { threads: number }).threads;
    },
    `${url}assets/${name}`,
    threads,
  );
}

/** The largest difference to the reference, found in the page: pixels are slow to carry over. */
export function difference(page: Page, served: string, { name, width, height, edit }: Reference): Promise<number> {
  return page.evaluate(
    async (url, id, size, wanted) => {
      const load = async (end: string): Promise<Uint8ClampedArray> =>
        new Uint8ClampedArray(await (await fetch(`${url}${encodeURIComponent(id)}.${end}.raw`)).arrayBuffer());
      const { call } = window as unknown as {
        call: (name: string, args: unknown) => Promise<{ data: Uint8ClampedArray }>;
      };
      const region = wanted.region && {
        ...wanted.region,
        mask: { ...wanted.region.mask, data: new Uint8Array(await load("mask")) },
      };
      await call("openPixels", { id, picture: { data: await load("in"), ...size } });
      const { data } = await call("full", { id, edit: { ...wanted, ...(region && { region }) } });
      const expected = await load("out");
      await call("closePhoto", { id });
      let largest = data.length === expected.length ? 0 : Infinity;
      for (let at = 0; at < data.length; at++) largest = Math.max(largest, Math.abs(data[at] - expected[at]));
      return largest;
    },
    served,
    name,
    { width, height },
    JSON.parse(
      JSON.stringify({
        ...edit,
        ...(edit.region && { region: { ...edit.region, mask: { ...edit.region.mask, data: [] } } }),
      }),
    ),
  );
}

/** One of the worker's calls, where arguments and result can be written as JSON. */
export function callWorker<Result>(page: Page, name: string, args: object): Promise<Result> {
  return page.evaluate(
    (kind, given) =>
      (window as unknown as { call: (name: string, args: unknown) => Promise<unknown> }).call(kind, given),
    name,
    args,
  ) as Promise<Result>;
}

/** What the worker has said of graphics cards that failed. */
export const lostCards = (page: Page): Promise<string[]> =>
  page.evaluate(() => (window as unknown as { lost: string[] }).lost);
