"""``nst-student visualize``: every layer's response, the picture as it has it, and pictures made from noise."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

from nst_runtime.contracts.styles import StyleRecord, write_style
from nst_runtime.pictures.read import read_picture
from nst_student.data.pictures import read_photo
from nst_student.figures.projection import project
from nst_student.figures.reconstruction import reconstruct
from nst_student.figures.responses import Generator, Response, channel_grid, layers
from nst_student.figures.visualize import MOST_STAGES, plan_attempts
from nst_student.networks.checkpoint import CodecRecord, load_codec, save_codec
from nst_student.networks.registry import ARCHITECTURES
from nst_student.networks.style_files import load_bank, style_of
from nst_student.training.bank import stylise

from .conftest import Run
from .test_cli import bad

SIDE_PX = 64
PAPER = {  # Srinath, Yin and Verma, fig. 4, for a picture of 64×64
    "encoder.down1": [8, 33, 33],  # with the margin that the next valid convolution eats
    "encoder.down2": [16, 16, 16],
    "encoder.conv3": [32, 16, 16],
    "bank.layers.0": [32, 16, 16],
    "bank.layers.1": [32, 16, 16],
    "decoder.conv1": [16, 16, 16],
    "decoder.up2": [8, 32, 32],
    "decoder.norm2": [8, 32, 32],
    "decoder.up3": [3, 64, 64],
}


def place(root: Path, architecture: str, seed: int = 0) -> Path:
    """Write an untrained codec of `architecture` and a bank ``waves`` to the workspace `root`."""
    torch.manual_seed(seed)
    plan = ARCHITECTURES[architecture]
    encoder, decoder = plan.encoder(), plan.decoder()
    codec = root / "codec/codec.safetensors"
    save_codec(codec, encoder, decoder, CodecRecord(architecture))
    record = StyleRecord("waves", load_codec(codec).sha256, architecture)
    write_style(root / "styles/waves.safetensors", style_of(plan.bank(decoder), record))
    return root


def generator(root: Path) -> Generator:
    codec = load_codec(root / "codec/codec.safetensors")
    return Generator(codec, load_bank(root / "styles/waves.safetensors", codec).bank)


def keys(figures: Path) -> dict[str, list[int]]:
    found = json.loads((figures / "visualize.json").read_text())["layers"]
    return {f"{layer['part']}.{layer['name']}": layer["shape"] for layer in found}


def test_the_papers_layers_are_shown_with_their_shapes(run: Run, photos: Path, tmp_path: Path) -> None:
    place(tmp_path / "workspace", "srinath")
    done = run("visualize", photos / "0.png", "--style", "waves", "--out", "out", "--size", SIDE_PX, "--iterations", 25)
    assert done.returncode == 0, done.stderr
    names = ["responses.png", "pictures.png", "reconstructions.png", "visualize.json"]
    assert done.stdout.split() == [f"out/{name}" for name in names]
    out = tmp_path / "out"
    assert keys(out) == PAPER
    assert list(keys(out)) == list(PAPER)
    assert {path.stem for path in (out / "responses").iterdir()} == set(PAPER)
    assert read_picture(out / "responses/bank.layers.0.png").rgb.shape == (4 * 17 - 1, 8 * 17 - 1, 3)
    assert read_picture(out / "pictures/decoder.up2.png").rgb.shape == (32, 32, 3)
    numbers = json.loads((out / "visualize.json").read_text())
    assert numbers["layers"][-1]["picture_psnr_db"] > max(layer["picture_psnr_db"] for layer in numbers["layers"][3:8])
    made = numbers["reconstructions"]
    assert [one["kind"] for one in made] == ["response"] * 3 + ["gram"] * 2
    assert made[-1]["layers"] == ["bank.layers.0", "bank.layers.1"]
    assert all(one["final_loss"] < 0.5 * one["initial_loss"] for one in made), made
    assert {path.stem for path in (out / "reconstructions").iterdir()} == {
        *(f"photo_{key}" for key in list(PAPER)[:3]),
        "style_bank.layers.0",
        "style_bank.layers.1",
    }


@pytest.mark.parametrize("architecture", ARCHITECTURES)
def test_every_layer_of_every_architecture_answers(architecture: str, photos: Path, tmp_path: Path) -> None:
    made = generator(place(tmp_path, architecture))
    photo = read_photo(photos / "0.png", SIDE_PX)
    image, responses = made.watch(photo)
    assert torch.equal(image, stylise(made.codec, made.bank, photo))
    answered = {response.key for response in responses}
    weights = [name for name, parameter in made.bank.named_parameters() if parameter.dim() == 4]
    assert len(weights) > 1
    assert {f"bank.{name.rpartition('.')[0].removesuffix('.conv')}" for name in weights} <= answered
    assert responses[0].key == "encoder.down1"
    assert responses[-1].part == "decoder"
    assert torch.equal(responses[-1].value, image)
    assert not any(module._forward_hooks for module in (*made.bank.modules(), *made.codec.decoder.modules()))
    stages = [attempt.keys for attempt in plan_attempts(responses) if attempt.row == "style"]
    bank = [response.key for response in responses if response.part == "bank"]
    assert len(stages) == min(MOST_STAGES, len(bank))
    assert (stages[0], stages[-1]) == ((bank[0],), tuple(bank))


def test_layers_are_found_below_any_nesting() -> None:
    block = nn.Sequential(nn.Conv2d(1, 2, 1), nn.ReLU(), nn.Sequential(nn.InstanceNorm2d(2, affine=True)))
    assert [name for name, _ in layers(nn.ModuleDict({"deep": block}))] == ["deep.0", "deep.2.0"]


def test_responses_keep_the_arrangement_and_gram_matrices_do_not(photos: Path, tmp_path: Path) -> None:
    made = generator(place(tmp_path, "detailed"))
    photo = read_photo(photos / "0.png", SIDE_PX)
    near = reconstruct(made, photo, ["encoder.down1"], "response", iterations=60, seed=1)
    far = reconstruct(made, photo, ["bank.layers.0"], "gram", iterations=60, seed=1)
    assert near.final_loss < 0.01 * near.initial_loss
    assert far.final_loss < 0.1 * far.initial_loss
    assert likeness(near.picture, photo) > 0.8
    assert abs(likeness(far.picture, photo)) < 0.5
    mean, deviation = photo.mean(dim=(2, 3)), photo.std(dim=(2, 3))
    assert torch.allclose(far.picture.mean(dim=(2, 3)), mean, atol=0.05)
    assert torch.allclose(far.picture.std(dim=(2, 3)), deviation, atol=0.05)


def likeness(one: torch.Tensor, other: torch.Tensor) -> float:
    """Correlation of the pictures' lightness."""
    return float(torch.corrcoef(torch.stack([one.mean(dim=1).flatten(), other.mean(dim=1).flatten()]))[0, 1])


