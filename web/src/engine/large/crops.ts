/** Parts of a large picture: tiles that cover it, squares that are spread over it, each with what lies around it. */
import { roundHalfEven, roundUp, toNetwork, type Picture, type Size, type Tensor } from "../picture";
import type { Area } from "../statistics";

// 1/p and 1/p², p³ = p + 1: multiples of them spread evenly. The runtime scatters its squares by them, too.
const SCATTER_DOWN = 0.7548776662466927;
const SCATTER_ACROSS = 0.5698402909980532;

/** From a place to another, which is no longer part of it. */
type Span = readonly [begin: number, end: number];

/** Rows and columns of a padded picture that count, and the wider ones that the network is given: all multiples. */
export class Crop {
  constructor(
    readonly rows: Span,
    readonly columns: Span,
    readonly givenRows: Span,
    readonly givenColumns: Span,
  ) {}

  /** What the network is given of the photograph, mirrored where that ends as the whole would be. */
  of(photo: Picture, multiple: number): Tensor {
    const [top, bottom] = within(this.givenRows, photo.height);
    const [left, right] = within(this.givenColumns, photo.width);
    const width = right - left;
    const data = new Uint8ClampedArray((bottom - top) * width * 4);
    for (let y = top; y < bottom; y++) {
      const from = (y * photo.width + left) * 4;
      data.set(photo.data.subarray(from, from + width * 4), (y - top) * width * 4);
    }
    return toNetwork({ data, width, height: bottom - top }, multiple);
  }

  /** Where what counts lies in rows of `width` values, which may be fewer than the crop has pixels. */
  area(width: number): Area {
    const scale = length(this.givenColumns) / width;
    const inside = ([begin, end]: Span, [first]: Span): Span => [(begin - first) / scale, (end - first) / scale];
    const [top, bottom] = inside(this.rows, this.givenRows);
    const [left, right] = inside(this.columns, this.givenColumns);
    return { top, bottom, left, right, height: length(this.givenRows) / scale };
  }
}

/** Crops that cover a padded picture once, up to `side` wide and high, with a `halo` on all sides. */
export function tiles(size: Size, side: number, halo: number, multiple: number): Crop[] {
  return spans(size.height, side, multiple).flatMap((rows) =>
    spans(size.width, side, multiple).map((columns) => withHalo(rows, columns, halo, size)),
  );
}

/** About `count` crops of `side` pixels, one in each cell of a grid over a padded picture, scattered in it. */
export function squares(size: Size, count: number, side: number, halo: number, multiple: number): Crop[] {
  const { width, height } = size;
  const rows = cells(Math.sqrt((count * height) / width), height, side);
  const columns = cells(count / rows, width, side);
  return Array.from({ length: rows * columns }, (_, at) => {
    const row = Math.floor(at / columns);
    const top = place(at * SCATTER_DOWN, height, row, rows, side, multiple);
    const left = place(at * SCATTER_ACROSS, width, at - row * columns, columns, side, multiple);
    return withHalo([top, top + side], [left, left + side], halo, size);
  });
}

/** How many pixels the network is given in all. */
export const pixelsOf = (crops: readonly Crop[]): number =>
  crops.reduce((sum, { givenRows, givenColumns }) => sum + length(givenRows) * length(givenColumns), 0);

const cells = (wanted: number, pixels: number, side: number): number =>
  Math.max(1, Math.min(roundHalfEven(wanted), Math.floor(pixels / side)));

/** Where in its cell a square begins: a multiple, so that the square is in the picture. */
function place(scatter: number, pixels: number, cell: number, all: number, side: number, multiple: number): number {
  const begin = (pixels * cell) / all;
  const room = Math.max(0, (pixels * (cell + 1)) / all - side - begin);
  const down = (value: number): number => Math.floor(value / multiple) * multiple;
  return Math.min(down(begin + ((scatter + 0.5) % 1) * room), down(Math.max(0, pixels - side)));
}

/** As few spans as there can be, all of about the same length. */
function spans(pixels: number, side: number, multiple: number): Span[] {
  const step = roundUp(Math.ceil(pixels / Math.max(1, Math.ceil(pixels / side))), multiple);
  const count = Math.ceil(pixels / step);
  return Array.from({ length: count }, (_, at) => [at * step, Math.min((at + 1) * step, pixels)] as const);
}

function withHalo(rows: Span, columns: Span, halo: number, { width, height }: Size): Crop {
  const wider = ([begin, end]: Span, pixels: number): Span => within([begin - halo, end + halo], pixels);
  return new Crop(rows, columns, wider(rows, height), wider(columns, width));
}

const within = ([begin, end]: Span, pixels: number): Span => [Math.max(0, begin), Math.min(pixels, end)];

const length = ([begin, end]: Span): number => end - begin;
