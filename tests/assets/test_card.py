"""The default pack's training on a card, rehearsed: small pictures, few styles and networks of random weights."""

import argparse
import io
import json
import os
import sys
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from assets.default_pack import card
from safetensors.torch import load_file, save_file
from torchvision.models import resnet50, squeezenet1_1

from nst_features.networks import load_network
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.pictures.arrays import resize
from nst_runtime.pictures.read import list_pictures, read_picture
from nst_runtime.pictures.write import write_picture
from nst_student.evaluation.metrics import PHOTO_SIZE_PX, STYLE_SIZE_PX
from nst_student.networks.checkpoint import CODEC_FILE, Codec, load_codec
from nst_student.networks.style_files import load_bank
from nst_student.recipes.recipe import load_recipe
from nst_student.training.codec import Generator
from nst_student.training.optimizers import OPTIMIZERS
from nst_student.training.session import STATE_FILE

from ..features.conftest import write_vgg

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[2] / "../shared/data"))
LIMIT_BYTES = 48 * 2**20
STYLES = ("waves", "klee")
ENTRY = '[{name}]\ntitle = "{name}"\nlicence = "public domain"\npicture = "{name}.jpg"\n'
Card = Callable[..., str]


def write_data(root: Path) -> Path:
    """Write photographs, paintings and networks of random weights as the recipes find them, and one painting more."""
    random = np.random.default_rng(0)
    for folder, names, size in (
        ("photos", "abcd", 80),
        ("photos_large", "ab", 200),
        ("styles", (*STYLES, "other"), 600),
    ):
        for name in names:
            coarse = random.integers(0, 256, (9, 9, 3), dtype=np.uint8)
            write_picture(root / folder / f"{name}.jpg", resize(coarse, size, size + 20))
    (root / "weights").mkdir()
    for name in ("vgg19_balanced", "vgg19_distilled16x_conv5_1", "vgg19_torchvision_conv3_1"):
        write_vgg(root / "weights" / f"{name}.safetensors", [4] * 13)
    torch.manual_seed(0)
    save_file(squeezenet1_1().state_dict(), root / "weights" / "squeezenet1_1.safetensors")
    save_file(resnet50().state_dict(), root / "weights" / "resnet50_v2.safetensors")
    return root


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Card:
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text("\n".join(ENTRY.format(name=name) for name in STYLES))
    monkeypatch.setattr(card, "CATALOGUE", catalogue)

    def call(*arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["card.py", *(str(argument) for argument in arguments)])
        capsys.readouterr()
        card.main()
        return capsys.readouterr().out

    return call


def place(workspace: Workspace, stage: str) -> Workspace:
    return Workspace(workspace.codec / "stages" / stage)


def steps_done(workspace: Workspace, stage: str) -> int:
    return int(torch.load(place(workspace, stage).codec / STATE_FILE, weights_only=True)["step"])


def codec_of(workspace: Workspace, stage: str) -> Codec:
    return load_codec(place(workspace, stage).codec / CODEC_FILE)


def test_what_is_gathered_is_small_and_all_there(run: Card, tmp_path: Path) -> None:
    data, folder = write_data(tmp_path / "data"), tmp_path / "folder"
    run("gather", data, folder)
    sides = {name: {min(read_picture(path).rgb.shape[:2]) for path in list_pictures(folder / name)} for name in (
        "photos", "photos_large", "styles"
    )}  # fmt: skip
    assert sides == {"photos": {80}, "photos_large": {PHOTO_SIZE_PX}, "styles": {STYLE_SIZE_PX}}
    shallow = load_file(folder / "weights" / "resnet50_block2.safetensors")
    assert {key.partition(".")[0] for key in shallow} == {"conv1", "bn1", "layer1", "layer2"}
    assert {path.stem for path in list_pictures(folder / "styles")} == set(STYLES)
    cut = load_file(folder / "weights" / "squeezenet1_1.safetensors")
    assert {key.rpartition(".")[0].split(".")[1] for key in cut} == {"0", "3", "4", "6", "7"}
    copied = {path.name for path in (folder / "weights").iterdir()}
    assert copied >= {"vgg19_balanced.safetensors", "squeezenet1_1.safetensors"}
    assert "resnet50_v2.safetensors" not in copied
    companions = load_recipe("pack").planned({})[-1][1].perceptual.judges.companions
    assert len(companions) == 2
    for each in companions:
        network = load_network(each.network, weights=folder / f"weights/{each.weights}.safetensors")
        network.check_layers((*each.layers, *each.content_layers))
        assert network.layers[-1] == each.layers[-1]  # nothing deeper than what is looked at


def test_settings_are_the_recipes_with_the_weights_that_were_gathered(tmp_path: Path) -> None:
    options = argparse.Namespace(folder=tmp_path, tiny=False, sets=["training.batch=2"])
    recipe = load_recipe("pack").planned({"training": {"batch": 2}})
    planned = card.plan(options)
    assert [name for name, _ in planned] == ["reconstruct", "calm", "near"]
    for (_, mine), (_, whole) in zip(planned, recipe, strict=True):
        judges, named = mine.perceptual.judges, whole.perceptual.judges
        assert judges.weights == tmp_path / "weights/vgg19_balanced.safetensors"
        assert judges.deep_weights == tmp_path / "weights/vgg19_distilled16x_conv5_1.safetensors"
        assert [each.weights for each in judges.companions] == [
            tmp_path / f"weights/{name}.safetensors" for name in ("squeezenet1_1", "resnet50_block2")
        ]
        back = replace(judges, weights=named.weights, deep_weights=named.deep_weights, companions=named.companions)
        assert replace(mine, perceptual=replace(mine.perceptual, judges=back)) == whole