def test_a_layer_that_holds_the_picture_gives_it_back() -> None:
    draw = torch.Generator().manual_seed(0)
    picture = torch.rand(1, 3, 16, 24, generator=draw)
    small = torch.nn.functional.avg_pool2d(picture, 2)
    mixed = torch.einsum("oc,nchw->nohw", torch.randn(4, 3, generator=draw), small) - 2
    mixed[:, 3] = 0  # a channel that its ReLU has dropped, and nothing to make a constant of
    found = project(Response("bank", "mixed", mixed), picture)
    assert found.psnr_db > 45
    assert np.abs(found.picture - (small[0].permute(1, 2, 0) * 255).numpy()).max() < 4
    flat = project(Response("bank", "noise", torch.randn(1, 2, 8, 12, generator=draw)), picture)
    assert flat.psnr_db < 20


def test_channels_of_a_layer_share_one_scale() -> None:
    value = torch.zeros(1, 3, 10, 10)
    value[0, 1], value[0, 2] = 1, 3
    grid = channel_grid(Response("encoder", "layer", value))
    assert grid.shape == (10, 32, 3)
    assert [int(grid[5, column, 0]) for column in (5, 16, 27)] == [0, 85, 255]


def test_codec_and_bank_may_lie_anywhere_and_what_cannot_be_is_one_line(
    run: Run, photos: Path, style: Path, tmp_path: Path
) -> None:
    first, other = place(tmp_path / "first", "detailed"), place(tmp_path / "other", "detailed", seed=1)
    ask = ("visualize", photos / "0.png", "--out", "out", "--size", SIDE_PX, "--iterations", 1)
    codec, bank = ("--codec", first / "codec/codec.safetensors"), ("--style", first / "styles/waves.safetensors")
    assert run(*ask, *bank, *codec, "--style-image", style).returncode == 0
    assert "train one with nst-student train-bank" in bad(run, 1, *ask, "--style", "waves", *codec)
    assert "was trained for codec" in bad(run, 1, *ask, *bank, "--workspace", other)
    assert "no picture at" in bad(run, 1, ask[0], "none.jpg", *ask[2:], *codec, *bank)
    assert "--style" in bad(run, 2, "visualize", photos / "0.png", "--out", "out")


def test_a_style_of_the_pack_needs_no_workspace(run: Run, photos: Path, tmp_path: Path) -> None:
    ask = ("visualize", photos / "0.png", "--out", "out", "--size", SIDE_PX, "--iterations", 1)
    assert run(*ask, "--style", "klee").returncode == 0
    assert {"bank.blocks.5.norm", "bank.skip", "decoder.up"} <= keys(tmp_path / "out").keys()
    assert "there are waves, scream" in bad(run, 1, *ask, "--style", "paul")
