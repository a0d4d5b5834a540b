"""Write pictures and what the runtime makes of them, for the tests of the page: make_web_references.py FOLDER.

The folder gets ``cases.json`` and, for each case, the pixels before and after as rows of RGBA, a byte each, so that no
decoder comes between. ``likeness.json`` says of each picture how unlike photographs it is, and ``typical.raw`` is the
one that stands for them. ``exif5.jpg`` is a photograph that lies on its side and says so, ``exif5.raw`` its pixels.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field, replace
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw

from nst_runtime import Look, Stylizer, read_picture
from nst_runtime.inference.beside import typical_picture
from nst_runtime.inference.likeness import typical_share, unlikeness
from nst_runtime.inference.regions import Region, Regions
from nst_runtime.pictures.arrays import Pixels

SCENES = Path(__file__).parents[2] / "assets" / "scenes"
TILES_FROM_PIXELS, TILES_BYTES = 2_500_000, 400_000_000
TRANSPOSE = 5  # EXIF's name for a picture mirrored along its main diagonal


@dataclass(frozen=True)
class Case:
    """A picture and a look; a `second` style goes where the mask, a disc in the middle, is white.

    The `scene` is a photograph of the project, or one of `DRAWN`.
    """

    name: str
    scene: str
    width: int
    height: int
    styles: dict[str, float]
    strength: float = 1.0
    strokes: int | str = "auto"
    colors: float = 1.0
    second: dict[str, float] = field(default_factory=dict)


CASES = (
    Case("even", "landscape", 256, 192, {"waves": 1}),
    Case("odd", "town", 203, 151, {"starry": 1}),
    Case("tiny", "still_life", 17, 16, {"klee": 1}),
    Case("mix", "landscape", 240, 180, {"waves": 0.6, "scream": 0.4}),
    Case("sum", "town", 120, 90, {"waves": 0.5, "scream": 0.3}, strength=0.7),
    Case("weak", "town", 240, 180, {"kandinsky": 1}, strength=0.5),
    Case("strong", "still_life", 240, 180, {"udnie": 1}, strength=1.3),
    Case("photograph", "town", 64, 48, {"udnie": 1}, strength=0),
    Case("own colors", "still_life", 240, 180, {"starry": 1}, colors=0),
    Case("half colors", "landscape", 121, 93, {"mosaic": 1}, strength=0.8, colors=0.5),
    Case("large strokes", "town", 400, 299, {"waves": 1}, strokes=140),
    Case("parts", "landscape", 240, 179, {"waves": 1}, second={"mosaic": 1}),
    Case("page", "page", 300, 407, {"waves": 1}),
    Case("page mix", "page", 203, 151, {"starry": 0.7, "klee": 0.3}, strength=0.5),
    Case("page strokes", "page", 500, 401, {"scream": 1}, strokes=200, colors=0.5),
    Case("page parts", "page", 160, 120, {"waves": 1}, second={"mosaic": 1}),
    Case("noise", "noise", 256, 190, {"klee": 1}),
    Case("noise weak", "noise", 121, 93, {"starry": 1}, strength=0.5),
    Case("dusk", "dusk", 240, 180, {"mosaic": 1}),
    Case("black", "black", 96, 80, {"udnie": 1}),
    Case("large page", "page", 1300, 1501, {"waves": 1}),
    Case("large", "town", 1600, 1201, {"wheat": 0.7, "lilies": 0.3}, strength=0.9, colors=0.8),
    Case("tiles", "town", 1803, 1401, {"waves": 0.6, "mosaic": 0.4}, strokes="full", strength=0.8),
    Case("tiles of a page", "page", 1603, 1601, {"klee": 1}, strokes="full"),
    Case("tiles by a sample", "landscape", 3600, 2803, {"starry": 1}, strokes="full"),
)


def main(folder: Path) -> None:
    """Write all cases to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    whole, tiled = Stylizer.load(threads=1), Stylizer.load(threads=1, memory_bytes=TILES_BYTES)
    likeness = {}
    for case in CASES:
        photo = picture(case)
        photo.tofile(folder / f"{case.name}.in.raw")
        if case.second:
            mask_of(case).tofile(folder / f"{case.name}.mask.raw")
        stylizer = tiled if case.width * case.height > TILES_FROM_PIXELS else whole
        stylizer.stylize(photo, look_of(case)).tofile(folder / f"{case.name}.out.raw")
        rgb = np.ascontiguousarray(photo[..., :3])
        likeness[case.name] = {"unlikeness": unlikeness(rgb), "share": typical_share(rgb)}
    (folder / "cases.json").write_text(json.dumps([asdict(case) for case in CASES], indent=1))
    (folder / "likeness.json").write_text(json.dumps(likeness))
    opaque(typical_picture()).tofile(folder / "typical.raw")
    write_turned(folder)


