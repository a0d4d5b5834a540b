"""Pillow's own limit of pixels, out of the way while a picture is read: ours is checked from the header."""

from collections.abc import Iterator
from contextlib import contextmanager
from threading import Lock

from PIL import Image


class _Limit:
    """Pillow's limit, and how many pictures are being read without it, in all threads together."""

    lock = Lock()
    readers = 0
    kept: int | None = None


@contextmanager
def no_limit() -> Iterator[None]:
    """Read without Pillow's limit, which warns or refuses; it is back when the last thread has left."""
    with _Limit.lock:
        if _Limit.readers == 0:
            _Limit.kept, Image.MAX_IMAGE_PIXELS = Image.MAX_IMAGE_PIXELS, None
        _Limit.readers += 1
    try:
        yield
    finally:
        with _Limit.lock:
            _Limit.readers -= 1
            if _Limit.readers == 0:
                Image.MAX_IMAGE_PIXELS = _Limit.kept
