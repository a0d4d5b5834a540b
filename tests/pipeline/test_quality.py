"""All shipped styles have the quality that they had, on four photographs.

quality.json holds what was measured. Write it again only where a style, or how it is measured, is meant to change:

    python tests/pipeline/test_quality.py
"""

import json
import os
from dataclasses import replace
from pathlib import Path

import pytest

from nst_runtime import Library, Stylizer
from nst_runtime.contracts.catalogue import read_catalogue
from nst_runtime.contracts.files import write_json
from nst_runtime.contracts.library import NOWHERE
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.contracts.styles import read_style, write_style
from nst_runtime.inference.devices import RunSettings
from nst_student.evaluation.evaluation import Figures, measure_rows
from nst_student.evaluation.settings import MeasureSettings
from nst_student.evaluation.stylizers import Candidate, remembered
from nst_student.evaluation.yardstick import Yardstick, make_yardstick

ROOT = Path(__file__).parents[2]
DATA = Path(os.environ.get("NST_DATA", ROOT.parent / "shared" / "data"))
STORED = Path(__file__).with_name("quality.json")
CATALOGUE = ROOT / "assets" / "default_pack" / "catalogue.toml"
# A wide plain one, a portrait, a street full of things, strong texture.
PHOTOS = ("budgie_ocean_waves.jpg", "kodak_04.jpg", "cq100_traffic.jpg", "budgie_the_spices_of_life.jpg")
STYLES = [entry.name for entry in read_pack(DEFAULT_PACK).manifest.styles]
# Shares by which figures may differ: with other processors' rounding, and of four photographs from those of 29.
RELATIVE, LATTICE_LEVELS = 0.01, 0.1
LIKE = {"mean": 0.25, "content": 0.25, "shift_gain": 0.1, "border_error": 0.2}
SETTINGS = MeasureSettings(
    weights=DATA / "weights" / "vgg19_torchvision_conv3_1.safetensors",
    deep_weights=DATA / "weights" / "vgg19_distilled16x_conv5_1.safetensors",
)


def load_pack() -> Stylizer:
    return Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE), RunSettings("cpu", 1))


def measure_style(stylizer: Stylizer, yardstick: Yardstick, style: str, file: Path | None = None) -> Figures:
    """Return the figures of `style`, or of the style `file` in its place, against the style's picture."""
    stylize = remembered(lambda photo: stylizer.stylize(photo, file or style), yardstick.photos)
    painting = DATA / "styles" / read_catalogue(CATALOGUE)[style].picture
    return measure_rows(yardstick, SETTINGS, Candidate(style, style, stylize), painting)[style]


def write_stored() -> None:
    """Measure all styles and write what came of it."""
    stylizer, yardstick = load_pack(), make_yardstick(SETTINGS, [DATA / "photos_large" / name for name in PHOTOS])
    rows = {style.name: measure_style(stylizer, yardstick, style.name) for style in stylizer.styles}
    write_json(STORED, {name: {key: round(value, 5) for key, value in row.items()} for name, row in rows.items()})


def differing(found: Figures, stored: Figures) -> dict[str, tuple[float, float]]:
    """Return the figures that differ by more than other processors' rounding makes them: found, and stored."""
    return {
        key: (found[key], stored[key])
        for key in stored
        if found[key] != pytest.approx(stored[key], rel=RELATIVE, abs=LATTICE_LEVELS if key == "lattice" else 0)
    }


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return load_pack()


@pytest.fixture(scope="module")
def stored() -> dict[str, Figures]:
    content: dict[str, Figures] = json.loads(STORED.read_text())
    return content


@pytest.fixture(scope="module")
def yardstick() -> Yardstick:
    if not DATA.is_dir():
        pytest.skip(f"needs photographs, paintings and weights in {DATA} (NST_DATA)")
    return make_yardstick(SETTINGS, [DATA / "photos_large" / name for name in PHOTOS])


def test_figures_are_stored_of_every_style(stored: dict[str, Figures]) -> None:
    assert list(stored) == STYLES


@pytest.mark.slow
@pytest.mark.parametrize("style", STYLES)
def test_a_style_has_its_quality(
    stylizer: Stylizer, yardstick: Yardstick, stored: dict[str, Figures], style: str
) -> None:
    assert differing(measure_style(stylizer, yardstick, style), stored[style]) == {}


@pytest.mark.slow
def test_a_bank_whose_numbers_are_a_little_larger_is_noticed(
    stylizer: Stylizer, yardstick: Yardstick, stored: dict[str, Figures], tmp_path: Path
) -> None:
    style = read_style(DEFAULT_PACK / "styles" / "klee.safetensors")
    larger = {name: (array * 1.05).astype(array.dtype) for name, array in style.tensors.items()}
    path = tmp_path / "larger.safetensors"
    write_style(path, replace(style, tensors=larger))
    found = measure_style(stylizer, yardstick, "klee", file=path)
    assert {"mean", "content", "shift_gain"} <= differing(found, stored["klee"]).keys()


@pytest.mark.parametrize("style", STYLES)
def test_four_photographs_are_like_the_many_that_a_style_states(
    stylizer: Stylizer, stored: dict[str, Figures], style: str
) -> None:
    """The figures in a style file, which the documents repeat, are of 29 photographs, and near those of these four."""
    stated = stylizer.library.find(style).record().metrics
    for figure, share in LIKE.items():
        assert stored[style][figure] == pytest.approx(stated[figure], rel=share), figure


if __name__ == "__main__":
    write_stored()
