/** One sentence to the person: what is wrong as a card that stays until it is read, what happens only spoken. */
import { Canceled, Problem } from "../engine/problem";
import { box } from "./elements";

const MOST_CARDS = 3;
const GOOD_NEWS_MS = 5000;

/** Tells of something good for a moment. */
export function tellGood(sentence: string): void {
  const card = tell(sentence);
  window.setTimeout(() => card?.remove(), GOOD_NEWS_MS);
}

/** Tells of what is wrong, once; returns the card if it is a new one. */
export function tell(sentence: string): HTMLElement | undefined {
  const cards = box("messages");
  if ([...cards.children].some((card) => card.firstElementChild?.textContent === sentence)) return undefined;
  const card = document.createElement("div");
  card.className = "card";
  const text = document.createElement("p");
  text.textContent = sentence;
  const close = document.createElement("button");
  close.type = "button";
  close.className = "quiet small";
  close.textContent = "OK";
  close.onclick = () => (cards.querySelectorAll(".card").length > 1 ? card.remove() : clearMessages());
  card.append(text, close);
  if (cards.querySelectorAll(".card").length < MOST_CARDS) cards.append(card);
  else countMore(cards);
  return card;
}

/** Says how many more messages there are than are shown. */
function countMore(cards: HTMLElement): void {
  const more = cards.querySelector<HTMLElement>(".more") ?? document.createElement("p");
  more.className = "more";
  more.dataset["count"] = String(Number(more.dataset["count"] ?? 0) + 1);
  more.textContent = `and ${more.dataset["count"]} more`;
  cards.append(more);
}

export function clearMessages(): void {
  box("messages").replaceChildren();
}

/** For screen readers alone. */
export function say(sentence: string): void {
  box("spoken").textContent = sentence;
}

/** Tells of an error what the person needs to know of it; that a job was stopped is not one. */
export function tellError(error: unknown): void {
  if (error instanceof Canceled) return;
  if (error instanceof Problem) {
    tell(error.message);
    return;
  }
  const reason = error instanceof Error ? error.message : String(error);
  tell(`The page failed (${reason.slice(0, 120)}); reload it and try again.`);
}

/** Runs what a person asked for, and tells of what goes wrong. */
export function attempt(action: () => Promise<void> | void): () => void {
  return () => void Promise.resolve().then(action).catch(tellError);
}
