/** Pixels in memory: RGBA, a byte each, row by row, not premultiplied. */
export interface Picture {
  readonly data: Uint8ClampedArray;
  readonly width: number;
  readonly height: number;
}

export interface Size {
  readonly width: number;
  readonly height: number;
}

/** float32 numbers with a shape, as the network takes and gives them. */
export interface Tensor {
  readonly data: Float32Array;
  readonly shape: readonly number[];
}

export function emptyPicture(width: number, height: number): Picture {
  return { data: new Uint8ClampedArray(width * height * 4), width, height };
}

export function roundUp(value: number, multiple: number): number {
  return Math.ceil(value / multiple) * multiple;
}

/** Rounds half to even, as Python's round does. */
export function roundHalfEven(value: number): number {
  const floor = Math.floor(value);
  const rest = value - floor;
  if (rest === 0.5) return floor % 2 === 0 ? floor : floor + 1;
  return rest < 0.5 ? floor : floor + 1;
}

/**
 * The picture as 1×3×H×W numbers from 0 to 1, mirrored at the bottom and right up to a multiple of pixels, without
 * repeating the last row or column.
 */
export function toNetwork(picture: Picture, multiple: number): Tensor {
  const { data, width, height } = picture;
  const paddedWidth = roundUp(width, multiple);
  const paddedHeight = roundUp(height, multiple);
  const plane = paddedWidth * paddedHeight;
  const numbers = new Float32Array(3 * plane);
  for (let y = 0; y < paddedHeight; y++) {
    const from = (y < height ? y : 2 * (height - 1) - y) * width;
    const to = y * paddedWidth;
    for (let x = 0; x < paddedWidth; x++) {
      const pixel = (from + (x < width ? x : 2 * (width - 1) - x)) * 4;
      numbers[to + x] = data[pixel] / 255;
      numbers[plane + to + x] = data[pixel + 1] / 255;
      numbers[2 * plane + to + x] = data[pixel + 2] / 255;
    }
  }
  return { data: numbers, shape: [1, 3, paddedHeight, paddedWidth] };
}

/** Writes rows of a network's 1×3×H×W image, from its row `first` on, into opaque rows of `out` from `top` on. */
export function fromNetwork(image: Tensor, first: number, out: Picture, top: number, rows: number): void {
  const [, , height, width] = image.shape;
  const plane = height * width;
  for (let y = 0; y < rows; y++) {
    let from = (first + y) * width;
    let to = (top + y) * out.width * 4;
    for (let x = 0; x < out.width; x++, from++, to += 4) {
      // A clamped array rounds half to even; the reference rounds half up.
      out.data[to] = Math.floor(image.data[from] * 255 + 0.5);
      out.data[to + 1] = Math.floor(image.data[plane + from] * 255 + 0.5);
      out.data[to + 2] = Math.floor(image.data[2 * plane + from] * 255 + 0.5);
      out.data[to + 3] = 255;
    }
  }
}
