/** The calls that the page can make, each a function of its arguments and a checkpoint. */
import type { Look } from "../engine/look";
import { Pack } from "../engine/pack";
import { emptyPicture, type Picture } from "../engine/picture";
import { Problem } from "../engine/problem";
import type { Checkpoint } from "../engine/strips";
import { photoOf, Stylizer, type Edit, type Photo } from "../engine/stylizer";
import { decode } from "../files/decode";
import { Encoder } from "../files/encode";
import type { Args, CallName, OpenedPhoto, Result } from "./messages";
import { tryGraphics } from "./graphics";
import { Photos } from "./photos";
import { setUp } from "./threads";

type Jobs = { [Name in CallName]: (args: Args<Name>, checkpoint: Checkpoint) => Promise<Result<Name>> };

const TRIAL = "trial";
const photos = new Photos();
let opened: Stylizer | undefined;

function stylizer(): Stylizer {
  if (!opened) throw new Problem("The styles are not loaded; reload the page.");
  return opened;
}

async function fetchFile(url: string): Promise<Blob> {
  const response = await fetch(url).catch(() => undefined);
  if (!response?.ok) throw new Problem("The styles could not be loaded; check the connection and reload the page.");
  return response.blob();
}

const fetchBytes = async (url: string): Promise<Uint8Array> =>
  new Uint8Array(await (await fetchFile(url)).arrayBuffer());

const fetchPicture = async (url: string): Promise<Picture> => decode(await fetchFile(url), url);

function show(id: string, picture: Picture, name?: string): OpenedPhoto {
  stylizer().check(picture, name);
  const { data, width, height } = photos.add(id, picture).view;
  return { width: picture.width, height: picture.height, view: { data, width, height } };
}

async function rendered(photo: Photo, edit: Edit, checkpoint: Checkpoint): Promise<Picture> {
  const out = emptyPicture(photo.width, photo.height);
  await stylizer().render(photo, edit, (rows, top) => out.data.set(rows, top * photo.width * 4), checkpoint);
  return out;
}

/** Paints a photograph of which nothing is kept from the time before. */
function paintedAgain(photo: Photo, look: Look, checkpoint: Checkpoint): Promise<Picture> {
  stylizer().forget(photo.id);
  return rendered(photo, { look }, checkpoint);
}

const wholly = (style: string): Look => ({ styles: [[style, 1]], strength: 1, strokes: "full", colors: 1 });

export const jobs: Jobs = {
  async open({ pack, typical, threads }) {
    const count = setUp(threads);
    const readTypical = (): Promise<Picture> => fetchPicture(typical);
    opened = await Stylizer.open(await Pack.open((path) => fetchBytes(`${pack}${path}`)), readTypical);
    const names = opened.pack.manifest.styles.map(({ name }) => name);
    return { styles: await Promise.all(names.map((name) => stylizer().info(name))), threads: count };
  },

  addStyle: ({ bytes, what }) => Promise.resolve(stylizer().add(bytes, what)),

  openPhoto: async ({ id, file, name }) => show(id, await decode(file, name), name),

  openPixels: ({ id, picture }) => Promise.resolve(show(id, picture)),

  closePhoto({ id }) {
    photos.close(id);
    stylizer().forget(id);
    return Promise.resolve(null);
  },

  thumbnail({ id, style }, checkpoint) {
    return rendered({ ...photos.get(id).thumbnail, id: `${id} small` }, { look: wholly(style) }, checkpoint);
  },

  view: ({ id, edit }, checkpoint) => rendered(photos.get(id).view, edit, checkpoint),

  full: ({ id, edit }, checkpoint) => rendered(photos.get(id).full, edit, checkpoint),

  async save({ id, edit, type }, checkpoint) {
    const { full } = photos.get(id);
    const encoder = new Encoder(full, type);
    await stylizer().render(full, edit, (rows, top) => encoder.take(rows, top), checkpoint);
    return encoder.finish();
  },

  frame: ({ picture, look }, checkpoint) => paintedAgain(photoOf("frame", picture), look, checkpoint),

  async tryGraphics({ scene, isForced }, checkpoint) {
    const look = wholly(stylizer().pack.manifest.styles[0].name);
    let photo: Photo | undefined;
    const paint = async (): Promise<Picture> => {
      photo ??= { ...(await fetchPicture(scene)), id: TRIAL, typicalShare: 0 };
      return paintedAgain(photo, look, checkpoint);
    };
    try {
      return await tryGraphics(isForced, paint, checkpoint);
    } finally {
      stylizer().forget(TRIAL);
    }
  },
};
