"""Colour profiles: made from primaries and a curve, and asked what pictures they are for."""

import io
import struct
from collections.abc import Sequence
from functools import lru_cache

import numpy as np
import numpy.typing as npt
from PIL import Image

LIMIT_BYTES = 4_000_000  # a larger profile is passed over
Primaries = tuple[float, float, float, float, float, float, float, float]
"""x and y of white, red, green and blue, as CIE 1931 has them."""
Curve = tuple[float, ...]
"""From stored values to light: (g,) is x^g; (g, a, b, c, d) is (ax + b)^g from d on, below it cx."""

SRGB_PRIMARIES: Primaries = (0.3127, 0.3290, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
SRGB_CURVE: Curve = (2.4, 1 / 1.055, 0.055 / 1.055, 1 / 12.92, 0.04045)
_D50 = np.array([0.9642, 1.0, 0.8249])
_BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])
_Matrix = npt.NDArray[np.float64]


def rgb_profile(primaries: Primaries, curve: Curve) -> bytes:
    """Return an ICC profile for RGB pictures of these `primaries` and this `curve`.

    Raises ValueError where the primaries span no colors.
    """
    columns = _to_xyz_d50(primaries).T
    tags = {name + b"XYZ": _xyz(column) for name, column in zip((b"r", b"g", b"b"), columns, strict=True)}
    tags |= {name + b"TRC": _para(curve) for name in (b"r", b"g", b"b")}
    return _profile(b"RGB ", tags)


def grey_profile(curve: Curve) -> bytes:
    """Return an ICC profile for grey pictures of this `curve`."""
    return _profile(b"GRAY", {b"kTRC": _para(curve)})


def _to_xyz_d50(primaries: Primaries) -> _Matrix:
    """Return the matrix from linear RGB to XYZ under D50, by Bradford's adaptation (ICC.1:2022, annex E)."""
    xy = np.array(primaries).reshape(4, 2)
    if not np.all(np.isfinite(xy)) or np.any(xy[:, 1] <= 0):
        raise ValueError(f"not primaries: {primaries}")
    white, *rgb = np.column_stack([xy[:, 0] / xy[:, 1], np.ones(4), (1 - xy.sum(1)) / xy[:, 1]])
    columns = np.array(rgb).T
    if abs(np.linalg.det(columns)) < 1e-6:
        raise ValueError(f"primaries on one line: {primaries}")
    matrix = columns * np.linalg.solve(columns, white)
    cones = (_BRADFORD @ _D50) / (_BRADFORD @ white)
    adapted: _Matrix = np.linalg.inv(_BRADFORD) @ np.diag(cones) @ _BRADFORD @ matrix
    return adapted


def _fixed(values: Sequence[float] | _Matrix) -> bytes:
    return b"".join(struct.pack(">i", round(float(value) * 65536)) for value in values)


def _xyz(column: _Matrix) -> bytes:
    return b"XYZ \0\0\0\0" + _fixed(column)


def _para(curve: Curve) -> bytes:
    return b"para\0\0\0\0" + struct.pack(">HH", 0 if len(curve) == 1 else 3, 0) + _fixed(curve)


def _profile(space: bytes, tags: dict[bytes, bytes]) -> bytes:
    tags = {b"wtpt": _xyz(_D50), **tags}
    start = 128 + 4 + 12 * len(tags)
    table, data = struct.pack(">I", len(tags)), b""
    for name, content in tags.items():
        table += name + struct.pack(">II", start + len(data), len(content))
        data += content.ljust(-len(content) % 4 + len(content), b"\0")
    head = struct.pack(">I4sI4s4s4s", start + len(data), bytes(4), 0x04300000, b"mntr", space, b"XYZ ")
    return (head + bytes(12) + b"acsp").ljust(68, b"\0") + _fixed(_D50) + bytes(48) + table + data


def profile_of(image: Image.Image, instead: bytes | None = None) -> bytes:
    """Return the ICC profile `instead` of the one of the opened `image`, or, if that is None, the image's own one.

    Empty for none, and for what a damaged TIFF has in its place, such as a number.
    """
    own = image.info.get("icc_profile") if instead is None else instead
    return own if isinstance(own, bytes) else b""


def profile_space(profile: bytes) -> str:
    """Return the colors that the ICC `profile` is for: "RGB", "GRAY", "CMYK", "Lab"; "" where it cannot be read."""
    from PIL import ImageCms  # noqa: PLC0415 (4 ms that most pictures do not need)

    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip()
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return ""


@lru_cache(maxsize=4)
def profile_fits(profile: bytes, mode: str) -> bool:
    """Tell whether pictures of Pillow's `mode` can be brought to sRGB by the ICC `profile`."""
    grey = mode in {"1", "L", "LA", "La", "I", "F"} or mode.startswith("I;16")
    plain = "L" if grey else mode if mode in {"CMYK", "LAB"} else "RGB"
    wanted = {"L": "GRAY", "LAB": "Lab"}.get(plain, plain)
    if len(profile) > LIMIT_BYTES or profile_space(profile) != wanted:
        return False
    return convert(Image.new(plain, (1, 1)), profile, None, "RGB") is not None


@lru_cache(maxsize=4)
def leads_both_ways(profile: bytes) -> bool:
    """Tell whether sRGB pictures can be brought to the colors of the ICC `profile` for RGB."""
    return convert(Image.new("RGB", (1, 1)), None, profile, "RGB") is not None


def convert(image: Image.Image, source: bytes | None, target: bytes | None, mode: str) -> Image.Image | None:
    """Return `image` from the colors of the ICC profile `source` to those of `target`, None being sRGB, in `mode`.

    None where Pillow cannot convert, such as by a profile that leads one way only.
    """
    from PIL import ImageCms  # noqa: PLC0415

    try:
        first, last = (
            ImageCms.createProfile("sRGB") if profile is None else ImageCms.ImageCmsProfile(io.BytesIO(profile))
            for profile in (source, target)
        )
        return ImageCms.profileToProfile(image, first, last, outputMode=mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return None
