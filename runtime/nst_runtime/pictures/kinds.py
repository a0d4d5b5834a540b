"""The kinds of picture that a caller may have: arrays, Pillow's images, files. Each comes back as the kind it was."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
from PIL import Image

from nst_runtime.pictures.arrays import Picture, Pixels, check_pixels
from nst_runtime.pictures.color.srgb import to_srgb
from nst_runtime.pictures.read import read_picture

AnyPicture = Pixels | Image.Image | Picture | Path | str
"""uint8 H×W×3 or, with alpha, H×W×4, sRGB; a Pillow image of any mode; a Picture; or the path of a file."""
Restore = Callable[[Pixels], Any]


def take(picture: AnyPicture) -> tuple[Picture, Restore]:
    """Return `picture` in sRGB, and what turns the stylised pixels, uint8 H×W×3, into the same kind with its alpha.

    A file comes back as a Picture. Raises TypeError or ValueError for what is not a picture, ImageError as
    `read_picture` does for a file.
    """
    if isinstance(picture, np.ndarray):
        return _from_array(picture)
    if isinstance(picture, Image.Image):
        opened = Picture(*to_srgb(picture))
        return opened, lambda rgb: _to_image(rgb, opened.alpha)
    if isinstance(picture, str | Path):
        picture = read_picture(Path(picture))
    if not isinstance(picture, Picture):
        kind = type(picture).__name__
        raise TypeError(f"a picture is a numpy array, a PIL image, a Picture or a path, not {kind}")
    check_pixels(picture.rgb)
    known = picture
    return known, lambda rgb: replace(known, rgb=rgb)


def _from_array(array: Pixels) -> tuple[Picture, Restore]:
    if array.dtype == np.uint8 and array.ndim == 3 and array.shape[2] == 4:
        rgb, alpha = array[..., :3], array[..., 3]
        check_pixels(rgb)
        return Picture(rgb, alpha), lambda painted: np.dstack([painted, alpha])
    check_pixels(array)
    return Picture(array), lambda painted: painted


def _to_image(rgb: Pixels, alpha: Pixels | None) -> Image.Image:
    image = Image.fromarray(rgb)
    if alpha is not None:
        image.putalpha(Image.fromarray(alpha))
    return image
