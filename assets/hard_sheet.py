"""Draw the kinds of pictures that photographs seldom cover, a row each, in every style of a pack.

python assets/hard_sheet.py [--pack DIR] [--out docs/hard_pictures.jpg] [--tile-px N]
"""

import argparse
from collections.abc import Iterable
from pathlib import Path

from nst_runtime import Stylizer
from nst_runtime.pictures.arrays import Pixels, resize_short_side
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.write import write_picture
from nst_student.data.hard.pictures import KINDS, draw_hard

PICTURE_PX, SEED = 512, 7
TILE_PX, QUALITY = 104, 70
SHEET = Path(__file__).parents[1] / "docs" / "hard_pictures.jpg"


def main() -> None:
    """Read the arguments, paint, and write the sheet."""
    parser = argparse.ArgumentParser(description="Draw what photographs lack in every style of a pack.")
    parser.add_argument("--pack", type=Path, help="style pack; the shipped one if not given")
    parser.add_argument("--out", type=Path, default=SHEET)
    parser.add_argument("--tile-px", type=int, default=TILE_PX, help="side of a tile")
    options = parser.parse_args()
    write_picture(options.out, tile(sheet_rows(Stylizer.load(options.pack), options.tile_px)), quality=QUALITY)
    print(options.out)


def sheet_rows(stylizer: Stylizer, tile_px: int, kinds: Iterable[str] = KINDS) -> list[list[Pixels]]:
    """Return a row for each of `kinds`: a picture of 512×512, then what the pack's styles make of it, made small."""
    names = [style.name for style in stylizer.styles if style.origin == "pack"]
    rows = []
    for kind in kinds:
        picture = draw_hard(kind, PICTURE_PX, SEED)
        painted = (stylizer.stylize(picture, name) for name in names)
        rows.append([resize_short_side(each, tile_px) for each in (picture, *painted)])
    return rows


if __name__ == "__main__":
    main()
