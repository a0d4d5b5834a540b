"""``nst-export pack``: what it writes, and that the runtime makes torch's picture of it."""

import json
from pathlib import Path

import numpy as np
import pytest
import torch

from nst_export.assemble import Labels, write_pack
from nst_export.parity import LIMIT, sample_picture
from nst_export.sources import Sources, Trained, load_trained
from nst_runtime import Stylizer
from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.files import sha256_of_file, write_json, write_text
from nst_runtime.contracts.packs import read_pack
from nst_runtime.contracts.styles import read_record
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.inference import tiles
from nst_runtime.inference.likeness import typical_share
from nst_runtime.pictures.arrays import from_network, to_network
from nst_student.networks.checkpoint import CODEC_FILE
from nst_student.networks.registry import ARCHITECTURES
from nst_student.networks.style_files import TrainedBank, style_of
from nst_student.networks.unet import plain_bank
from nst_student.recipes.settings import ArchitectureName

from ..runtime.running import Run
from .conftest import save_workspace

FILES = (
    "pack.json", "codec.safetensors", "styles/plain.safetensors", "decoder.direct.onnx",
    *(f"{part}.{form}.onnx" for part in ("encoder", "bank") for form in ("direct", "staged", "folded")),
)  # fmt: skip
CATALOGUE = '[waves]\ntitle = "The Great Wave"\nartist = "Hokusai"\nyear = "c. 1831"\nlicence = "public domain"\n'


def hashes(folder: Path) -> dict[str, str]:
    return {str(path.relative_to(folder)): sha256_of_file(path) for path in folder.rglob("*") if path.is_file()}


@pytest.mark.parametrize(("height", "width", "is_like_a_photograph"), [(16, 16, False), (121, 97, True)])
def test_runtime_makes_the_picture_of_torch(
    run: Run, workspace: Workspace, trained: Trained, height: int, width: int, is_like_a_photograph: bool
) -> None:
    result = run("pack", "--workspace", workspace.root)
    assert (result.code, result.out.strip()) == (0, str(workspace.pack))
    photo = sample_picture(height, width, seed=5)
    codec = trained.codec
    with torch.inference_mode():
        code = codec.encoder(torch.from_numpy(to_network(photo, 4)))
        image = codec.decoder(*trained.banks["waves"].bank(*code)).clamp(0, 1).numpy()
    expected = from_network(image, height, width).astype(int)
    stylizer = Stylizer.load(workspace.pack, threads=1)
    found = np.empty_like(photo)
    stylizer.network.decode_pixels(stylizer.network.bank("waves")(*stylizer.network.encode_pixels(photo)), found)
    assert np.abs(found.astype(int) - expected).max() <= 1
    assert (typical_share(photo) == 0) is is_like_a_photograph
    if is_like_a_photograph:
        assert (stylizer.stylize(photo, "waves") == found).all()
    assert expected.std() > 10


@pytest.mark.parametrize("architecture", list(ARCHITECTURES))
def test_every_architecture_packs(run: Run, tmp_path: Path, architecture: ArchitectureName) -> None:
    made = save_workspace(tmp_path / "made", seed=3, architecture=architecture)
    assert run("pack", "--workspace", made.root).code == 0
    stylizer = Stylizer.load(made.pack, threads=1)
    assert stylizer.pack.manifest.codec.architecture == architecture
    told, plan = stylizer.pack.manifest.codec, ARCHITECTURES[architecture]
    assert (told.multiple_px, told.minimum_px) == (plan.multiple_px, plan.minimum_px)
    for height, width in ((33, 50), (told.minimum_px, told.minimum_px + 1)):
        assert stylizer.stylize(sample_picture(height, width, seed=1), "waves").std() > 10


def with_plain(trained: TrainedBank) -> TrainedBank:
    bank = plain_bank()
    return TrainedBank(bank, style_of(bank, trained.file.record))


@pytest.mark.parametrize("strip_px", [1, tiles.STRIP_PX])
@pytest.mark.parametrize(("height", "width"), [(16, 400), (17, 30), (271, 83)])
def test_a_plain_unet_bank_gives_the_photograph(
    monkeypatch: pytest.MonkeyPatch, tmp_path: Path, strip_px: int, height: int, width: int
) -> None:
    """The one that torch's decoder makes, through the whole runtime, whole or in strips."""
    monkeypatch.setattr(tiles, "STRIP_PX", strip_px)
    made = save_workspace(tmp_path / "made", architecture="unet")
    loaded = load_trained(Sources.of(made), ["waves"])
    trained = Trained(loaded.codec, {"waves": with_plain(loaded.banks["waves"])})
    write_pack(tmp_path, trained, Labels())
    photo = sample_picture(height, width, seed=5)
    with torch.inference_mode():
        code = trained.codec.encoder(torch.from_numpy(to_network(photo, 8)))
        image = trained.codec.decoder.reconstruct(*code).clamp(0, 1).numpy()
    expected = from_network(image, height, width).astype(int)
    found = Stylizer.load(tmp_path, threads=1).stylize(photo, "waves").astype(int)
    assert np.abs(found - expected).max() <= 1
    assert (found != expected).mean() < 0.001  # where a value lies between two levels
    assert expected.std() > 10


