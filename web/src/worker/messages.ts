/** What the page and its worker say to each other. */
import type { Look } from "../engine/look";
import type { Edit } from "../engine/stylizer";
import type { Picture, Size } from "../engine/picture";
import type { StyleInfo } from "../engine/style";
import type { FileType } from "../files/encode";
import type { Finding } from "../graphics/trial";

export interface Opened {
  readonly styles: readonly StyleInfo[];
  readonly threads: number;
}

/** A photograph in the worker's memory, and it as the page shows it. */
export interface OpenedPhoto extends Size {
  readonly view: Picture;
}

/** Each call's arguments and result. */
export interface Calls {
  open: [args: { pack: string; typical: string; threads: number }, result: Opened];
  addStyle: [args: { bytes: Uint8Array; what: string }, result: StyleInfo];
  openPhoto: [args: { id: string; file: Blob; name: string }, result: OpenedPhoto];
  openPixels: [args: { id: string; picture: Picture }, result: OpenedPhoto];
  closePhoto: [args: { id: string }, result: null];
  thumbnail: [args: { id: string; style: string }, result: Picture];
  view: [args: { id: string; edit: Edit }, result: Picture];
  full: [args: { id: string; edit: Edit }, result: Picture];
  save: [args: { id: string; edit: Edit; type: FileType }, result: Blob];
  frame: [args: { picture: Picture; look: Look }, result: Picture];
  /** Has `scene` painted by a graphics card; gives way to all other calls. Without a card, nothing comes of it. */
  tryGraphics: [args: { scene: string; isForced: boolean }, result: Finding | null];
}

export type CallName = keyof Calls;
export type Args<Name extends CallName> = Calls[Name][0];
export type Result<Name extends CallName> = Calls[Name][1];

export type ToWorker =
  { readonly call: number; readonly name: CallName; readonly args: unknown } | { readonly cancel: number };

export type FromWorker =
  | { readonly call: number; readonly result: unknown }
  | { readonly call: number; readonly progress: number }
  | { readonly call: number; readonly error: "Problem" | "Canceled" | "fault"; readonly message: string }
  | { readonly lostGraphics: string };
