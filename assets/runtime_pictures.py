"""Draw the pictures of docs/runtime.md: the options of nst-runtime stylize, on scenes that the project drew.

python assets/runtime_pictures.py [--only NAME ...]
"""

import argparse
from collections.abc import Callable
from pathlib import Path

import numpy as np

from nst_runtime import Look, Region, Regions, Stylizer
from nst_runtime.pictures.arrays import Picture, Pixels, resize_short_side
from nst_runtime.pictures.collage import beside, tile
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture
from nst_student.data.hard.pictures import draw_hard

ASSETS = Path(__file__).parent
OUT = ASSETS.parent / "docs" / "runtime"
TILE_PX, PAGE_PX = 200, 384
DUSK = 0.6  # of the light of day
SKY_SHARE, SOFT_SHARE = 0.34, 0.06  # of the height: where the sky of the town ends, and how softly


def main() -> None:
    """Read the arguments and write the pictures."""
    parser = argparse.ArgumentParser(description="Draw the pictures of docs/runtime.md.")
    parser.add_argument("--only", action="append", choices=PICTURES, help="only this picture; may be repeated")
    options = parser.parse_args()
    stylizer = Stylizer.load()
    for name in options.only or PICTURES:
        rows = PICTURES[name](stylizer)
        small = [[resize_short_side(picture, TILE_PX) for picture in row] for row in rows]
        write_picture(OUT / f"{name}.jpg", tile(small), quality=80)
        print(OUT / f"{name}.jpg")


def scene(name: str) -> Pixels:
    """Return one of the project's scenes."""
    return read_picture(ASSETS / "scenes" / f"{name}.jpg").rgb


def sky(photo: Pixels) -> Pixels:
    """Return a mask of the upper part of `photo`, with a soft border."""
    height, width = photo.shape[:2]
    rows = np.linspace(0, 1, height)[:, None]
    white = np.clip((SKY_SHARE - rows) / SOFT_SHARE + 0.5, 0, 1) * np.ones((1, width))
    mask: Pixels = (255 * white).astype(np.uint8)
    return mask


def strength(stylizer: Stylizer) -> list[list[Pixels]]:
    """Return rows of five strengths each, in four styles."""
    scenes = {"starry": "town", "waves": "landscape", "kandinsky": "still_life", "udnie": "town"}
    return [
        [stylizer.stylize(scene(name), Look(style, strength=s)) for s in (0, 0.25, 0.5, 1, 1.5)]
        for style, name in scenes.items()
    ]


def mix(stylizer: Stylizer) -> list[list[Pixels]]:
    """Return two styles and three mixtures of them, twice."""
    pairs = (("waves", "kandinsky", "landscape"), ("starry", "mosaic", "town"))
    return [
        [stylizer.stylize(scene(name), {one: 1 - t, other: t}) for t in (0, 0.25, 0.5, 0.75, 1)]
        for one, other, name in pairs
    ]


def colors(stylizer: Stylizer) -> list[list[Pixels]]:
    """Return the photograph, and three shares of the style's colors, in two styles."""
    rows = (("starry", "town"), ("kandinsky", "still_life"))
    return [
        [scene(name), *(stylizer.stylize(scene(name), Look(style, colors=c)) for c in (0, 0.5, 1))]
        for style, name in rows
    ]


def strokes(stylizer: Stylizer) -> list[list[Pixels]]:
    """Return the strokes of full size, and those of two previews, in two styles."""
    rows = (("udnie", "town"), ("starry", "landscape"))
    return [
        [scene(name), *(stylizer.stylize(scene(name), Look(style, strokes=s)) for s in ("full", 384, 192))]
        for style, name in rows
    ]


def masks(stylizer: Stylizer) -> list[list[Pixels]]:
    """Return a mask, two styles by it, one style with the rest left, and a protected part."""
    photo = scene("town")
    white = sky(photo)
    return [
        [
            np.repeat(white[..., None], 3, axis=2),
            stylizer.stylize(photo, Regions([Region(white, "starry")], rest="klee")),
            stylizer.stylize(photo, Regions([Region(white, "starry")])),
            stylizer.stylize(photo, Regions(rest="kandinsky", protect=white)),
        ]
    ]


def alike(stylizer: Stylizer) -> list[list[Pixels]]:
    """Return a photograph and a darker one, each painted by itself, and the darker one with the first's statistics."""
    day = scene("town")
    dusk = (day * DUSK).astype(np.uint8)
    rows = []
    for style in ("udnie", "kandinsky"):
        fixed = Look(style, statistics=stylizer.measure(day, style))
        rows.append(
            [day, stylizer.stylize(day, style), dusk, stylizer.stylize(dusk, style), stylizer.stylize(dusk, fixed)]
        )
    return rows


def pages(stylizer: Stylizer) -> list[list[Pixels]]:
    """Return pictures that are not like photographs, by their own statistics and as beside a photograph."""
    drawn = [draw_hard(kind, PAGE_PX, 3) for kind in ("document", "line_art", "logo", "berries")]
    noisy = np.random.default_rng(0).normal(128, 1, (PAGE_PX, PAGE_PX, 3)).round().astype(np.uint8)
    photos = [*drawn, noisy]
    rows = [photos]
    for style in ("waves", "klee"):
        rows.append([own_statistics(stylizer, photo, style) for photo in photos])
        rows.append([stylizer.stylize(photo, style) for photo in photos])
    return rows


def own_statistics(stylizer: Stylizer, photo: Pixels, style: str) -> Pixels:
    """Return what the network makes of `photo` by its own statistics, whatever it is like."""
    painted = np.empty_like(photo)
    stylizer.network.decode_pixels(stylizer.network.bank(style)(*stylizer.network.encode_pixels(photo)), painted)
    return painted


def compare(stylizer: Stylizer) -> list[list[Pixels]]:
    """Return what is written with the photograph on its left."""
    photo = Picture(scene("landscape"))
    return [[beside(photo, stylizer.stylize(photo, "mosaic")).rgb]]


PICTURES: dict[str, Callable[[Stylizer], list[list[Pixels]]]] = {
    "strength": strength,
    "mix": mix,
    "colors": colors,
    "strokes": strokes,
    "masks": masks,
    "alike": alike,
    "pages": pages,
    "compare": compare,
}

if __name__ == "__main__":
    main()
