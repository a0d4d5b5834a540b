"""Read animations, a frame at a time: GIF, WebP and PNG (APNG)."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from dataclasses import dataclass
from typing import BinaryIO

from PIL import Image

from nst_runtime.errors import ImageError
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.color.icc import profile_of
from nst_runtime.pictures.color.srgb import to_srgb
from nst_runtime.pictures.containers.gif import frames_stay_inside
from nst_runtime.pictures.containers.opening import known_kind, opened
from nst_runtime.pictures.containers.prepared import Prepared
from nst_runtime.pictures.notes import count_frames, note_on_profile
from nst_runtime.pictures.read import MAX_PIXELS, explained

MAX_FRAMES = 2000
MAX_FRAMES_PIXELS = 256_000_000
"""Of all frames together: the writers of Pillow hold every frame, in four bytes a pixel, until the file is whole."""
ANIMATED_KINDS = ("GIF", "WebP", "PNG")


@dataclass(frozen=True)
class Animation:
    """An animation: `frames` decodes them again at each call, upright sRGB Pictures of one size, one at a time.

    `durations_ms` are how long each is shown, as far as the file says, in whole milliseconds; `plays` how often all are
    played, 0 without end. `is_transparent` where any pixel of a frame is not opaque.
    """

    durations_ms: tuple[int, ...]
    plays: int
    is_transparent: bool
    frames: Callable[[], Iterator[Picture]]
    notes: tuple[str, ...] = ()


@contextmanager
def open_animation(stream: BinaryIO, name: str, *, max_pixels: int = MAX_PIXELS) -> Iterator[Animation | None]:
    """Give the animation in `stream`, None where it holds one picture; frames are decoded from it while it is open.

    All frames are decoded once before, so that damage is told before any is used, and none of them is kept. Raises
    ImageError for what `read_picture` refuses, damaged frames, more than 2000 frames or 256 million pixels in all;
    TooManyPixelsError for frames of more than `max_pixels`.
    """
    with explained(name):
        kind = known_kind(stream, name)
    if kind.name not in ANIMATED_KINDS:
        yield None
        return
    with explained(name):
        if kind.name == "GIF" and not frames_stay_inside(stream):
            raise ImageError(f"{name} has a frame that lies outside of the picture", "save it again as a GIF")
    with ExitStack() as stack:
        with explained(name):
            image, prepared = stack.enter_context(opened(stream, kind, name, max_pixels))
        yield _look_through(image, prepared, name)


def _look_through(image: Image.Image, prepared: Prepared, name: str) -> Animation | None:
    with explained(name):
        count = count_frames(image)
        first = int(getattr(image, "n_frames", 1)) - count
        if count < 2:
            return None
        check_frames(count, *image.size, name)
        plays = _plays(image)
        notes = prepared.notes + note_on_profile(image, prepared.profile)

    def frames() -> Iterator[Picture]:
        for number in range(first, first + count):
            with explained(f"frame {number - first + 1} of {name}"):
                picture = _decode(image, number, prepared.profile)
            yield picture

    durations, is_transparent = [], False
    for picture in frames():
        durations.append(round(float(image.info.get("duration", 0))))
        is_transparent = is_transparent or picture.alpha is not None
    return Animation(tuple(durations), plays, is_transparent, frames, notes)


def check_frames(count: int, width: int, height: int, name: str) -> None:
    """Raise ImageError when an animation of `count` frames of `width`×`height` pixels is too long to be read."""
    if count > MAX_FRAMES:
        raise ImageError(f"{name} has {count} frames, over the limit of {MAX_FRAMES}", "cut it into shorter ones")
    if width * height * count > MAX_FRAMES_PIXELS:
        pixels = f"{count} frames of {width}×{height} pixels"
        hint = "make it smaller, or cut it into shorter ones"
        raise ImageError(f"{name} has {pixels}, over the limit of {MAX_FRAMES_PIXELS} in all", hint)


def _plays(image: Image.Image) -> int:
    """Return how often the opened animation is played, 0 without end: a GIF says how often it is played again."""
    loop = image.info.get("loop")
    if image.format == "GIF":
        return 1 if loop is None else loop + 1 if loop else 0
    return int(loop or 0)


def _decode(image: Image.Image, number: int, profile: bytes | None) -> Picture:
    image.seek(number)
    image.load()
    return Picture(*to_srgb(image.convert("RGBA"), profile=profile_of(image, profile)))
