"""Write animations, whole or not at all: GIF, WebP and APNG by suffix."""

import io
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain
from pathlib import Path
from typing import IO, Any

from PIL import Image

from nst_runtime.contracts.files import replacing
from nst_runtime.errors import ImageError
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.quality import quality_options
from nst_runtime.pictures.writable import ANIMATION_SUFFIXES

_CLEAR = 255  # the color of a GIF that is not shown
_LARGEST_SIDE_PX = {".gif": 65_535, ".webp": 16_383, ".apng": 2**31 - 1}


def check_animation(suffix: str, width: int, height: int) -> None:
    """Raise ImageError when an animation of `width`×`height` pixels cannot be written under `suffix`."""
    if suffix not in ANIMATION_SUFFIXES:
        raise ImageError(f"{suffix} holds no animations", f"end the name in {', '.join(ANIMATION_SUFFIXES)}")
    if max(width, height) > _LARGEST_SIDE_PX[suffix]:
        most = _LARGEST_SIDE_PX[suffix]
        raise ImageError(f"{suffix} holds at most {most} pixels a side, not {width}×{height}", "write an .apng")


def not_moving(name: str, suffix: str) -> ImageError:
    """Return the error for a picture that does not move and would go to `name` in a format for animations."""
    return ImageError(f"cannot write {name}: {suffix} is for animations, and this is one picture", "write a .png")


def write_animation(
    path: Path,
    frames: Iterable[Picture],
    durations_ms: Sequence[int],
    *,
    plays: int = 0,
    is_transparent: bool = False,
    quality: int | None = None,
    follow_links: bool = True,
) -> None:
    """Write `frames`, each shown for as long as `durations_ms` says, to `path` in the format of its suffix.

    They are played so often, or without end where `plays` is 0. A GIF has 255 colors a frame, counts hundredths of a
    second, and shows a pixel or does not: from half of alpha on where `is_transparent` says that there is any. WebP is
    written at `quality`, by default as `quality_options` says. Pillow holds all frames until the file is whole.

    Raises ImageError for another suffix; what `frames` raises, and then `path` keeps its old content.
    """
    with replacing(path, follow_links=follow_links) as temporary, temporary.open("wb") as stream:
        _save(stream, path.suffix.lower(), frames, durations_ms, plays, is_transparent, quality)


def encode_animation(
    suffix: str,
    frames: Iterable[Picture],
    durations_ms: Sequence[int],
    *,
    plays: int = 0,
    is_transparent: bool = False,
    quality: int | None = None,
) -> bytes:
    """Return the file that `write_animation` writes under `suffix`."""
    stream = io.BytesIO()
    _save(stream, suffix, frames, durations_ms, plays, is_transparent, quality)
    return stream.getvalue()


def _save(
    stream: IO[bytes],
    suffix: str,
    frames: Iterable[Picture],
    durations_ms: Sequence[int],
    plays: int,
    is_transparent: bool,
    quality: int | None,
) -> None:
    pictures = iter(frames)
    first = next(pictures)
    check_animation(suffix, *first.rgb.shape[1::-1])
    images = _images(chain([first], pictures), suffix, is_transparent=is_transparent)
    common: dict[str, Any] = {"save_all": True, "duration": list(durations_ms)}
    one, *rest = images
    if suffix == ".gif":
        common |= {} if plays == 1 else {"loop": max(0, plays - 1)}
        one.save(stream, "GIF", append_images=rest, disposal=2 if is_transparent else 1, optimize=False, **common)
    elif suffix == ".webp":
        options = quality_options("WEBP", quality, None)
        whole = io.BytesIO()
        one.save(whole, "WEBP", append_images=rest, loop=plays, method=2, **common, **options)
        stream.write(_say_alpha(whole.getvalue()) if is_transparent else whole.getvalue())
    else:
        one.save(stream, "PNG", append_images=rest, loop=plays, compress_level=3, **common)


def _say_alpha(data: bytes) -> bytes:
    """Return the animated WebP `data` with its flag for transparency (RFC 9649, 2.7).

    libwebp leaves it out where each frame is opaque within its own rectangle, and Pillow then shows black around it.
    """
    return data[:20] + bytes([data[20] | 0x10]) + data[21:] if data[12:16] == b"VP8X" else data


def _images(frames: Iterable[Picture], suffix: str, *, is_transparent: bool) -> Iterator[Image.Image]:
    for frame in frames:
        image = Image.fromarray(frame.rgb)
        alpha = Image.new("L", image.size, 255) if frame.alpha is None else Image.fromarray(frame.alpha)
        if suffix == ".gif":
            yield _with_palette(image, alpha, is_transparent=is_transparent)
        else:
            if is_transparent:
                image.putalpha(alpha)
            yield image


def _with_palette(image: Image.Image, alpha: Image.Image, *, is_transparent: bool) -> Image.Image:
    few = image.quantize(_CLEAR, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    if is_transparent:
        few.paste(_CLEAR, mask=alpha.point([255] * 128 + [0] * 128))
        few.info["transparency"] = _CLEAR
    return few
