/** The page's elements, by their ids; a missing one is a fault of the page. */
export function byId<Element extends HTMLElement>(id: string, kind: new () => Element): Element {
  const element = document.getElementById(id);
  if (!(element instanceof kind)) throw new Error(`the page has no ${kind.name} #${id}`);
  return element;
}

export const button = (id: string): HTMLButtonElement => byId(id, HTMLButtonElement);
export const input = (id: string): HTMLInputElement => byId(id, HTMLInputElement);
export const canvas = (id: string): HTMLCanvasElement => byId(id, HTMLCanvasElement);
export const dialog = (id: string): HTMLDialogElement => byId(id, HTMLDialogElement);
export const box = (id: string): HTMLElement => byId(id, HTMLElement);

/** The 2D context of a canvas that already has its size. */
export function contextOf(target: HTMLCanvasElement): CanvasRenderingContext2D {
  const context = target.getContext("2d");
  if (!context) throw new Error("the browser gives no canvas");
  return context;
}

/** The value of the chosen one of the radio buttons with this name. */
export function chosen(name: string): string {
  return document.querySelector<HTMLInputElement>(`input[name="${name}"]:checked`)?.value ?? "";
}
