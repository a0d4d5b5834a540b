"""What a person should know of an opened picture: which part of its file is not used."""

import struct

from PIL import Image

from nst_runtime.pictures.color.icc import profile_fits, profile_of
from nst_runtime.pictures.metadata.record import xmp_of

_GAIN_MAP_SIGNS = (b"hdrgm:Version", b"urn:iso:std:iso:ts:21496:-1", b"hdrgainmap", b'Semantic="GainMap"')
ANIMATION_NOTE = "an animation, of which only the first frame is used; .gif, .webp and .apng hold all"
_SEARCHED_BYTES = 65_536  # of a second picture


def notes_on(image: Image.Image) -> tuple[str, ...]:
    """Return a plain sentence on each part of the opened, not yet loaded `image` that is not used."""
    notes = []
    if image.format not in {"TIFF", "MPO", "HEIF"} and _is_animated(image):
        notes.append(ANIMATION_NOTE)
    if image.format == "HEIF" and getattr(image, "n_frames", 1) > 1:
        notes.append("several pictures in one file: only the main one is used")
    if _has_gain_map(image):
        notes.append("an HDR gain map is passed over: the picture for ordinary screens is used")
    return tuple(notes)


def _is_animated(image: Image.Image) -> bool:
    try:
        return bool(getattr(image, "is_animated", False))
    except (LookupError, ValueError, SyntaxError, OSError, struct.error):  # a second frame is there, and damaged
        return True


def count_frames(image: Image.Image) -> int:
    """Return how many pictures the opened `image` plays; a PNG's picture for programs that know no APNG is not one."""
    return int(getattr(image, "n_frames", 1)) - bool(getattr(image, "default_image", False))


def note_on_profile(image: Image.Image, profile: bytes | None) -> tuple[str, ...]:
    """Return a sentence where neither `profile` nor, if that is None, the image's own one can be applied to `image`."""
    own = profile_of(image, profile)
    if not own or profile_fits(own, image.mode):
        return ()
    return ("the color profile is damaged or for other pictures: the colors are taken as sRGB",)


def _has_gain_map(image: Image.Image) -> bool:
    if image.format == "HEIF":
        return any("hdrgainmap" in str(name) for name in image.info.get("aux", {}))
    if image.format not in {"JPEG", "MPO"}:
        return False
    said = [xmp_of(image), _second_picture(image)] + [content[:64] for _, content in getattr(image, "applist", [])]
    return any(sign in content for content in said for sign in _GAIN_MAP_SIGNS)


def _second_picture(image: Image.Image) -> bytes:
    """Return the first bytes of the second picture in a JPEG, empty where its index names none."""
    try:
        image.fp.seek(image.mpinfo[0xB002][0]["Size"])  # type: ignore[attr-defined]
        found: bytes = image.fp.read(_SEARCHED_BYTES)  # type: ignore[attr-defined]
    except (AttributeError, KeyError, IndexError, TypeError, ValueError, OSError):
        return b""
    return found
