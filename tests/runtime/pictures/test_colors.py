"""Colors by profiles, against published matrices and curves (Lindbloom; IEC 61966-2-1)."""

import io
import struct
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image, ImageCms

from nst_runtime.pictures.color.code_points import named_colors
from nst_runtime.pictures.color.icc import (
    SRGB_CURVE,
    SRGB_PRIMARIES,
    Primaries,
    grey_profile,
    profile_fits,
    rgb_profile,
)
from nst_runtime.pictures.read import read_picture_bytes

Numbers = npt.NDArray[np.float64]
FROM_D65 = np.array(
    [[3.2404542, -1.5371385, -0.4985314], [-0.9692660, 1.8760108, 0.0415560], [0.0556434, -0.2040259, 1.0572252]]
)
FROM_D50 = np.array(
    [[3.1338561, -1.6168667, -0.4906146], [-0.9787684, 1.9161415, 0.0334540], [0.0719453, -0.2289914, 1.4052427]]
)


@dataclass(frozen=True)
class Space:
    """How a space's values become XYZ under `white`, and its ICC profile."""

    profile: bytes
    to_light: Callable[[Numbers], Numbers]
    to_xyz: Numbers
    from_xyz: Numbers


def srgb_light(values: Numbers) -> Numbers:
    return np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)


def to_srgb(space: Space, values: Numbers) -> Numbers:
    """Return `values` (N×3 in 0 to 1) as sRGB in 0 to 255, where it holds them."""
    light = space.to_light(values) @ space.to_xyz.T @ space.from_xyz.T
    shown = np.where(light <= 0.0031308, 12.92 * light, 1.055 * np.abs(light) ** (1 / 2.4) - 0.055)
    return np.where((light < 0) | (light > 1), np.nan, shown * 255)


P3_PRIMARIES: Primaries = (0.3127, 0.3290, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060)
ADOBE_PRIMARIES: Primaries = (0.3127, 0.3290, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
PROPHOTO_PRIMARIES: Primaries = (0.3457, 0.3585, 0.7347, 0.2653, 0.1596, 0.8404, 0.0366, 0.0001)
SPACES = {
    "Display P3": Space(
        rgb_profile(P3_PRIMARIES, SRGB_CURVE),
        srgb_light,
        np.array([[0.4865709, 0.2656677, 0.1982173], [0.2289746, 0.6917385, 0.0792869], [0, 0.0451134, 1.0439444]]),
        FROM_D65,
    ),
    "Adobe RGB": Space(
        rgb_profile(ADOBE_PRIMARIES, (563 / 256,)),
        lambda values: values ** (563 / 256),
        np.array(
            [[0.5767309, 0.1855540, 0.1881852], [0.2973769, 0.6273491, 0.0752741], [0.0270343, 0.0706872, 0.9911085]]
        ),
        FROM_D65,
    ),
    "ProPhoto": Space(
        rgb_profile(PROPHOTO_PRIMARIES, (1.8,)),
        lambda values: values**1.8,
        np.array([[0.7976749, 0.1351917, 0.0313534], [0.2880402, 0.7118741, 0.0000857], [0, 0, 0.8252100]]),
        FROM_D50,
    ),
}


def saved(image: Image.Image, kind: str, profile: bytes) -> bytes:
    stream = io.BytesIO()
    image.save(stream, kind, icc_profile=profile)
    return stream.getvalue()


@pytest.mark.parametrize("kind", ["PNG", "TIFF"])
@pytest.mark.parametrize("name", SPACES)
def test_profiles_of_rgb(name: str, kind: str) -> None:
    steps = np.arange(30, 256, 25)
    values = np.stack(np.meshgrid(steps, steps, steps), axis=3).reshape(1, -1, 3).astype(np.uint8)
    expected = to_srgb(SPACES[name], values[0] / 255)
    shown = read_picture_bytes(saved(Image.fromarray(values), kind, SPACES[name].profile), "x").rgb[0]
    inside = ~np.isnan(expected).any(axis=1) & (expected > 20).all(axis=1)  # below, one step of 255 is many of these
    assert inside.sum() > 100
    assert np.abs(shown[inside] - expected[inside]).max() <= 2


def test_a_profile_of_grey() -> None:
    levels = np.arange(256, dtype=np.uint8)
    shown = read_picture_bytes(saved(Image.fromarray(levels[None]), "PNG", grey_profile((1.8,))), "x").rgb[0, :, 0]
    light = (levels / 255) ** 1.8
    expected = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055) * 255
    assert np.abs(shown - expected).max() <= 2


