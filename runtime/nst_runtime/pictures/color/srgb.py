"""Any of Pillow's picture modes to 8-bit sRGB and alpha."""

import numpy as np
import numpy.typing as npt
from PIL import Image

from nst_runtime.pictures.color.depths import to_eight_bits
from nst_runtime.pictures.color.icc import convert, profile_fits, profile_of

Pixels = npt.NDArray[np.uint8]


def to_srgb(
    image: Image.Image, *, profile: bytes | None = None, deep_white: int = 0xFFFF, white_is_zero: bool = False
) -> tuple[Pixels, Pixels | None]:
    """Return the loaded `image` as sRGB (uint8 H×W×3) and alpha (uint8 H×W, or None where all is opaque).

    An ICC `profile` other than None is used in place of the image's own; an empty one stands for sRGB. One that is
    damaged or for other pictures is passed over. `deep_white` and `white_is_zero` are as `to_eight_bits` has them.
    """
    own = profile_of(image, profile)
    image, alpha = _part_alpha(image)
    colors = _to_plain_mode(to_eight_bits(image, deep_white=deep_white, white_is_zero=white_is_zero))
    if own and profile_fits(own, colors.mode):
        colors = convert(colors, own, None, "RGB") or colors
    return np.array(colors if colors.mode == "RGB" else colors.convert("RGB")), alpha


def _part_alpha(image: Image.Image) -> tuple[Image.Image, Pixels | None]:
    """Return `image` without its alpha, in grey where it is grey, and the alpha, None where all is opaque."""
    if image.mode.startswith("I;16"):
        return image, _alpha_of_deep_grey(image)
    if image.mode in {"La", "RGBa"}:  # multiplied by alpha
        image = image.convert(image.mode.upper())
    elif image.mode == "PA" or "transparency" in image.info:
        image = image.convert("LA" if image.mode in {"1", "L"} else "RGBA")
    if image.mode not in {"LA", "RGBA"}:
        return image, None
    alpha = image.getchannel("A")
    colors = image.getchannel("L") if image.mode == "LA" else image.convert("RGB")
    return colors, None if alpha.getextrema() == (255, 255) else np.array(alpha)


def _alpha_of_deep_grey(image: Image.Image) -> Pixels | None:
    """Return alpha where one 16-bit grey of `image` stands for nothing, as in a PNG; Pillow passes that over."""
    clear = image.info.get("transparency")
    if not isinstance(clear, int):
        return None
    alpha = np.where(np.asarray(image) == clear, 0, 255).astype(np.uint8)
    return None if alpha.all() else alpha


def _to_plain_mode(image: Image.Image) -> Image.Image:
    """Return `image` in a mode that color profiles are for."""
    if image.mode == "1":
        return image.convert("L")
    return image if image.mode in {"L", "CMYK", "LAB"} else image.convert("RGB")


def from_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return `image` (RGB or RGBA, sRGB) in the colors of the ICC `profile`, its alpha kept.

    Unchanged where Pillow cannot convert, such as by a profile that leads to sRGB alone.
    """
    return convert(image, None, profile, image.mode) or image
