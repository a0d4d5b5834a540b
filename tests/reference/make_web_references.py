"""Write pictures and what the runtime makes of them, for the tests of the page: make_web_references.py FOLDER.

The folder gets ``cases.json`` and, for each case, the pixels before and after as rows of RGBA, a byte each, so that no
decoder comes between. ``exif5.jpg`` is a photograph that lies on its side and says so, ``exif5.raw`` its pixels.
"""

from __future__ import annotations

import json
import sys
from dataclasses import asdict, dataclass, field
from pathlib import Path

import numpy as np
from PIL import Image

from nst_runtime import Look, Stylizer, read_picture
from nst_runtime.inference.regions import Region, Regions
from nst_runtime.pictures.arrays import Pixels

SCENES = Path(__file__).parents[2] / "assets" / "scenes"
TRANSPOSE = 5  # EXIF's name for a picture mirrored along its main diagonal


@dataclass(frozen=True)
class Case:
    """A picture and a look; a `second` style goes where the mask, a disc in the middle, is white."""

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
    Case("large", "town", 1600, 1201, {"wheat": 0.7, "lilies": 0.3}, strength=0.9, colors=0.8),
)


def main(folder: Path) -> None:
    """Write all cases to `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    stylizer = Stylizer.load(threads=1)
    for case in CASES:
        photo = picture(case)
        photo.tofile(folder / f"{case.name}.in.raw")
        if case.second:
            mask_of(case).tofile(folder / f"{case.name}.mask.raw")
        stylizer.stylize(photo, look_of(case)).tofile(folder / f"{case.name}.out.raw")
    (folder / "cases.json").write_text(json.dumps([asdict(case) for case in CASES], indent=1))
    write_turned(folder)


def picture(case: Case) -> Pixels:
    """Return the scene at the case's size, RGBA; its right third is more and more transparent."""
    with Image.open(SCENES / f"{case.scene}.jpg") as scene:
        rgb = np.asarray(scene.convert("RGB").resize((case.width, case.height), Image.Resampling.LANCZOS))
    alpha = np.clip(np.linspace(765, 0, case.width), 0, 255).astype(np.uint8)
    return np.dstack([rgb, np.broadcast_to(alpha, rgb.shape[:2])])


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
    np.dstack([rgb, np.full(rgb.shape[:2], 255, np.uint8)]).tofile(folder / "exif5.raw")


if __name__ == "__main__":
    main(Path(sys.argv[1]))