def test_json_tells_the_largest_difference(run: Run, workspace: Workspace) -> None:
    result = run("pack", "--workspace", workspace.root, "--json")
    told = json.loads(result.out)
    assert told["styles"] == ["scream", "waves"]
    assert 0 < told["max_difference"] < LIMIT / 3
    assert {check["part"] for check in told["checks"]} == {
        *("encoder", "encoder, staged", "encoder, folded", "decoder"),
        *(f"{what} {style}" for what in ("bank", "style") for style in ("scream", "waves", "plain")),
        *(f"bank {style}, {form}" for style in ("scream", "waves", "plain") for form in ("staged", "folded")),
    }
    assert {(17, 30), (121, 97), (256, 256)} <= {(check["height"], check["width"]) for check in told["checks"]}
    size = sum(path.stat().st_size for path in workspace.pack.rglob("*.*") if path.suffix != ".json")
    assert told["size_bytes"] == size < 250_000
    assert "max difference" in result.err


def test_same_checkpoints_give_the_same_bytes(run: Run, workspace: Workspace, tmp_path: Path) -> None:
    assert run("pack", "--workspace", workspace.root, "--out", tmp_path / "one").code == 0
    assert run("pack", "--workspace", workspace.root, "--out", tmp_path / "two").code == 0
    assert hashes(tmp_path / "one") == hashes(tmp_path / "two")
    assert set(hashes(tmp_path / "one")) == {
        *FILES,
        *("styles/scream.safetensors", "styles/waves.safetensors"),
    }


def test_manifest(run: Run, workspace: Workspace, tmp_path: Path) -> None:
    write_text(tmp_path / "styles.toml", CATALOGUE)
    write_json(tmp_path / "metrics.json", {"waves": {"mean": 0.125, "deep": 1}, "other": {}})
    options = ["--catalogue", tmp_path / "styles.toml", "--metrics", tmp_path / "metrics.json", "--name", "two"]
    assert run("pack", "--workspace", workspace.root, *options).code == 0
    manifest = read_pack(workspace.pack).manifest
    assert manifest.name == "two"
    assert manifest.codec.sha256 == sha256_of_file(workspace.codec / CODEC_FILE)
    assert (manifest.codec.multiple_px, manifest.codec.minimum_px) == (4, 16)
    assert manifest.codec.training == {"steps": 3, "styles": ["scream", "waves"]}
    assert [style.name for style in manifest.styles] == ["waves", "scream"]  # the catalogue's come first
    waves, scream = (read_record(workspace.pack / style.file) for style in manifest.styles)
    assert waves.info == StyleInfo("The Great Wave", "Hokusai", "c. 1831", "public domain")
    assert waves.metrics == {"mean": 0.125, "deep": 1.0}
    assert (scream.name, scream.info) == ("scream", StyleInfo("scream"))
    assert (waves.training, waves.codec_sha256) == ({"steps": 5}, manifest.codec.sha256)


def test_a_pack_holds_what_a_consumer_must_know(run: Run, workspace: Workspace) -> None:
    """By the names of architecture.md's contract, in plain JSON."""
    assert run("pack", "--workspace", workspace.root).code == 0
    told = json.loads((workspace.pack / "pack.json").read_text())
    assert (told["format"], told["format_version"], told["requires"]) == ("nst-style-pack", 2, [])
    assert told["codec"]["painted"] == {"channels": 8, "scale_px": 2, "overlap": 2, "step": 2}
    assert (told["codec"]["padding"], told["codec"]["multiple_px"]) == ("reflect", 4)
    bank = next(t for t in told["templates"] if (t["part"], t["form"]) == ("bank", "staged"))
    assert bank["inputs"][1] == {"name": "details", "shape": [1, 8, "H/2", "W/2"]}
    assert bank["outputs"][0]["name"] == "painted"
    assert {"name": "layers.0.conv.weight", "shape": [32, 32, 3, 3]} in bank["weights"]
    norm = told["codec"]["norms"]["bank"][0]
    assert (norm["name"], norm["channels"], norm["scale"]) == ("layers.0.norm", 32, "layers.0.norm.weight")
    assert f"{norm['name']}.x" in {port["name"] for port in bank["outputs"]}
    assert told["plain"]["name"] == "plain"


def test_plain_gives_the_photograph_of_the_codec(run: Run, workspace: Workspace, trained: Trained) -> None:
    assert run("pack", "--workspace", workspace.root).code == 0
    photo = sample_picture(64, 52, seed=5)
    with torch.inference_mode():
        code = trained.codec.encoder(torch.from_numpy(to_network(photo, 4)))
        image = trained.codec.decoder.reconstruct(*code).clamp(0, 1).numpy()
    found = Stylizer.load(workspace.pack, threads=1).stylize(photo, "plain").astype(int)
    assert np.abs(found - from_network(image, 64, 52)).max() <= 1


def test_pack_is_replaced_whole(run: Run, workspace: Workspace) -> None:
    assert run("pack", "--workspace", workspace.root).code == 0
    assert run("pack", "--workspace", workspace.root, "--style", "waves").code == 0
    assert sorted(hashes(workspace.pack)) == sorted([*FILES, "styles/waves.safetensors"])
    assert sorted(path.name for path in workspace.root.iterdir()) == ["codec", "pack", "styles"]
    assert workspace.pack.stat().st_mode & 0o777 == workspace.codec.stat().st_mode & 0o777