def assert_comes_home(out: Path) -> None:
    """Check that there are at most 8 files, each under 16 MiB: what can be brought from a card."""
    sizes = [path.stat().st_size for path in out.iterdir()]
    assert len(sizes) <= 8
    assert max(sizes) < 16 * 2**20


def test_a_large_state_comes_home_in_parts(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(card, "PART_BYTES", 1000)
    content = np.random.default_rng(0).bytes(4500)
    for count, told in ((0, False), (4, True)):
        out = tmp_path / f"out{count}"
        (out / "workspace/codec/tensorboard").mkdir(parents=True)
        for name in ("codec/state.pt", "codec/tensorboard/events"):
            (out / "workspace" / name).write_bytes(content)
        for number in range(count):
            (out / f"sheet{number}.jpg").touch()
        capsys.readouterr()
        card.pack_up(out)
        assert [path.stat().st_size for path in sorted(out.glob("home.zip.*"))][:-1] == [1000] * 4
        assert (f"9 files in {out}" in capsys.readouterr().out) is told
        card.unpack(out, tmp_path / f"home{count}")
        assert (tmp_path / f"home{count}/codec/state.pt").read_bytes() == content
        assert not (tmp_path / f"home{count}/codec/tensorboard").exists()


def test_what_twelve_styles_leave_fits_what_comes_home() -> None:
    """By the state of a joint stage, of which there are two; the other files and the first stage are small."""
    generator = Generator("unet_pooled", [str(number) for number in range(12)], 0)
    parameters = [parameter for parameter in generator.parameters() if parameter.requires_grad]
    optimizer = OPTIMIZERS["soap"](parameters, 1e-3)
    for _ in range(2):
        for parameter in parameters:
            parameter.grad = torch.randn_like(parameter)
        optimizer.step()
    buffer = io.BytesIO()
    torch.save({"modules": generator.state_dict(), "optimizer": optimizer.state_dict()}, buffer)
    parts = -(-2 * len(buffer.getvalue()) // card.PART_BYTES)
    assert 2 <= parts <= card.MOST_FILES - 3


@pytest.mark.slow
def test_a_training_that_was_cut_short_goes_on_and_comes_home(run: Card, tmp_path: Path) -> None:
    """Each run that is out of time takes 20 steps more, in whichever stage that is."""
    folder, outs = tmp_path / "folder", [tmp_path / f"out{number}" for number in range(3)]
    homes = [Workspace(tmp_path / f"home{number}") for number in range(3)]
    run("gather", write_data(tmp_path / "data"), folder)
    tiny = ("--tiny", "--set", "training.batch=1", "--set", "training.steps=30")
    run("train", folder, outs[0], *tiny, "--minutes", 0)
    run("join", outs[0], homes[0].root)
    assert not (outs[0] / "workspace").exists()
    assert steps_done(homes[0], "reconstruct") == 20
    assert not (outs[0] / "figures.json").exists()

    said = run("train", folder, outs[1], *tiny, "--minutes", 0, "--resume", outs[0])
    run("join", outs[1], homes[1].root)
    assert (steps_done(homes[1], "reconstruct"), steps_done(homes[1], "calm")) == (30, 20)
    first, half = (codec_of(homes[1], stage) for stage in ("reconstruct", "calm"))
    assert "steps_done" not in first.record.training
    assert half.record.training["steps_done"] == 20
    assert half.record.training["start_sha256"] == first.sha256
    figures = json.loads((outs[1] / "figures.json").read_text())
    assert figures.keys() == set(STYLES)
    assert {"deep", "shift_gain", "border_error", "lattice"} <= figures["klee"].keys()
    assert "squares a second" in said
    assert_comes_home(outs[1])
    assert all(0 < each["noise_gain"] < 20 and each["mean"] > 0 for each in figures.values())
    rows, columns = np.array(read_picture(outs[1] / "sheet.jpg").rgb.shape[:2]) // card.SHEET_PX
    assert (rows, columns) == (1 + len(STYLES), 2)

    run("train", folder, outs[2], *tiny, "--resume", outs[1])
    run("join", outs[2], homes[2].root)
    calm, last = codec_of(homes[2], "calm"), load_codec(homes[2].codec / CODEC_FILE)
    assert codec_of(homes[2], "reconstruct").sha256 == first.sha256
    assert last.record.training["start_sha256"] == calm.sha256
    assert {f"start_sha256/{name}" for name in STYLES} <= last.record.training.keys()
    assert (last.record.training["steps"], "steps_done" in last.record.training) == (30, False)
    assert {load_bank(homes[2].style(name), last).file.record.info.licence for name in STYLES} == {"public domain"}


@pytest.mark.slow
@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs photographs, paintings and weights in {DATA} (NST_DATA)")
def test_what_a_card_needs_is_within_its_limit(tmp_path: Path) -> None:
    """With the balanced VGG-19, which assets/balance_vgg.py makes of the normalised one, in its size."""
    card.gather(DATA, tmp_path)
    weights = tmp_path / "weights"
    again = (DATA / "weights" / "vgg19_normalised_conv3_1.safetensors").stat().st_size
    assert again + sum(path.stat().st_size for path in tmp_path.rglob("*") if path.is_file()) <= LIMIT_BYTES
    assert all((tmp_path / "styles" / entry.picture).is_file() for entry in card.styles().values())
    for name in ("vgg19_torchvision_conv3_1", "vgg19_distilled16x_conv5_1", "squeezenet1_1", "resnet50_block2"):
        assert (weights / f"{name}.safetensors").is_file()
