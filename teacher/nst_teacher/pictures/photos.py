"""Choose photos, name them and cut them to size."""

import hashlib
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.errors import ImageError, NstError
from nst_runtime.pictures.arrays import Pixels, resize_short_side
from nst_runtime.pictures.read import list_pictures, read_picture

SMALLEST_SIDE_PX = 16


@dataclass(frozen=True)
class Photo:
    """A photo to stylise: where it is, its file's hash, the id of its pair and the seed that it alone uses."""

    path: Path
    sha256: str
    id: str
    seed: int


def choose_photos(folder: Path, count: int, seed: int) -> list[Path]:
    """Return `count` pictures of `folder` in an order drawn from `seed` and their names.

    The order mixes what lies together by name, and a larger count goes on where a smaller one ended. Raises NstError
    when there are fewer.
    """
    found = list_pictures(folder)
    if len(found) < count:
        raise NstError(f"{folder} holds {len(found)} pictures, not {count}", "give a lower `count`, or add some")
    return sorted(found, key=lambda path: (_digest(f"{seed}:{path.name}"), path.name))[:count]


def identify(path: Path, seed: int) -> Photo:
    """Return the photo at `path` with its id and seed, which its bytes, name and `seed` alone determine."""
    sha256 = sha256_of_file(path)
    stem = re.sub(r"[^a-z0-9]+", "-", path.stem.lower()).strip("-")[:40]
    name = _digest(path.name)[:4]
    return Photo(path, sha256, f"{stem or 'photo'}-{sha256[:10]}{name}", int(_digest(f"{seed}:{sha256}")[:8], 16))


def read_square(path: Path, size_px: int) -> Pixels:
    """Return the picture at `path` as uint8 size×size×3: its short side made `size_px`, the middle kept.

    Raises ImageError when it cannot be read or is narrower than 16 px.
    """
    rgb = read_picture(path).rgb
    check_sides(path, rgb)
    rgb = resize_short_side(rgb, size_px)
    top, left = (rgb.shape[0] - size_px) // 2, (rgb.shape[1] - size_px) // 2
    return rgb[top : top + size_px, left : left + size_px].copy()


def check_other_pictures(photos: Sequence[Path], styles: Sequence[Path]) -> None:
    """Raise NstError when one of `photos` is the same file, byte by byte, as one of `styles`.

    Only files of equal size are read. What cannot be read is for others to report.
    """
    sizes = {style.stat().st_size for style in styles if style.is_file()}
    alike = [photo for photo in photos if photo.is_file() and photo.stat().st_size in sizes]
    known = {_hash_or_none(style): style for style in styles} if alike else {}
    known.pop(None, None)
    for photo in alike:
        if (style := known.get(_hash_or_none(photo))) is not None:
            raise NstError(f"{photo} and {style} are the same picture", "give a photo and another style")


def _hash_or_none(path: Path) -> str | None:
    try:
        return sha256_of_file(path)
    except NstError:
        return None


def check_sides(path: Path, rgb: Pixels) -> None:
    """Raise ImageError when a side of `rgb` (uint8 H×W×3, from `path`) is too short to be stylised or have a style."""
    height, width = rgb.shape[:2]
    if min(height, width) < SMALLEST_SIDE_PX:
        raise ImageError(
            f"{path} is {width}×{height} px; both sides need at least {SMALLEST_SIDE_PX}", "give a larger picture"
        )


def _digest(text: str) -> str:
    return hashlib.sha256(text.encode(errors="surrogateescape")).hexdigest()
