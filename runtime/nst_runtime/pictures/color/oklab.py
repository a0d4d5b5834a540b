"""Oklab, a space in which lightness and color are what people see (Björn Ottosson, 2020), to and from sRGB pixels."""

import numpy as np

from nst_runtime.pictures.arrays import Floats, Pixels

# From linear sRGB to the responses of the eye's cones, and from their cube roots to lightness and two colors.
_TO_CONES = np.array(
    [
        [0.4122214708, 0.5363325363, 0.0514459929],
        [0.2119034982, 0.6806995451, 0.1073969566],
        [0.0883024619, 0.2817188376, 0.6299787005],
    ],
    np.float32,
)
_TO_LAB = np.array(
    [
        [0.2104542553, 0.7936177850, -0.0040720468],
        [1.9779984951, -2.4285922050, 0.4505937099],
        [0.0259040371, 0.7827717662, -0.8086757660],
    ],
    np.float32,
)
_FROM_CONES = np.linalg.inv(_TO_CONES.astype(np.float64)).astype(np.float32)
_FROM_LAB = np.linalg.inv(_TO_LAB.astype(np.float64)).astype(np.float32)
_UNIT = np.arange(256, dtype=np.float64) / 255
_LINEAR = np.where(_UNIT <= 0.04045, _UNIT / 12.92, ((_UNIT + 0.055) / 1.055) ** 2.4).astype(np.float32)


def to_oklab(rgb: Pixels) -> Floats:
    """Return `rgb` (uint8 …×3, sRGB) as float32 …×3: lightness from 0 to 1, green to red, blue to yellow."""
    lab: Floats = np.cbrt(_LINEAR[rgb] @ _TO_CONES.T) @ _TO_LAB.T
    return lab


def from_oklab(lab: Floats) -> Pixels:
    """Return `lab` as `to_oklab` gives it as uint8 …×3; colors that sRGB lacks are clipped."""
    linear = np.clip(((lab @ _FROM_LAB.T) ** 3) @ _FROM_CONES.T, 0, 1)
    unit = np.where(linear <= 0.0031308, linear * 12.92, 1.055 * linear ** (1 / 2.4) - 0.055)
    pixels: Pixels = (unit * 255 + 0.5).astype(np.uint8)
    return pixels
