/** Says what paints, and has the graphics card tried when there is nothing else to do. */
import { Canceled } from "../engine/problem";
import type { WorkerClient } from "../worker/client";
import type { Args } from "../worker/messages";
import { box } from "./elements";

const QUIET_MS = 1000;

export class WhatPaints {
  #isTried = savesData();
  #timer = 0;

  constructor(
    private readonly client: WorkerClient,
    private readonly threads: number,
    private readonly trial: Args<"tryGraphics">,
  ) {
    this.#show("processor");
    client.onGraphicsLost = (why) => {
      console.info("The graphics card failed:", why);
      this.#show("processor");
    };
  }

  /** Has the graphics card tried soon, once in a visit. */
  wish(): void {
    window.clearTimeout(this.#timer);
    if (!this.#isTried) this.#timer = window.setTimeout(() => void this.#try(), QUIET_MS);
  }

  async #try(): Promise<void> {
    this.#isTried = true;
    try {
      const finding = await this.client.call("tryGraphics", this.trial);
      if (finding) console.info("The graphics card was tried:", JSON.stringify(finding));
      if (finding?.isTaken) this.#show("graphics card");
    } catch (error) {
      this.#isTried = !(error instanceof Canceled);
      if (this.#isTried) console.info("The graphics card is not used:", error);
      else this.wish();
    }
    if (this.#isTried) document.body.dataset["graphicsTried"] = "";
  }

  #show(what: "processor" | "graphics card"): void {
    const threads = what === "processor" && this.threads > 1 ? `, ${this.threads} threads` : "";
    box("what-paints").textContent = `Paints with the ${what}${threads}.`;
    document.body.dataset["paintsWith"] = what;
  }
}

/** Whether the person has asked pages to load little. */
function savesData(): boolean {
  const { connection } = navigator as { connection?: { saveData?: boolean } };
  return connection?.saveData === true;
}
