"""What the export's tests share: random networks, saved as the student saves trained ones."""

import shutil
from collections.abc import Callable
from pathlib import Path
from typing import TypeVar

import pytest
import torch
from torch import nn

import nst_export
from nst_export.assemble import Labels
from nst_export.commands import export_pack
from nst_export.sources import Sources, Trained, load_trained
from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.styles import StyleRecord, write_style
from nst_runtime.contracts.workspace import Workspace
from nst_student.networks.checkpoint import CODEC_FILE, CodecRecord, load_codec, save_codec
from nst_student.networks.paper import PaperBank
from nst_student.networks.registry import ARCHITECTURES
from nst_student.networks.style_files import rounded, style_of
from nst_student.networks.unet import UNetBank
from nst_student.recipes.settings import ArchitectureName

from ..runtime.running import Result, Run

ModuleT = TypeVar("ModuleT", bound=nn.Module)
STYLES = ("scream", "waves")


@pytest.fixture(scope="session", autouse=True)
def _one_thread() -> None:
    torch.set_num_threads(1)


def shake(module: ModuleT) -> ModuleT:
    """Give the instance norms of `module` random scales, some negative, and biases: as trained, not as new.

    And what else of it is zero when new.
    """
    for part in module.modules():
        if isinstance(part, nn.InstanceNorm2d):
            nn.init.uniform_(part.weight, -0.5, 1.5)
            nn.init.normal_(part.bias, std=0.5)
        if isinstance(part, PaperBank) and part.norms is not None:
            nn.init.uniform_(part.norms, -0.5, 1.5)
        if isinstance(part, UNetBank):
            nn.init.normal_(part.skip.weight)
    return module.eval().requires_grad_(False)


def save_workspace(root: Path, seed: int = 0, architecture: ArchitectureName = "detailed") -> Workspace:
    """Write a codec and a bank for each of STYLES below `root`."""
    torch.manual_seed(seed)
    workspace = Workspace(root)
    path = workspace.codec / CODEC_FILE
    recipe = {"steps": 3, "styles": ["scream", "waves"]}
    encoder, decoder = (
        shake(make()) for make in (ARCHITECTURES[architecture].encoder, ARCHITECTURES[architecture].decoder)
    )
    save_codec(path, encoder, decoder, CodecRecord(architecture, recipe))
    sha256 = load_codec(path).sha256
    for style in STYLES:
        save_bank(workspace, style, sha256, architecture)
    return workspace


def save_bank(workspace: Workspace, style: str, codec_sha256: str, architecture: ArchitectureName = "detailed") -> None:
    """Write a new random bank for `style`."""
    record = StyleRecord(style, codec_sha256, architecture, StyleInfo(style), training={"steps": 5})
    write_style(workspace.style(style), style_of(rounded(shake(ARCHITECTURES[architecture].bank())), record))


@pytest.fixture(scope="session")
def _checkpoints(tmp_path_factory: pytest.TempPathFactory) -> Workspace:
    return save_workspace(tmp_path_factory.mktemp("export") / "checkpoints")


@pytest.fixture(scope="session")
def _pack(tmp_path_factory: pytest.TempPathFactory, _checkpoints: Workspace) -> Path:
    folder = tmp_path_factory.mktemp("export") / "pack"
    for _ in export_pack(load_trained(Sources.of(_checkpoints)), Labels(), folder):
        pass
    return folder


@pytest.fixture
def workspace(tmp_path: Path, _checkpoints: Workspace) -> Workspace:
    """A workspace of checkpoints that a test may damage."""
    return Workspace(shutil.copytree(_checkpoints.root, tmp_path / "workspace"))


@pytest.fixture
def packed(workspace: Workspace, _pack: Path) -> Workspace:
    """A workspace of checkpoints and the pack that was exported from them."""
    shutil.copytree(_pack, workspace.pack)
    return workspace


@pytest.fixture
def trained(workspace: Workspace) -> Trained:
    return load_trained(Sources.of(workspace))


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]) -> Run:
    """Run nst-export in this process, as its console script does."""

    def call(*arguments: str | Path) -> Result:
        monkeypatch.setattr("sys.argv", ["nst-export", *map(str, arguments)])
        code = nst_export.main()
        captured = capfd.readouterr()
        return Result(code, captured.out, captured.err)

    return call


@pytest.fixture
def refused(run: Run) -> Callable[..., str]:
    """Run nst-export, check that it failed by an error and maybe a hint, and return them as "error; hint"."""

    def call(*arguments: str | Path) -> str:
        result = run(*arguments)
        error, *hints = (line for line in result.err.splitlines() if not line.startswith("note: "))
        assert (result.code, result.out, len(hints) <= 1) == (1, "", True), result
        assert error.startswith("error: ")
        assert all(hint.startswith("hint: ") for hint in hints)
        return "; ".join([error.removeprefix("error: "), *(hint.removeprefix("hint: ") for hint in hints)])

    return call
