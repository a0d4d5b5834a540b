/** The dialog that saves and shares what was painted. */
import { ENDINGS, type FileType } from "../files/encode";
import { distinct, savedName } from "../files/names";
import { zip, type ZipEntry } from "../files/zip";
import type { Size } from "../engine/picture";
import type { AlbumPhoto } from "./album";
import { box, button, chosen, dialog } from "./elements";
import { attempt } from "./messages";

export interface Saved {
  readonly photo: AlbumPhoto;
  readonly blob: Blob;
  /** The styles' names. */
  readonly look: string;
}

/** What the dialog needs of the page. */
export interface Studio {
  readonly current: AlbumPhoto | undefined;
  readonly photos: readonly AlbumPhoto[];
  save(type: FileType): Promise<Saved>;
  saveAll(type: FileType): Promise<Saved[]>;
}

export class SaveDialog {
  readonly #dialog = dialog("save-dialog");

  constructor(private readonly studio: Studio) {
    button("save").onclick = () => this.#open();
    button("save-now").onclick = attempt(() => this.#working(() => this.#save()));
    button("save-all").onclick = attempt(() => this.#working(() => this.#saveAll()));
    button("share").onclick = attempt(() => this.#working(() => this.#share()));
  }

  #open(): void {
    const { current, photos } = this.studio;
    if (!current?.size) return;
    button("save-all").hidden = photos.length < 2;
    button("share").hidden = !canShare();
    box("save-hint").textContent = `${sizeText(current.size)}, painted at full size. No place or date is in the file.`;
    this.#dialog.showModal();
  }

  /** Two clicks at once are one. */
  async #working(action: () => Promise<void>): Promise<void> {
    const buttons = [...this.#dialog.querySelectorAll<HTMLButtonElement>(".dialog-actions button[type=button]")];
    if (buttons.some(({ disabled }) => disabled)) return;
    for (const each of buttons) each.disabled = true;
    this.#dialog.close();
    try {
      await action();
    } finally {
      for (const each of buttons) each.disabled = false;
    }
  }

  async #save(): Promise<void> {
    const saved = await this.studio.save(this.#type);
    download(saved.blob, nameOf(saved));
  }

  async #saveAll(): Promise<void> {
    const saved = await this.studio.saveAll(this.#type);
    const names = distinct(saved.map(nameOf));
    const entries: ZipEntry[] = saved.map(({ blob }, at) => ({ name: names[at], blob }));
    download(await zip(entries), "painted-photos.zip");
  }

  async #share(): Promise<void> {
    const saved = await this.studio.save(this.#type);
    const { blob } = saved;
    const file = new File([blob], nameOf(saved), { type: blob.type });
    try {
      await navigator.share({ files: [file] });
    } catch (error) {
      // Closed without sharing is fine; too long after the click, the browser refuses: then the file is saved.
      if (!(error instanceof DOMException) || error.name !== "AbortError") download(blob, file.name);
    }
  }

  get #type(): FileType {
    return chosen("type") as FileType;
  }
}

const nameOf = ({ photo, look, blob }: Saved): string => savedName(photo.name, look, ENDINGS[blob.type as FileType]);

function canShare(): boolean {
  const file = new File([], "a.jpg", { type: "image/jpeg" });
  return "canShare" in navigator && navigator.canShare({ files: [file] });
}

function download(blob: Blob, name: string): void {
  const link = document.createElement("a");
  link.href = URL.createObjectURL(blob);
  link.download = name;
  link.click();
  window.setTimeout(() => URL.revokeObjectURL(link.href), 60_000);
}

function sizeText({ width, height }: Size): string {
  return `${width} × ${height} pixels`;
}