def picture(case: Case) -> Pixels:
    """Return the scene at the case's size, RGBA; its right third is more and more transparent."""
    rgb = DRAWN[case.scene](case) if case.scene in DRAWN else scene_of(case)
    alpha = np.clip(np.linspace(765, 0, case.width), 0, 255).astype(np.uint8)
    return np.dstack([rgb, np.broadcast_to(alpha, rgb.shape[:2])])


def scene_of(case: Case) -> Pixels:
    """Return the photograph of the case."""
    with Image.open(SCENES / f"{case.scene}.jpg") as scene:
        return np.asarray(scene.convert("RGB").resize((case.width, case.height), Image.Resampling.LANCZOS))


def page(case: Case) -> Pixels:
    """Return lines of words on paper."""
    paper = Image.new("RGB", (case.width, case.height), (250, 249, 244))
    draw = ImageDraw.Draw(paper)
    for top in range(10, case.height - 20, 16):
        draw.text((12, top), f"{top} words in a line, " * (case.width // 140), fill=(25, 25, 30))
    return np.asarray(paper)


def noise(case: Case) -> Pixels:
    """Return a gray with a sensor's noise."""
    levels = np.random.default_rng(0).normal(128, 2, (case.height, case.width, 3))
    return np.clip(levels.round(), 0, 255).astype(np.uint8)


def dusk(case: Case) -> Pixels:
    """Return the town with a third of its light, which is between photographs and others."""
    return scene_of(replace(case, scene="town")) // 3


def black(case: Case) -> Pixels:
    """Return nothing but black."""
    return np.zeros((case.height, case.width, 3), np.uint8)


DRAWN = {"page": page, "noise": noise, "dusk": dusk, "black": black}


def opaque(rgb: Pixels) -> Pixels:
    """Return `rgb` as RGBA."""
    return np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)])


def mask_of(case: Case) -> Pixels:
    """Return a disc with a soft edge, at half the case's size."""
    rows, columns = np.mgrid[0 : case.height // 2, 0 : case.width // 2]
    distance = np.hypot(rows - case.height / 4, columns - case.width / 4)
    inside: Pixels = np.clip((case.height / 6 - distance) * 32 + 128, 0, 255).astype(np.uint8)
    return inside


def look_of(case: Case) -> Look | Regions:
    """Return what the case is painted with."""
    first, *second = (
        Look(styles, strength=case.strength, strokes=case.strokes, colors=case.colors)  # type: ignore[arg-type]
        for styles in (case.styles, case.second)
        if styles
    )
    return Regions([Region(mask_of(case), second[0])], rest=first) if second else first


def write_turned(folder: Path) -> None:
    """Write a photograph whose EXIF data turn it, and its pixels, upright, as the runtime reads them."""
    with Image.open(SCENES / "town.jpg") as scene:
        small = scene.convert("RGB").resize((160, 120), Image.Resampling.LANCZOS)
    exif = Image.Exif()
    exif[0x0112] = TRANSPOSE
    small.transpose(Image.Transpose.TRANSPOSE).save(folder / "exif5.jpg", quality=95, exif=exif)
    rgb = read_picture(folder / "exif5.jpg").rgb
    opaque(rgb).tofile(folder / "exif5.raw")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
