/** The page: what is open, how it is painted, and what is shown of it. */
import { Canceled, Problem } from "../engine/problem";
import type { StyleInfo } from "../engine/style";
import type { FileType } from "../files/encode";
import { kindOf } from "../files/sniff";
import { forgetStyle, keepStyle, keptStyles } from "../offline/kept-styles";
import { WorkerClient } from "../worker/client";
import { Album, type AlbumPhoto } from "./album";
import { Brush } from "./brush";
import { Camera } from "./camera";
import { box, button } from "./elements";
import { Latest } from "./latest";
import { clearMessages, say, tell, tellError } from "./messages";
import { Panel } from "./panel";
import { Progress } from "./progress";
import type { Saved, Studio } from "./save";
import { editOf, type Settings } from "./settings";
import { Stage } from "./stage";
import { readable, Tiles } from "./tiles";

const STYLE_HEAD_BYTES = 16;

export class App implements Studio {
  readonly client = new WorkerClient();
  readonly #stage = new Stage();
  readonly #progress = new Progress();
  readonly #brush = new Brush(() => this.#paint.wish());
  readonly #panel = new Panel(() => this.#settingsChanged());
  readonly #tiles = new Tiles(box("styles"), "style", (style) => this.#choose(style));
  readonly #secondTiles = new Tiles(box("second-styles"), "second", (style) => this.#chooseSecond(style));
  readonly #camera = new Camera(this.client, (photo, style) => this.#takeShot(photo, style));
  readonly #album = new Album(
    (photo) => void this.#open(photo).catch(tellError),
    (photo) => this.#close(photo),
  );
  readonly #paint = new Latest((signal) => this.#paintView(signal), (error) => this.#paintFailed(error));
  readonly #thumbnails = new Latest((signal) => this.#paintThumbnails(signal), tellError);
  readonly #styles = new Map<string, StyleInfo>();
  #style = "";
  #second = "";
  #isRevealed = false;
  #ready: Promise<void> = Promise.resolve();
  current: AlbumPhoto | undefined;

  constructor() {
    button("clear").onclick = () => this.#brush.clear();
    button("invert").onclick = () => this.#brush.invert();
  }

  /** Loads the styles; photos that are opened meanwhile wait for them. */
  start(pack: string, threads: number): Promise<void> {
    this.#ready = this.#load(pack, threads);
    return this.#ready;
  }

  get photos(): readonly AlbumPhoto[] {
    return this.#album.photos;
  }

  get lookName(): string {
    const { secondMode } = this.#panel.numbers;
    return secondMode === "none" ? this.#style : `${this.#style}-${this.#second}`;
  }

  /** Takes in photos and style files; the first photo is opened. */
  async take(files: readonly File[]): Promise<void> {
    clearMessages();
    await this.#ready;
    const added: AlbumPhoto[] = [];
    for (const file of files) {
      const head = new Uint8Array(await file.slice(0, STYLE_HEAD_BYTES).arrayBuffer());
      if (kindOf(head) === "style" || file.name.endsWith(".safetensors")) await this.#takeStyle(file).catch(tellError);
      else added.push(this.#album.add(file, file.name || "photo.png"));
    }
    for (const photo of added) {
      if (await this.#opens(photo)) return;
    }
  }

  async save(type: FileType): Promise<Saved> {
    const photo = this.current;
    if (!photo?.size) throw new Problem("There is no photo to save yet.");
    return { photo, blob: await this.#save(photo, type, "Saving") };
  }

  async saveAll(type: FileType): Promise<Saved[]> {
    const saved: Saved[] = [];
    for (const photo of [...this.photos]) {
      if (photo !== this.current) await this.#open(photo);
      saved.push({ photo, blob: await this.#save(photo, type, `Saving ${photo.name}`) });
    }
    return saved;
  }

  async #load(pack: string, threads: number): Promise<void> {
    const opened = await this.client.call("open", { pack, threads });
    for (const style of opened.styles) this.#addStyle(style);
    await this.#addKept();
    const names = [...this.#styles.keys()];
    this.#second = names[1] ?? names[0];
    this.#secondTiles.choose(this.#second);
    this.#choose(names[0]);
    box("threads").textContent = opened.threads === 1 ? "" : `Paints with ${opened.threads} threads.`;
    document.body.dataset["threads"] = String(opened.threads);
  }

  async #addKept(): Promise<void> {
    for (const { name, bytes } of await keptStyles()) {
      await this.client.call("addStyle", { bytes, what: name }).then(
        (style) => this.#addStyle(style),
        () => forgetStyle(name), // it was made for another pack
      );
    }
  }

  async #takeStyle(file: File): Promise<void> {
    const bytes = new Uint8Array(await file.arrayBuffer());
    const style = await this.client.call("addStyle", { bytes, what: file.name });
    if (!this.#styles.has(style.name)) this.#addStyle(style);
    this.#choose(style.name);
    this.#thumbnails.wish(true);
    say(`${readable(style.name)} is a new style.`);
    await keepStyle(style.name, bytes);
  }

  #addStyle(style: StyleInfo): void {
    this.#styles.set(style.name, style);
    for (const tiles of [this.#tiles, this.#secondTiles, this.#camera]) tiles.add(style);
  }

  #takeShot(photo: Blob, style: string): void {
    this.#choose(style);
    void this.take([new File([photo], "camera.png", { type: photo.type })]).catch(tellError);
  }

  /** Opens a photo that has just come; one that cannot be opened leaves the album with a sentence. */
  async #opens(photo: AlbumPhoto): Promise<boolean> {
    try {
      await this.#open(photo);
      return true;
    } catch (error) {
      this.#album.remove(photo);
      tellError(error);
      return false;
    }
  }

  async #open(photo: AlbumPhoto): Promise<void> {
    const before = this.current;
    this.#paint.stop();
    this.#thumbnails.stop();
    this.#progress.begin(`Opening ${photo.name}`, () => undefined);
    try {
      const { id, file, name } = photo;
      if (before && before !== photo) await this.client.call("closePhoto", { id: before.id });
      const { width, height, view } = await this.client.call("openPhoto", { id, file, name });
      photo.size = { width, height };
      this.current = photo;
      this.#showStage();
      this.#stage.showPhoto(view);
      this.#brush.prepare(view);
    } catch (error) {
      if (before && before !== photo) await this.#reopen(before);
      throw error;
    } finally {
      this.#progress.end();
    }
    this.#album.mark(photo);
    this.#tiles.fade();
    this.#paint.wish();
  }

  /** The worker holds one photo: the one before comes back when the next one cannot be opened. */
  async #reopen({ id, file, name }: AlbumPhoto): Promise<void> {
    await this.client.call("openPhoto", { id, file, name });
  }

  #close(photo: AlbumPhoto): void {
    const at = this.photos.indexOf(photo);
    this.#album.remove(photo);
    const next = this.photos[Math.min(at, this.photos.length - 1)];
    if (photo === this.current && next) void this.#open(next).catch(tellError);
  }

  #showStage(): void {
    document.body.dataset["screen"] = "studio";
    box("start").hidden = true;
    box("stage").hidden = box("panel").hidden = false;
    button("save").disabled = false;
  }

  #choose(style: string): void {
    this.#style = style;
    this.#tiles.choose(style);
    this.#camera.choose(style);
    const { title, artist, year } = this.#styles.get(style) as StyleInfo;
    box("style-about").textContent = [title, artist, year].filter(Boolean).join(", ");
    this.#paint.wish(true);
  }

  #chooseSecond(style: string): void {
    this.#second = style;
    this.#paint.wish(true);
  }

  #settingsChanged(): void {
    const isBrush = this.#panel.secondMode === "brush";
    this.#brush.enable(isBrush);
    this.#stage.allowCompare(!isBrush);
    this.#paint.wish();
  }

  get #settings(): Settings {
    return { ...this.#panel.numbers, style: this.#style, second: this.#second };
  }

  async #paintView(signal: AbortSignal): Promise<void> {
    const photo = this.current;
    if (!photo?.size) return;
    const edit = editOf(this.#settings, photo.size, this.#brush.mask);
    this.#progress.begin("Painting", () => this.#paint.stop());
    const options = { signal, onProgress: this.#progress.update };
    try {
      const picture = await this.client.call("view", { id: photo.id, edit }, options);
      if (photo !== this.current) return;
      this.#stage.showPainted(picture);
    } finally {
      this.#progress.end();
    }
    this.#painted();
  }

  #painted(): void {
    document.body.dataset["painted"] = String(Number(document.body.dataset["painted"] ?? 0) + 1);
    say(`Painted in ${readable(this.lookName)}.`);
    if (!this.#isRevealed) this.#stage.reveal();
    this.#isRevealed = true;
    if (box("styles").querySelector(".tile:not(.painted)")) this.#thumbnails.wish();
  }

  #paintFailed(error: unknown): void {
    if (error instanceof Canceled) say("Stopped.");
    else tellError(error);
  }

  /** Paints the small pictures, the chosen style's first. */
  async #paintThumbnails(signal: AbortSignal): Promise<void> {
    const photo = this.current;
    if (!photo) return;
    const names = [...this.#styles.keys()];
    for (const style of [this.#style, ...names.filter((name) => name !== this.#style)]) {
      const picture = await this.client.call("thumbnail", { id: photo.id, style }, { signal });
      if (photo !== this.current) return;
      for (const tiles of [this.#tiles, this.#secondTiles, this.#camera]) tiles.show(style, picture);
    }
    document.body.dataset["thumbnails"] = photo.id;
  }

  async #save(photo: AlbumPhoto, type: FileType, what: string): Promise<Blob> {
    if (!photo.size) throw new Problem("That photo is not open.");
    const controller = new AbortController();
    const edit = editOf(this.#settings, photo.size, this.#brush.mask);
    this.#paint.stop();
    this.#thumbnails.stop();
    this.#progress.begin(what, () => controller.abort());
    const options = { signal: controller.signal, onProgress: this.#progress.update };
    try {
      return await this.client.call("save", { id: photo.id, edit, type }, options);
    } finally {
      this.#progress.end();
      this.#thumbnails.wish();
    }
  }
}

/** Opens one of the page's own scenes. */
export async function takeSample(app: App, name: string): Promise<void> {
  const response = await fetch(`./samples/${name}.jpg`);
  if (!response.ok) {
    tell("That picture could not be loaded; check the connection.");
    return;
  }
  await app.take([new File([await response.blob()], `${name}.jpg`, { type: "image/jpeg" })]);
}
