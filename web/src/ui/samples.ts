/** Pictures of the page's own, for people who have no photo at hand. */
import { Problem } from "../engine/problem";
import type { App } from "./app";
import { attempt } from "./messages";

export function offerSamples(app: App): void {
  for (const sample of document.querySelectorAll<HTMLButtonElement>("[data-sample]")) {
    sample.onclick = attempt(() => take(app, sample.dataset["sample"] as string));
  }
}

async function take(app: App, name: string): Promise<void> {
  const response = await fetch(`./samples/${name}.jpg`).catch(() => undefined);
  if (!response?.ok) throw new Problem("That picture could not be loaded; check the connection.");
  await app.take([new File([await response.blob()], `${name}.jpg`, { type: "image/jpeg" })]);
}
