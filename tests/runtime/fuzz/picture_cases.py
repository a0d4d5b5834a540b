"""A damaged picture is read, and what was read is written: what may come of it."""

import io
import random
from contextlib import suppress
from functools import cache
from pathlib import Path

import numpy as np

from nst_runtime.errors import ImageError
from nst_runtime.pictures.animations import open_animation
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.read import read_header, read_picture, read_picture_bytes, read_profile
from nst_runtime.pictures.write import encode_picture

from .containers import OWN
from .mutations import mutate
from .seeds import MAKERS, seed

KINDS = tuple(MAKERS)
MAX_PIXELS = 1_000_000
_WRITTEN = (".png", ".jpg", ".webp", ".tif", ".bmp")


@cache
def _all() -> tuple[bytes, ...]:
    return tuple(seed(kind).data for kind in KINDS)


def make(kind: str, number: int) -> bytes:
    """Return the damaged file number `number` of a `kind` of picture."""
    r = random.Random(f"{kind} {number}")
    start = seed(kind)
    return mutate(r, start.data, OWN.get(start.container, ()), _all())


def check(kind: str, number: int, folder: Path) -> None:
    """Read the damaged file in every way, and write what was read; raises what a person should never see."""
    data = make(kind, number)
    path = folder / "picture"
    path.write_bytes(data)
    with suppress(ImageError):
        read_profile(path)
    size = None
    with _refused():
        header = read_header(path, max_pixels=MAX_PIXELS)
        size = header.width, header.height
    with _refused():
        picture = read_picture(path, max_pixels=MAX_PIXELS)
        _check_picture(picture, size, kind)
        _check_written(picture, number)
    with _refused(), open_animation(io.BytesIO(data), "picture", max_pixels=MAX_PIXELS) as animation:
        if animation is not None:
            shapes = {frame.rgb.shape for frame in animation.frames()}
            assert len(shapes) == 1, f"frames of several sizes: {shapes}"
            assert min(animation.durations_ms) >= 0


class _refused:  # noqa: N801 (it reads as a sentence)
    """Let an ImageError pass, unless it tells of memory that ran out: the worker has a gigabyte for small pictures."""

    def __enter__(self) -> None: ...

    def __exit__(self, kind: object, error: BaseException | None, traceback: object) -> bool:
        return isinstance(error, ImageError) and "not enough memory" not in error.message


def _check_picture(picture: Picture, size: tuple[int, int] | None, kind: str) -> None:
    """Check what was read against the header's `size`.

    Only a PNG may say after its pixels which way is up, only an animation's header is read to the end, and HEIC files
    may lie.
    """
    height, width = picture.rgb.shape[:2]
    assert picture.rgb.dtype == np.uint8
    assert picture.rgb.shape == (height, width, 3)
    assert size is None or sorted(size) == sorted((width, height)) or kind == "heic", f"{size}, not {(width, height)}"
    if picture.alpha is not None:
        assert picture.alpha.dtype == np.uint8
        assert picture.alpha.shape == (height, width)


def _check_written(picture: Picture, number: int) -> None:
    """Write `picture` in two formats, with and without its profile; a PNG must give the same pixels."""
    suffix = _WRITTEN[number % len(_WRITTEN)]
    encode_picture(picture, suffix, keep_profile=suffix != ".bmp")
    again = read_picture_bytes(encode_picture(picture, ".png"), "what was written", max_pixels=MAX_PIXELS)
    assert np.array_equal(again.rgb, picture.rgb)
