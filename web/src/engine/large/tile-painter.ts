/** Paints tiles of a picture, with statistics that are given. */
import type { Weights } from "../look";
import type { Pack, PartName } from "../pack";
import type { Picture } from "../picture";
import { PartSession } from "../session";
import { affineTensors } from "../staged";
import type { Affines } from "../statistics";
import { decode, part } from "../strips";
import type { Crop } from "./crops";

export class TilePainter {
  constructor(
    private readonly pack: Pack,
    private readonly encoder: PartSession,
    private readonly bank: PartSession,
    private readonly decoder: PartSession,
  ) {}

  /** Paints what counts of a crop of the photograph, into `out`, which has its size. */
  async paint(crop: Crop, photo: Picture, out: Picture): Promise<void> {
    const { painted: facts, multiple_px: multiple } = this.pack.manifest.codec;
    const [whole, ...others] = await this.bank.run(await this.encoder.run([crop.of(photo, multiple)]));
    const [, , height, width] = whole.shape;
    const { top, bottom, left, right } = crop.area(width);
    const rows = [Math.max(0, top - facts.overlap), Math.min(height, bottom + facts.overlap)] as const;
    const columns = [Math.max(0, left - facts.overlap), Math.min(width, right + facts.overlap)] as const;
    const scale = facts.scale_px;
    const size = { width: (columns[1] - columns[0]) * scale, height: (rows[1] - rows[0]) * scale };
    const pixels = await decode(this.decoder, [part(whole, rows, columns), ...others], size, facts);
    put(pixels, (left - columns[0]) * scale, (top - rows[0]) * scale, out, crop);
  }
}

/** Opens a part with the weights of its direct form, whose norms are known. */
export function openFolded(pack: Pack, name: PartName, weights: Weights, affines: Affines): Promise<PartSession> {
  const numbers = affineTensors(affines).map(([key, { data }]) => [key, data] as const);
  return PartSession.open(pack, pack.template(name, "folded"), new Map([...weights, ...numbers]));
}

/** Puts what counts of a crop where it belongs; it begins in `pixels` at `left` and `top`. */
function put(pixels: Picture, left: number, top: number, out: Picture, { rows, columns }: Crop): void {
  const width = Math.min(columns[1], out.width) - columns[0];
  for (let y = rows[0]; y < Math.min(rows[1], out.height); y++) {
    const from = ((top + y - rows[0]) * pixels.width + left) * 4;
    out.data.set(pixels.data.subarray(from, from + width * 4), (y * out.width + columns[0]) * 4);
  }
}
