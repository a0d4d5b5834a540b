"""Draw the project's pictures: `python assets/draw/all.py [--out DIR] [--only NAME] [--size-px N]`."""

from __future__ import annotations

import argparse
import sys
import time
from collections.abc import Callable
from importlib import import_module
from pathlib import Path
from typing import Any, cast

import numpy as np
import numpy.typing as npt

ASSETS = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ASSETS.parent))

Draw = Callable[[int], npt.NDArray[np.uint8]]

PICTURES = {
    "landscape": "scenes",
    "town": "scenes",
    "still_life": "scenes",
    "swirls": "styles",
    "facets": "styles",
}
"""Name of each picture and the folder it is saved in."""

SIZE_PX = 768


def drawing(name: str) -> Draw:
    """Return the function that draws one picture: short side in pixels in, H×W×3 uint8 out."""
    return cast(Draw, import_module(f"assets.draw.{name}").draw)


def main(arguments: list[str] | None = None) -> None:
    """Draw what the command line asks for and print one line for each file."""
    parser = argparse.ArgumentParser(description="Draw the project's own pictures.")
    parser.add_argument("--out", type=Path, default=ASSETS, help="folder for scenes/ and styles/")
    parser.add_argument("--only", choices=sorted(PICTURES), help="draw this picture alone")
    parser.add_argument("--size-px", type=int, default=SIZE_PX, help="short side in pixels")
    options: Any = parser.parse_args(arguments)
    develop = import_module("assets.draw.develop")
    for name in [options.only] if options.only else PICTURES:
        started = time.perf_counter()
        picture = drawing(name)(options.size_px)
        path = options.out / PICTURES[name] / f"{name}.jpg"
        size = develop.write_jpeg(path, picture)
        height, width = picture.shape[:2]
        print(f"{path}  {width}x{height}  {size / 1000:.0f} kB  {time.perf_counter() - started:.1f} s")


if __name__ == "__main__":
    main()
