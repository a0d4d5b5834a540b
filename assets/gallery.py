"""Draw the documents' pictures with the runtime: the demo scenes in every style of a pack.

python assets/gallery.py [--pack DIR] [--out docs/gallery.jpg] [--style NAME ...] [--scene NAME ...] [--across N]

Each style has its scenes side by side, the photographs come first, and `--across` of them make a row.
"""

import argparse
from itertools import chain
from pathlib import Path

import numpy as np

from nst_runtime import Stylizer
from nst_runtime.pictures.arrays import resize_short_side
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

ASSETS = Path(__file__).parent
SCENES = ("landscape", "town", "still_life")


def main() -> None:
    """Read the arguments, stylise at full size, and write the sheet."""
    parser = argparse.ArgumentParser(description="Draw the demo scenes in every style of a pack.")
    parser.add_argument("--pack", type=Path, help="style pack; the shipped one if not given")
    parser.add_argument("--out", type=Path, default=ASSETS.parent / "docs" / "gallery.jpg")
    parser.add_argument("--style", action="append", help="only this style; may be repeated")
    parser.add_argument("--scene", action="append", choices=SCENES, help="only this scene; may be repeated")
    parser.add_argument("--across", type=int, default=2, choices=range(1, 13), metavar="N", help="styles in a row")
    parser.add_argument("--tile-px", type=int, default=180, help="short side of a tile")
    options = parser.parse_args()
    stylizer = Stylizer.load(options.pack)
    styles = options.style or [style.name for style in stylizer.styles]
    scenes = [read_picture(ASSETS / "scenes" / f"{name}.jpg").rgb for name in options.scene or SCENES]
    groups = [scenes, *([stylizer.stylize(scene, style) for scene in scenes] for style in styles)]
    small = [[resize_short_side(picture, options.tile_px) for picture in group] for group in groups]
    blank = [np.full_like(picture, 255) for picture in small[0]]
    small += [blank] * (-len(small) % options.across)
    rows = [[*chain(*small[first : first + options.across])] for first in range(0, len(small), options.across)]
    write_picture(options.out, tile(rows))
    print(options.out)


if __name__ == "__main__":
    main()
