"""Draw the documents' pictures with the runtime: the demo scenes in every style of a pack.

python assets/gallery.py [--pack DIR] [--out docs/gallery.jpg] [--style NAME ...] [--scene NAME ...]
"""

import argparse
from pathlib import Path

from nst_runtime import Stylizer
from nst_runtime.images import read_picture, resize_short_side, write_picture
from nst_runtime.tiles import tile

ASSETS = Path(__file__).parent
SCENES = ("landscape", "town", "still_life")


def main() -> None:
    """Read the arguments, stylise at full size, and write the sheet."""
    parser = argparse.ArgumentParser(description="Draw the demo scenes in every style of a pack.")
    parser.add_argument("--pack", type=Path, help="style pack; the shipped one if not given")
    parser.add_argument("--out", type=Path, default=ASSETS.parent / "docs" / "gallery.jpg")
    parser.add_argument("--style", action="append", help="only this style; may be repeated")
    parser.add_argument("--scene", action="append", choices=SCENES, help="only this scene; may be repeated")
    parser.add_argument("--tile-px", type=int, default=240, help="short side of a tile")
    options = parser.parse_args()
    stylizer = Stylizer.load(options.pack)
    styles = options.style or [style.name for style in stylizer.styles]
    scenes = [read_picture(ASSETS / "scenes" / f"{name}.jpg").rgb for name in options.scene or SCENES]
    rows = [[scene, *(stylizer.stylize(scene, style) for style in styles)] for scene in scenes]
    write_picture(options.out, tile([[resize_short_side(p, options.tile_px) for p in row] for row in rows]))
    print(options.out)


if __name__ == "__main__":
    main()
