"""From a picture to a stylised file: teacher, student, export and runtime in a row, with no weights at hand."""

import io
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from PIL import Image

from nst_features.likeness import style_share
from nst_features.networks import load_network
from nst_runtime.contracts.packs import read_pack
from nst_runtime.contracts.pairs import read_pairs
from nst_runtime.contracts.styles import read_style
from nst_runtime.pictures.arrays import resize_short_side, to_unit
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

ROOT = Path(__file__).parents[2]
SCENES = ROOT / "assets" / "scenes"
STYLES = ROOT / "assets" / "styles"
SIZE_PX = 96


def nst(program: str, *arguments: object) -> str:
    """Run one of the four commands and return what it printed on stdout."""
    package = program.replace("-", "_")
    code = f"import sys, {package}; sys.argv[0] = {program!r}; sys.exit({package}.main())"
    command = [sys.executable, "-c", code, *(str(argument) for argument in arguments)]
    environment = {**os.environ, "NST_TRACEBACK": "1"}
    done = subprocess.run(command, capture_output=True, text=True, check=False, env=environment)
    assert done.returncode == 0, done.stderr
    return done.stdout


def sets(*settings: str) -> list[str]:
    """Return the options that set ``SECTION.NAME=VALUE``."""
    return [word for setting in settings for word in ("--set", setting)]


@pytest.fixture(scope="module")
def workspace(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Run every command once: pairs, a codec with two styles, a bank from the pairs, a pack."""
    root = tmp_path_factory.mktemp("pipeline")
    place = ("--workspace", root)
    style = ("--style", "glass", "--style-image", STYLES / "facets.jpg")
    judges = sets("judges.network=random", "judges.style_size_px=256", "judges.scales=1", "training.sample_every=0")
    nst("nst-teacher", "generate", *style, "--content", SCENES, "--count", 3, "--size", SIZE_PX,
        *sets("style.style_size_px=256", "optimisation.iterations=40"), "--network", "random", *place)  # fmt: skip
    joint = [part for name in ("facets", "swirls") for part in ("--styles", f"{name}={STYLES / name}.jpg")]
    crops = sets("training.batch=1", "photos.crop_px=96", "photos.photo_px=128")
    nst("nst-student", "train-codec", "--content", SCENES, *joint, "--steps", 200, *crops, *judges, *place)
    nst("nst-student", "train-bank", *style, "--steps", 200, *sets("training.objective=hybrid"), *judges, *place)
    (root / "parity.json").write_text(nst("nst-export", "pack", "--json", *place))
    return root


def test_the_teacher_halves_its_loss(workspace: Path) -> None:
    pairs = read_pairs(workspace / "pairs" / "glass").pairs
    assert len(pairs) == 3
    for pair in pairs:
        assert pair.losses.final <= 0.5 * pair.losses.initial


def test_the_pack_computes_what_was_trained(workspace: Path) -> None:
    report = json.loads((workspace / "parity.json").read_text())
    assert report["styles"] == ["facets", "glass", "swirls"]
    assert {check["part"] for check in report["checks"]} >= {"encoder", "decoder"}
    assert 0 < report["max_difference"] <= 1e-4


def test_a_trained_style_is_painted_with_as_it_is(workspace: Path, tmp_path: Path) -> None:
    """By its file, by its name in the workspace, and from the user's own styles: with no export in between."""
    photo, style = SCENES / "town.jpg", workspace / "styles" / "glass.safetensors"
    pack = ("--pack", workspace / "pack")
    nst("nst-runtime", "stylize", photo, tmp_path / "file.png", "--style", style, *pack)
    nst("nst-runtime", "stylize", photo, tmp_path / "name.png", "--style", "glass", "--workspace", workspace, *pack)
    assert (tmp_path / "file.png").read_bytes() == (tmp_path / "name.png").read_bytes()
    record = read_style(style)
    assert {"layers", "down"} & {name.split(".")[0] for name in record.tensors}
    assert record.statistics.keys() == {
        norm.name for norm in read_pack(workspace / "pack").manifest.codec.norms["bank"]
    }
    with Image.open(io.BytesIO(record.preview)) as preview:
        assert (preview.size, preview.format) == ((160, 160), "WEBP")


def test_the_bank_comes_closer_to_the_style(workspace: Path, tmp_path: Path) -> None:
    photo = resize_short_side(read_picture(SCENES / "landscape.jpg").rgb, 192)
    write_picture(tmp_path / "photo.png", photo)
    out = tmp_path / "out.png"
    nst("nst-runtime", "stylize", tmp_path / "photo.png", out, "--style", "glass", "--pack", workspace / "pack")
    style = resize_short_side(read_picture(STYLES / "facets.jpg").rgb, 256)
    stylised = read_picture(out).rgb
    assert stylised.shape == photo.shape
    after, before, target = (torch.from_numpy(to_unit(pixels)) for pixels in (stylised, photo, style))
    # Random filters that neither teacher nor student has seen.
    assert style_share(load_network("random", seed=1), after, before, target) <= 0.7
