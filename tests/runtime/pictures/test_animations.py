"""Animations: read a frame at a time, written with their times, loops and transparency."""

import io
import struct
import weakref
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from nst_runtime.errors import ImageError, TooManyPixelsError
from nst_runtime.pictures import animations
from nst_runtime.pictures.animations import Animation, open_animation
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.containers.gif import frames_stay_inside
from nst_runtime.pictures.writable import ANIMATION_SUFFIXES
from nst_runtime.pictures.write_animation import encode_animation, write_animation

Pixels = npt.NDArray[np.uint8]
COLORS = [(200, 30, 30), (30, 200, 30), (30, 30, 200), (120, 120, 120)]
TIMES = (100, 30, 250, 60)


def moving(*, transparent: bool = False) -> list[Picture]:
    """A square of 8×8 pixels that moves over a ground of 40×24; the ground is clear if the whole is `transparent`."""
    frames = []
    for number, color in enumerate(COLORS):
        rgb = np.full((24, 40, 3), 240, np.uint8)
        rgb[8:16, 8 * number : 8 * number + 8] = color
        alpha = np.where((rgb == 240).all(axis=2), 0, 255).astype(np.uint8) if transparent else None
        frames.append(Picture(rgb, alpha))
    return frames


def look(data: bytes, **options: Any) -> tuple[Animation, list[Picture]]:  # noqa: ANN401
    with open_animation(io.BytesIO(data), "it", **options) as animation:
        assert animation is not None
        return animation, list(animation.frames())


@pytest.mark.parametrize("transparent", [False, True])
@pytest.mark.parametrize("plays", [0, 1, 3])
@pytest.mark.parametrize("suffix", ANIMATION_SUFFIXES)
def test_animations_come_back(suffix: str, plays: int, transparent: bool) -> None:
    frames = moving(transparent=transparent)
    data = encode_animation(suffix, frames, TIMES, plays=plays, is_transparent=transparent, quality=95)
    animation, found = look(data)
    assert animation.durations_ms == TIMES
    assert animation.plays == plays
    assert animation.is_transparent == transparent
    for number, (frame, again) in enumerate(zip(frames, found, strict=True)):
        middle = (12, 8 * number + 4)
        np.testing.assert_allclose(again.rgb[middle], frame.rgb[middle], atol=12)
        if transparent:
            np.testing.assert_array_equal(again.alpha, frame.alpha)  # no trace of the frames before
        else:
            assert again.alpha is None
            np.testing.assert_allclose(again.rgb[2, ::8], 240, atol=6)


def test_partial_frames_and_their_disposal_are_composed() -> None:
    """The second frame is laid over the first; the third stands in the place that the second left clear."""
    parts = [Image.new("RGBA", (16, 16), "red"), Image.new("RGBA", (16, 16)), Image.new("RGBA", (16, 16))]
    parts[1].paste((0, 0, 255, 255), (0, 0, 8, 8))
    parts[2].paste((0, 255, 0, 255), (8, 8, 16, 16))
    stream = io.BytesIO()
    parts[0].save(stream, "PNG", save_all=True, append_images=parts[1:], duration=50, disposal=[0, 1, 0], blend=1)
    _, (_, second, third) = look(stream.getvalue())
    assert second.rgb[4, 4].tolist() == [0, 0, 255]
    assert second.rgb[12, 12].tolist() == [255, 0, 0]
    assert third.rgb[12, 12].tolist() == [0, 255, 0]
    assert third.alpha is not None
    assert np.array_equal(np.argwhere(third.alpha)[[0, -1]], [(8, 8), (15, 15)])


def test_a_png_s_picture_for_other_programs_is_not_a_frame() -> None:
    still, one, two = (Image.new("RGB", (16, 16), color) for color in ("white", "red", "blue"))
    stream = io.BytesIO()
    still.save(stream, "PNG", save_all=True, default_image=True, append_images=[one, two], duration=[40, 50])
    animation, frames = look(stream.getvalue())
    assert animation.durations_ms == (40, 50)
    assert [frame.rgb[3, 3].tolist() for frame in frames] == [[255, 0, 0], [0, 0, 255]]


