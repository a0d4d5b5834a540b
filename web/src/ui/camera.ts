/** The camera: painted live, small, and shot at its full size. */
import { Problem } from "../engine/problem";
import type { Picture } from "../engine/picture";
import type { StyleInfo } from "../engine/style";
import type { WorkerClient } from "../worker/client";
import { box, button, byId, canvas, contextOf, dialog } from "./elements";
import { attempt, tellError } from "./messages";
import type { StylePlace } from "./shelf";
import { show } from "./show";
import { Tiles } from "./tiles";

const SIZES_PX = [128, 192, 256, 384]; // of the live picture's short side
const SLOW_FPS = 9;
const FAST_FPS = 22;
const FRAMES_TO_JUDGE = 8;
const SMOOTHING = 0.85;

export class Camera implements StylePlace {
  readonly #dialog = dialog("camera-dialog");
  readonly #video = byId("video", HTMLVideoElement);
  readonly #small = document.createElement("canvas");
  readonly #tiles = new Tiles(box("camera-styles"), "camera-style", (style) => this.#choose(style));
  #facing: "user" | "environment" = "environment";
  #style = "";
  #isOn = false;
  #size = 2;

  constructor(
    private readonly client: WorkerClient,
    private readonly onShot: (photo: Blob, style: string) => void,
  ) {
    for (const id of ["shoot", "start-camera"]) button(id).onclick = attempt(() => this.#open());
    button("turn").onclick = attempt(() => this.#turn());
    button("shutter").onclick = attempt(() => this.#shoot());
    button("camera-close").onclick = () => this.#dialog.close();
    this.#dialog.addEventListener("close", () => this.#stop());
  }

  add(style: StyleInfo): void {
    this.#tiles.add(style);
  }

  show(style: string, picture: Picture): void {
    this.#tiles.show(style, picture);
  }

  choose(style: string): void {
    this.#choose(style);
  }

  #choose(style: string): void {
    this.#style = style;
    this.#tiles.choose(style);
  }

  async #open(): Promise<void> {
    if (this.#isOn) return;
    this.#isOn = true;
    try {
      await this.#start();
    } catch (error) {
      this.#isOn = false;
      throw error;
    }
    this.#dialog.showModal();
    this.#tiles.choose(this.#style);
    void this.#paint().catch((error: unknown) => {
      this.#dialog.close();
      tellError(error);
    });
  }

  async #start(): Promise<void> {
    const stream = await this.#stream();
    this.#video.srcObject = stream;
    await this.#video.play();
    const settings = stream.getVideoTracks()[0]?.getSettings();
    canvas("live").classList.toggle("mirrored", (settings?.facingMode ?? this.#facing) === "user");
    const devices = await navigator.mediaDevices.enumerateDevices();
    button("turn").hidden = devices.filter(({ kind }) => kind === "videoinput").length < 2;
  }

  async #stream(): Promise<MediaStream> {
    const { mediaDevices } = navigator as { mediaDevices?: MediaDevices };
    if (!mediaDevices) throw new Problem("This browser gives pages no camera here; choose a photo instead.");
    try {
      return await mediaDevices.getUserMedia({
        video: { facingMode: this.#facing, width: { ideal: 1920 }, height: { ideal: 1440 } },
      });
    } catch (error) {
      throw new Problem(cameraSentence(error));
    }
  }

  async #turn(): Promise<void> {
    this.#facing = this.#facing === "user" ? "environment" : "user";
    this.#release();
    await this.#start();
  }

  /** Paints frame after frame, as fast as they come. */
  async #paint(): Promise<void> {
    let perFrame = 0;
    let frames = 0;
    while (this.#isOn) {
      const began = performance.now();
      const picture = this.#grab();
      if (picture) {
        const look = { styles: [[this.#style, 1]], strength: 1, strokes: "full", colors: 1 } as const;
        const painted = await this.client.call("frame", { picture, look });
        if (this.#isOn) show(canvas("live"), painted);
      }
      await nextFrame(this.#video);
      const took = performance.now() - began;
      perFrame = perFrame ? SMOOTHING * perFrame + (1 - SMOOTHING) * took : took;
      box("fps").textContent = `${Math.max(1, Math.round(1000 / perFrame))} fps`;
      if (++frames % FRAMES_TO_JUDGE === 0) this.#fit(1000 / perFrame);
    }
  }

  /** Takes a smaller live picture where the device is slow, a larger one where it is fast. */
  #fit(fps: number): void {
    if (fps < SLOW_FPS && this.#size > 0) this.#size--;
    if (fps > FAST_FPS && this.#size < SIZES_PX.length - 1) this.#size++;
  }

  #grab(): Picture | undefined {
    const { videoWidth, videoHeight } = this.#video;
    if (!videoWidth) return undefined;
    const scale = Math.min(1, SIZES_PX[this.#size] / Math.min(videoWidth, videoHeight));
    const width = Math.round(videoWidth * scale);
    const height = Math.round(videoHeight * scale);
    if (this.#small.width !== width || this.#small.height !== height) Object.assign(this.#small, { width, height });
    const context = this.#small.getContext("2d", { willReadFrequently: true }) as CanvasRenderingContext2D;
    context.drawImage(this.#video, 0, 0, width, height);
    return { data: context.getImageData(0, 0, width, height).data, width, height };
  }

  async #shoot(): Promise<void> {
    const full = document.createElement("canvas");
    full.width = this.#video.videoWidth;
    full.height = this.#video.videoHeight;
    const context = contextOf(full);
    if (canvas("live").classList.contains("mirrored")) context.setTransform(-1, 0, 0, 1, full.width, 0);
    context.drawImage(this.#video, 0, 0);
    const blob = await new Promise<Blob | null>((done) => full.toBlob(done, "image/png"));
    this.#dialog.close();
    if (blob) this.onShot(blob, this.#style);
  }

  #stop(): void {
    this.#isOn = false;
    this.#release();
  }

  #release(): void {
    const stream = this.#video.srcObject as MediaStream | null;
    for (const track of stream?.getTracks() ?? []) track.stop();
    this.#video.srcObject = null;
  }
}

function nextFrame(video: HTMLVideoElement): Promise<void> {
  return new Promise((done) => {
    const timer = window.setTimeout(done, 100); // a stopped camera has no next one
    const finish = (): void => (window.clearTimeout(timer), done());
    if ("requestVideoFrameCallback" in video) video.requestVideoFrameCallback(finish);
    else requestAnimationFrame(finish);
  });
}

function cameraSentence(error: unknown): string {
  const name = error instanceof DOMException ? error.name : "";
  if (name === "NotAllowedError") return "The camera is not allowed for this page; allow it in the browser’s settings.";
  if (name === "NotFoundError" || name === "OverconstrainedError") {
    return "This device has no camera that the browser can find; choose a photo instead.";
  }
  if (name === "NotReadableError") return "Another program is using the camera; close it and try again.";
  return "The camera did not start; choose a photo instead.";
}