def test_lab_with_its_profile() -> None:
    lab = Image.new("LAB", (8, 8), (136, 138, 112))
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("LAB")).tobytes()
    shown = read_picture_bytes(saved(lab, "TIFF", profile), "x").rgb[4, 4]
    assert shown.tolist() == read_picture_bytes(saved(lab, "TIFF", b""), "x").rgb[4, 4].tolist()
    # L* is 136/2.55, a* 138 - 128, b* 112 - 128, all under D50.
    fy = (53.33 + 16) / 116
    xyz = np.array([0.9642, 1, 0.8249]) * np.array([fy + 10 / 500, fy, fy + 16 / 200]) ** 3
    light = FROM_D50 @ xyz
    np.testing.assert_allclose(shown, (1.055 * light ** (1 / 2.4) - 0.055) * 255, atol=2)


def test_srgb_made_from_its_primaries_changes_nothing() -> None:
    values = np.random.default_rng(0).integers(0, 256, (16, 16, 3), dtype=np.uint8)
    data = saved(Image.fromarray(values), "PNG", rgb_profile(SRGB_PRIMARIES, SRGB_CURVE))
    assert np.abs(read_picture_bytes(data, "x").rgb.astype(int) - values).max() <= 1


@pytest.mark.parametrize(
    ("primaries", "transfer", "space", "note"),
    [(1, 13, "", ""), (2, 2, "", ""), (1, 1, "", ""), (12, 13, "RGB", ""), (9, 16, "", "PQ"), (9, 18, "", "HLG")],
)
def test_colors_named_by_numbers(primaries: int, transfer: int, space: str, note: str) -> None:
    colors = named_colors(primaries, transfer)
    assert bool(colors.profile) == bool(space)
    assert not space or profile_fits(colors.profile, space)
    assert note in "".join(colors.notes)
    assert bool(colors.notes) == bool(note)


def test_gamma_by_number_in_grey() -> None:
    assert named_colors(12, 13, grey=True).profile == b""
    assert profile_fits(named_colors(1, 8, grey=True).profile, "L")
    assert not profile_fits(named_colors(1, 8, grey=True).profile, "RGB")


def test_primaries_that_span_no_colors() -> None:
    with pytest.raises(ValueError, match="primaries"):
        rgb_profile((0.3127, 0.3290, 0.64, 0.33, 0.64, 0.33, 0.15, 0.06), SRGB_CURVE)
    with pytest.raises(ValueError, match="not primaries"):
        rgb_profile((0.3127, 0, 0.64, 0.33, 0.3, 0.6, 0.15, 0.06), SRGB_CURVE)


def test_a_jpeg_2000_s_profile_is_applied() -> None:
    """Pillow neither writes nor reads one: the box for the color space is replaced by one with a profile."""
    stream = io.BytesIO()
    Image.new("RGB", (64, 64), (117, 62, 33)).save(stream, "JPEG2000")
    data, profile = stream.getvalue(), rgb_profile(P3_PRIMARIES, SRGB_CURVE)
    box = data[data.index(b"colr") - 4 :][:15]
    with_profile = struct.pack(">I", 11 + len(profile)) + b"colr\2\0\0" + profile
    header = data.index(b"jp2h") - 4
    size = struct.unpack_from(">I", data, header)[0] + len(with_profile) - len(box)
    data = data[:header] + struct.pack(">I", size) + data[header + 4 :].replace(box, with_profile, 1)
    np.testing.assert_allclose(read_picture_bytes(data, "x").rgb[9, 9], (126, 58, 24), atol=2)
