/** The page: what is open, how it is painted, and what is shown of it. */
import { Problem } from "../engine/problem";
import { checkFile } from "../files/decode";
import type { FileType } from "../files/encode";
import { kindOf } from "../files/sniff";
import { WorkerClient } from "../worker/client";
import type { Args } from "../worker/messages";
import { Album, type AlbumPhoto } from "./album";
import { Brush } from "./brush";
import { Camera } from "./camera";
import { box, button } from "./elements";
import { Latest } from "./latest";
import { clearMessages, say, tellError } from "./messages";
import { Panel } from "./panel";
import { Progress } from "./progress";
import type { Saved, Studio } from "./save";
import { editOf, finerSteps, type Settings } from "./settings";
import { Shelf } from "./shelf";
import { Stage } from "./stage";
import { readable } from "./tiles";
import { View, type ViewOrder } from "./view";
import { WhatPaints } from "./what-paints";

const STYLE_HEAD_BYTES = 16;

export class App implements Studio {
  readonly #client = new WorkerClient();
  readonly #stage = new Stage();
  readonly #progress = new Progress();
  readonly #brush = new Brush(() => this.#view.change());
  readonly #panel = new Panel(() => this.#settingsChanged());
  readonly #camera = new Camera(this.#client, (photo, style) => this.#takeShot(photo, style));
  readonly #shelf = new Shelf(this.#client, this.#camera, () => this.#view.change(true));
  readonly #album = new Album(
    (photo) => void this.#inTurn(() => this.#open(photo)).catch(tellError),
    (photo) => this.#close(photo),
  );
  readonly #view = new View(this.#client, this.#stage, this.#progress, {
    order: () => this.#order(),
    previewed: (signal) => (this.#shelf.isFaded ? this.#paintThumbnails(signal) : Promise.resolve()),
    painted: () => this.#painted(),
  });
  readonly #thumbnails = new Latest((signal) => this.#paintThumbnails(signal), tellError);
  #whatPaints: WhatPaints | undefined;
  #isRevealed = false;
  #last: Promise<void> = Promise.resolve();
  current: AlbumPhoto | undefined;

  constructor() {
    button("clear").onclick = () => this.#brush.clear();
    button("invert").onclick = () => this.#brush.invert();
  }

  /** Loads the styles; what people do meanwhile waits for them. With `isForced`, any graphics card paints. */
  start(files: Args<"open">, isForced: boolean): Promise<void> {
    return this.#inTurn(async () => {
      const task = this.#progress.begin("Loading the styles");
      const opened = await this.#client.call("open", files).finally(task.end);
      await this.#shelf.fill(opened.styles);
      this.#whatPaints = new WhatPaints(this.#client, opened.threads, { scene: files.typical, isForced });
      document.body.dataset["threads"] = String(opened.threads);
    });
  }

  get photos(): readonly AlbumPhoto[] {
    return this.#album.photos;
  }

  /** What the panel says now. */
  get #settings(): Settings {
    const { style, second } = this.#shelf;
    return { ...this.#panel.numbers, style, second };
  }

  /** Takes in photos and style files; the first photo that can be opened is shown. */
  take(files: readonly File[]): Promise<void> {
    clearMessages();
    return this.#inTurn(async () => {
      const added: AlbumPhoto[] = [];
      for (const file of files) {
        if (await isStyle(file)) await this.#takeStyle(file).catch(tellError);
        else added.push(this.#album.add(file, file.name || "photo.png"));
      }
      for (const photo of added) if (await this.#opens(photo)) return;
    });
  }

  save(type: FileType): Promise<Saved> {
    return this.#inTurn(async () => {
      const photo = this.current;
      if (!photo?.size) throw new Problem("There is no photo to save yet.");
      return this.#save(photo, type, this.#settings);
    });
  }

  saveAll(type: FileType): Promise<Saved[]> {
    return this.#inTurn(async () => {
      const saved: Saved[] = [];
      const shown = this.current;
      const settings = this.#settings;
      try {
        for (const photo of [...this.photos]) {
          if (photo !== this.current) await this.#open(photo);
          saved.push(await this.#save(photo, type, settings));
        }
      } finally {
        if (shown && shown !== this.current) await this.#open(shown);
      }
      return saved;
    });
  }

  /** Does one thing after the other: two clicks at once cannot meet half-way. */
  #inTurn<Result>(action: () => Promise<Result>): Promise<Result> {
    const result = this.#last.then(action);
    this.#last = result.then(
      () => undefined,
      () => undefined,
    );
    return result;
  }

  async #takeStyle(file: File): Promise<void> {
    await this.#shelf.take(file).finally(() => this.#thumbnails.wish(true));
  }

  #takeShot(photo: Blob, style: string): void {
    this.#shelf.choose(style);
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

  /** Opens a photo in the worker, which holds one; the one before comes back when this one cannot be opened. */
  async #open(photo: AlbumPhoto): Promise<void> {
    const before = this.current;
    await checkFile(photo.file, photo.name);
    this.#view.stop();
    this.#thumbnails.stop();
    const task = this.#progress.begin("Opening");
    if (before) before.strokes = this.#brush.strokes;
    try {
      if (before && before !== photo) await this.#client.call("closePhoto", { id: before.id });
      await this.#show(photo);
    } catch (error) {
      if (before && before !== photo) await this.#show(before);
      throw error;
    } finally {
      task.end();
      this.#view.wish();
    }
  }

  async #show(photo: AlbumPhoto): Promise<void> {
    const { id, file, name } = photo;
    const { width, height, view } = await this.#client.call("openPhoto", { id, file, name });
    photo.size = { width, height };
    this.current = photo;
    document.body.dataset["screen"] = "studio";
    box("start").hidden = true;
    box("stage").hidden = box("panel").hidden = false;
    button("save").disabled = false;
    this.#stage.showPhoto(view);
    this.#view.forget();
    this.#brush.prepare(view, photo.strokes);
    this.#panel.allowFiner(finerSteps(photo.size));
    this.#album.mark(photo);
    this.#shelf.fade();
  }

  #close(photo: AlbumPhoto): void {
    const at = this.photos.indexOf(photo);
    this.#album.remove(photo);
    const next = this.photos[Math.min(at, this.photos.length - 1)];
    if (photo === this.current) void this.#inTurn(() => this.#open(next)).catch(tellError);
  }

  #settingsChanged(): void {
    const isBrush = this.#panel.secondMode === "brush";
    this.#brush.enable(isBrush);
    this.#stage.allowCompare(!isBrush);
    this.#shelf.bringSecond();
    this.#view.change();
  }

  /** What is to be painted once nothing else is being done. */
  async #order(): Promise<ViewOrder | undefined> {
    await this.#last;
    const photo = this.current;
    if (!photo?.size) return undefined;
    const settings = this.#settings;
    const isFine = settings.stroke < 0 && finerSteps(photo.size) > 0;
    const edit = this.#edit(photo, isFine ? { ...settings, stroke: 0 } : settings);
    return { photo, edit, fine: isFine ? this.#edit(photo, settings) : undefined };
  }

  #painted(): void {
    document.body.dataset["painted"] = String(Number(document.body.dataset["painted"] ?? 0) + 1);
    const { secondMode, style, second } = this.#settings;
    say(`Painted in ${[style, ...(secondMode === "none" ? [] : [second])].map(readable).join(" and ")}.`);
    if (!this.#isRevealed) this.#stage.reveal();
    this.#isRevealed = true;
    if (this.#shelf.isFaded) this.#thumbnails.wish();
  }

  /** Paints the small pictures, the chosen style's first. */
  async #paintThumbnails(signal: AbortSignal): Promise<void> {
    const photo = this.current;
    if (!photo) return;
    const { style: chosen, names } = this.#shelf;
    for (const style of [chosen, ...names.filter((name) => name !== chosen)]) {
      const picture = await this.#client.call("thumbnail", { id: photo.id, style }, { signal });
      if (photo !== this.current) return;
      this.#shelf.show(style, picture);
    }
    document.body.dataset["thumbnails"] = photo.id;
    this.#whatPaints?.wish();
  }

  async #save(photo: AlbumPhoto, type: FileType, settings: Settings): Promise<Saved> {
    const controller = new AbortController();
    this.#view.stop();
    this.#thumbnails.stop();
    const task = this.#progress.begin("Saving", () => controller.abort());
    const options = { signal: controller.signal, onProgress: task.update };
    const { style, second, secondMode } = settings;
    try {
      const blob = await this.#client.call("save", { id: photo.id, edit: this.#edit(photo, settings), type }, options);
      return { photo, blob, look: secondMode === "none" ? style : `${style}-${second}` };
    } finally {
      task.end();
      this.#view.wish();
    }
  }

  #edit({ size }: AlbumPhoto, settings: Settings): ReturnType<typeof editOf> {
    if (!size) throw new Problem("That photo is not open.");
    return editOf(settings, size, this.#brush.mask);
  }
}

async function isStyle(file: File): Promise<boolean> {
  const head = new Uint8Array(await file.slice(0, STYLE_HEAD_BYTES).arrayBuffer());
  return kindOf(head) === "style" || file.name.endsWith(".safetensors");
}
