"""Any of Pillow's picture modes to 8-bit sRGB and alpha."""

import io

import numpy as np
import numpy.typing as npt
from PIL import Image

Pixels = npt.NDArray[np.uint8]

_WITH_ALPHA = {"RGBA", "LA", "PA", "RGBa", "La"}


def to_srgb(image: Image.Image) -> tuple[Pixels, Pixels | None]:
    """Return the loaded `image` as sRGB (uint8 H×W×3) and alpha (uint8 H×W, or None where all is opaque)."""
    alpha = _alpha_of_deep_grey(image)
    if alpha is None and (image.mode in _WITH_ALPHA or "transparency" in image.info):
        image = _to_eight_bits(image).convert("RGBA")
        alpha = _alpha_unless_opaque(image)
        image = image.convert("RGB")
    image = _apply_profile(_to_eight_bits(image))
    return np.array(image if image.mode == "RGB" else image.convert("RGB")), alpha


def _alpha_of_deep_grey(image: Image.Image) -> Pixels | None:
    """Return alpha where one 16-bit grey of `image` stands for nothing, as in a PNG; Pillow passes that over."""
    clear = image.info.get("transparency")
    if not image.mode.startswith("I;16") or not isinstance(clear, int):
        return None
    alpha = np.where(np.asarray(image) == clear, 0, 255).astype(np.uint8)
    return None if alpha.all() else alpha


def _alpha_unless_opaque(image: Image.Image) -> Pixels | None:
    alpha = image.getchannel("A")
    return None if alpha.getextrema() == (255, 255) else np.array(alpha)


def _to_eight_bits(image: Image.Image) -> Image.Image:
    """Return `image` with 8 bits a channel; Pillow itself would clip the deeper ones instead of scaling them."""
    grey: npt.NDArray[np.generic]
    if image.mode.startswith("I;16"):
        grey = (np.asarray(image).astype(np.uint32) + 128) // 257
    elif image.mode == "I":
        values = np.asarray(image).clip(0)
        grey = values if values.max() <= 0xFF else values // 257 if values.max() <= 0xFFFF else values >> 23
    elif image.mode == "F":
        floats = np.nan_to_num(np.asarray(image), posinf=255, neginf=0)
        grey = np.clip(floats * (255 if floats.max() <= 1 else 1), 0, 255).round()
    elif image.mode in {"1", "P", "PA"}:
        return image.convert("RGB") if "transparency" not in image.info and image.mode == "P" else image
    else:
        return image
    deep = Image.fromarray(grey.astype(np.uint8))
    deep.info.update({key: value for key, value in image.info.items() if key == "icc_profile"})
    return deep


def _apply_profile(image: Image.Image) -> Image.Image:
    """Return `image` in sRGB by its ICC profile; one that is damaged or of another colour space is passed over."""
    profile = image.info.get("icc_profile")
    if not profile:
        return image
    from PIL import ImageCms  # noqa: PLC0415 (4 ms that most pictures do not need)

    try:
        source = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, source, ImageCms.createProfile("sRGB"), outputMode="RGB")
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted


def is_rgb_profile(profile: bytes) -> bool:
    """Tell whether `profile` is an ICC profile that can be read and is for RGB pictures."""
    from PIL import ImageCms  # noqa: PLC0415 (4 ms that most pictures do not need)

    try:
        return ImageCms.ImageCmsProfile(io.BytesIO(profile)).profile.xcolor_space.strip() == "RGB"
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return False


def from_srgb(image: Image.Image, profile: bytes) -> Image.Image:
    """Return `image` (RGB or RGBA, sRGB) in the colours of the ICC `profile`, its alpha kept.

    Unchanged where Pillow cannot convert, such as by a profile that leads to sRGB alone.
    """
    from PIL import ImageCms  # noqa: PLC0415

    try:
        target = ImageCms.ImageCmsProfile(io.BytesIO(profile))
        converted = ImageCms.profileToProfile(image, ImageCms.createProfile("sRGB"), target, outputMode=image.mode)
    except (ImageCms.PyCMSError, OSError, ValueError, TypeError):
        return image
    return image if converted is None else converted