def test_pictures_that_do_not_move() -> None:
    for kind in ("GIF", "PNG", "WEBP", "JPEG"):
        stream = io.BytesIO()
        Image.new("L", (16, 16)).save(stream, kind)
        with open_animation(stream, "it") as animation:
            assert animation is None
    with pytest.raises(ImageError, match="it is not a picture"), open_animation(io.BytesIO(b"text"), "it"):
        pass


def test_frames_are_decoded_one_at_a_time() -> None:
    data = encode_animation(".webp", moving() * 5, TIMES * 5)
    with open_animation(io.BytesIO(data), "it") as animation:
        assert animation is not None
        kept: list[weakref.ref[Pixels]] = []
        for frame in animation.frames():
            kept.append(weakref.ref(frame.rgb))
            del frame
            assert sum(one() is not None for one in kept) <= 1
        assert len(kept) == 20


def test_limits(monkeypatch: pytest.MonkeyPatch) -> None:
    data = encode_animation(".gif", moving(), TIMES)
    with pytest.raises(TooManyPixelsError, match="40×24 = 960 pixels, over the limit of 959"):
        look(data, max_pixels=959)
    monkeypatch.setattr(animations, "MAX_FRAMES_PIXELS", 4 * 960 - 1)
    with pytest.raises(ImageError, match="4 frames of 40×24 pixels, over the limit of 3839 in all"):
        look(data)
    monkeypatch.setattr(animations, "MAX_FRAMES", 3)
    with pytest.raises(ImageError, match="it has 4 frames, over the limit of 3"):
        look(data)


def test_a_frame_that_makes_a_gif_huge_is_refused() -> None:
    data = bytearray(encode_animation(".gif", moving(), TIMES))
    assert frames_stay_inside(io.BytesIO(bytes(data)))
    second = [at for at in range(len(data)) if data[at : at + 1] == b"," and data[at + 5 : at + 9] == b"\x10\0\x08\0"]
    struct.pack_into("<HH", data, second[0] + 5, 65_535, 65_535)
    with pytest.raises(ImageError, match="has a frame that lies outside of the picture"):
        look(bytes(data))


@pytest.mark.parametrize("suffix", ANIMATION_SUFFIXES)
def test_damaged_frames_are_told_before_any_is_used(suffix: str) -> None:
    random = np.random.default_rng(0)
    frames = [Picture(random.integers(0, 256, (64, 64, 3), dtype=np.uint8)) for _ in range(3)]
    data = encode_animation(suffix, frames, (50, 50, 50))
    with (
        pytest.raises(ImageError, match=r"cannot read (frame 3 of )?it: it is damaged or cut off"),
        open_animation(io.BytesIO(data[:-2000]), "it"),
    ):
        pass


def test_nothing_is_half_written(tmp_path: Path) -> None:
    def frames() -> Iterator[Picture]:
        yield from moving()[:2]
        raise ImageError("the third is bad")

    for suffix in ANIMATION_SUFFIXES:
        path = tmp_path / f"x{suffix}"
        path.write_bytes(b"precious")
        with pytest.raises(ImageError, match="the third is bad"):
            write_animation(path, frames(), TIMES)
        assert path.read_bytes() == b"precious"
    assert len(list(tmp_path.iterdir())) == len(ANIMATION_SUFFIXES)


def test_what_cannot_be_written() -> None:
    with pytest.raises(ImageError, match=r"\.png holds no animations; end the name in \.gif, \.webp, \.apng"):
        encode_animation(".png", moving(), TIMES)
    wide = [Picture(np.zeros((1, 16_384, 3), np.uint8))] * 2
    with pytest.raises(ImageError, match=r"\.webp holds at most 16383 pixels a side, not 16384×1"):
        encode_animation(".webp", wide, (10, 10))
