"""Write docs/styles.md: a card for each style of the shipped pack, with its figures and the demo scenes.

python assets/style_cards.py [--text-only]
"""

import argparse
from pathlib import Path

from nst_runtime import Library, Stylizer
from nst_runtime.contracts.files import write_text
from nst_runtime.contracts.library import NOWHERE, FoundStyle
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.pictures.arrays import resize_short_side
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

ROOT = Path(__file__).parents[1]
PAGE = ROOT / "docs" / "styles.md"
SCENES = ("landscape", "town", "still_life")
TILE_PX = 150
FIGURES = {
    "mean": "style left, all layers",
    "relu3_1": "style left, strokes",
    "deep": "style left, large forms",
    "content": "distance to the photo",
    "noise_gain": "noise gain",
    "shift_gain": "shift gain",
    "frame_gain": "frame gain",
}
HEAD = """# The styles of the default pack

Each card shows our three drawn scenes and what `nst-student evaluate` measured. The first figures are the shares of the
style's distance that are left (0: none, 1: the photo), then the distance to the photo, then three gains. The noise
gain is how many levels of 255 the picture changes when the photo gets noise of one level. The shift gain is the change
when the photo moves by one pixel. The frame gain is the change between the frames of two clips over that of the clips
themselves.
[quality.md](quality.md) defines them all. This page is written by `python assets/style_cards.py`.
"""


def main() -> None:
    """Read the arguments, draw the pictures and write the page."""
    parser = argparse.ArgumentParser(description="Write docs/styles.md and its pictures.")
    parser.add_argument("--text-only", action="store_true", help="leave the pictures as they are")
    options = parser.parse_args()
    stylizer = Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE))
    if not options.text_only:
        draw(stylizer)
    write_text(PAGE, page(stylizer.styles))
    print(PAGE)


def draw(stylizer: Stylizer) -> None:
    """Write a strip of the scenes for each style."""
    scenes = [read_picture(ROOT / "assets" / "scenes" / f"{name}.jpg").rgb for name in SCENES]
    for style in stylizer.styles:
        pictures = [resize_short_side(stylizer.stylize(scene, style.name), TILE_PX) for scene in scenes]
        write_picture(PAGE.with_suffix("") / f"{style.name}.jpg", tile([pictures]))


def page(styles: tuple[FoundStyle, ...]) -> str:
    """Return the whole page as Markdown."""
    return "\n".join([HEAD, *map(card, styles)])


def card(style: FoundStyle) -> str:
    """Return the section of one style as Markdown."""
    record = style.record()
    about = ", ".join(part for part in (record.info.artist, record.info.year) if part)
    known = [(label, record.metrics[name]) for name, label in FIGURES.items() if name in record.metrics]
    figures = " · ".join(f"{label} **{value:.3g}**" for label, value in known)
    size = f"{style.path.stat().st_size / 1000:.0f} kB"
    return (
        f"## {style.name}\n\n*{record.info.title}*, {about}. {record.info.licence}.\n\n"
        f"![The demo scenes in the style {style.name}](styles/{style.name}.jpg)\n\n"
        f"{figures} · {size}\n"
    )


if __name__ == "__main__":
    main()
