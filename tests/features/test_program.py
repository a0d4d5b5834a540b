"""`nst-features`: list, fetch, check."""

import json
import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import resnet50

import nst_features
from nst_features.known_weights import KNOWN
from nst_features.weights_folder import find_name

from .conftest import VGG19_INDICES, write_vgg

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[2] / "../shared/data"))
Run = Callable[..., tuple[int, str, str]]


@pytest.fixture
def run(monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str], tmp_path: Path) -> Run:
    """Run nst-features in this process, in the folder `tmp_path`, whose ``weights`` is the folder of weights."""
    monkeypatch.chdir(tmp_path)
    monkeypatch.setenv("NST_WEIGHTS", "weights")
    monkeypatch.delenv("NST_TRACEBACK", raising=False)

    def call(*arguments: str | Path) -> tuple[int, str, str]:
        monkeypatch.setattr("sys.argv", ["nst-features", *map(str, arguments)])
        code = nst_features.main()
        return code, *capfd.readouterr()

    return call


def rows_of(out: str) -> dict[str, str]:
    """Return the rows of a table of two columns."""
    return {line.split("  ")[0]: line.split("  ", 1)[1].strip() for line in out.splitlines()}


def test_list_says_what_there_is_and_what_is_here(run: Run) -> None:
    Path("weights").mkdir()
    Path("weights/vgg19_balanced.safetensors").touch()
    Path("weights/vgg19-dcbb9e9d.pth").touch()
    code, out, err = run("list")
    assert (code, err) == (0, "note: your folder of weights is weights\n")
    header, *lines = out.splitlines()
    assert header.split() == ["NAME", "NETWORK", "UP", "TO", "SIZE", "HERE", "LICENCE", "FROM"]
    cells = {line.split()[0]: line.split() for line in lines}
    assert list(cells) == [row.name for row in KNOWN]
    assert cells["vgg19_torchvision"][1:6] == ["vgg19", "relu5_4", "548.1", "MiB", "yes"]
    assert cells["resnet50_block2"][1:7] == ["resnet50", "block2", "2.8", "MiB", "no", "MIT"]
    assert cells["vgg19_torchvision"][-1] == "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"
    entries = {entry["name"]: entry for entry in json.loads(run("list", "--json")[1])}
    assert [name for name, entry in entries.items() if entry["path"]] == ["vgg19_torchvision", "vgg19_balanced"]
    assert entries["vgg19_balanced"] == {
        "name": "vgg19_balanced", "network": "vgg19", "last_layer": "relu3_1", "normalisation": "torchvision",
        "size_mib": 2.119, "licence": "Apache-2.0 (deep-transfer), CC BY 4.0 (VGG)",
        "source": "vgg19_normalised_conv3_1 with its filters' norms in balance", "url": None,
        "made": "python assets/balance_vgg.py vgg19_normalised_conv3_1 vgg19_balanced.safetensors",
        "sha256": "a1173c70b83dc9c7702da136c988b5a1ac5b3f4c710ecca2019da7850c0e6f99",
        "file": "vgg19_balanced.safetensors", "path": "weights/vgg19_balanced.safetensors",
    }  # fmt: skip


def test_fetch_refuses_what_has_no_address_and_says_how_it_is_made(run: Run) -> None:
    assert run("fetch", "vgg19_balanced") == (
        1,
        "",
        "error: vgg19_balanced cannot be downloaded as it is\n"
        f"hint: make it and put it into weights as vgg19_balanced.safetensors: {find_name('vgg19_balanced').made}\n",
    )
    assert run("fetch", "vgg19_balancd")[2] == (
        "error: no weights file vgg19_balancd and no registered weights of that name\n"
        "hint: did you mean vgg19_balanced? nst-features list shows them all\n"
    )
    assert not Path("weights").exists()


def test_fetch_without_a_connection(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("https_proxy", "HTTPS_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:9")
    for name in ("no_proxy", "NO_PROXY"):
        monkeypatch.setenv(name, "")
    code, out, err = run("fetch", "vgg19_torchvision", "--out", "elsewhere")
    address = "https://download.pytorch.org/models/vgg19-dcbb9e9d.pth"
    assert (code, out) == (1, "")
    assert err.splitlines() == [
        f"note: vgg19_torchvision comes from {address}, 548.1 MiB",
        f"error: cannot download vgg19_torchvision from {address}: Connection refused",
        "hint: try again, or download that file elsewhere and put it into elsewhere",
    ]
    assert not Path("elsewhere").exists()


def test_check_tells_the_networks_that_a_file_may_be_of(run: Run, tiny_vgg: Path) -> None:
    code, out, err = run("check", tiny_vgg)
    assert (code, err) == (0, "")
    found = rows_of(out)
    assert (found["file"], found["name"], found["network"]) == (str(tiny_vgg), "not registered", "vgg16 or vgg19")
    assert found["layers"] == "relu1_1, relu1_2, relu2_1, relu2_2, relu3_1"
    assert found["normalisation"] == "not said; torchvision's is taken"
    deep = write_vgg(Path("deep.safetensors"), [4] * 8, VGG19_INDICES)
    assert rows_of(run("check", deep)[1])["network"] == "vgg19"


def test_check_of_files_that_hold_something_else(run: Run) -> None:
    save_file({"encoder.weight": torch.ones(3)}, "other.safetensors", {"normalisation": "caffe"})
    found = rows_of(run("check", "other.safetensors")[1])
    assert (found["network"], found["layers"], found["normalisation"]) == ("none that is known", "none", "caffe")
    state = {key: value for key, value in resnet50().state_dict().items() if not key.startswith(("layer2.3.", "fc."))}
    save_file(state, "within_a_block.safetensors")
    assert rows_of(run("check", "within_a_block.safetensors")[1])["network"] == "none that is known"
    Path("damaged.pth").write_bytes(b"not weights at all")
    code, out, err = run("check", "damaged.pth")
    assert (code, out) == (1, "")
    assert err.startswith("error: damaged.pth is not a readable weights file: it is damaged, or holds something other")
    assert run("check", "missing.pth")[2].startswith("error: no weights file missing.pth")


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the shared weights are not at {DATA}")
def test_check_of_a_registered_file_under_any_name(run: Run) -> None:
    shutil.copy(DATA / "weights/squeezenet1_1.safetensors", "any.pth")
    Path("weights").mkdir()
    shutil.copy("any.pth", "weights/squeezenet1_1.safetensors")
    for name, path in (("any.pth", "any.pth"), ("squeezenet1_1", "weights/squeezenet1_1.safetensors")):
        found = rows_of(run("check", name)[1])
        assert (found["file"], found["name"], found["network"]) == (path, "squeezenet1_1", "squeezenet1_1")
        assert found["layers"].endswith("fire8, fire9")
        assert (found["licence"], found["normalisation"]) == ("BSD-2-Clause", "torchvision")


@pytest.mark.parametrize(
    ("arguments", "code"),
    [
        (["--help"], 0),
        (["check", "--help"], 0),
        (["list"], 0),
        (["list", "--json"], 0),
        (["fetch", "vgg19_balanced"], 1),
    ],
)
def test_it_answers_without_torch(arguments: list[str], code: int) -> None:
    script = (
        "import sys, nst_features\n"
        f"sys.argv = ['nst-features', *{arguments!r}]\n"
        "code = nst_features.main()\n"
        "heavy = {'torch', 'torchvision', 'numpy', 'PIL', 'onnxruntime', 'safetensors'} & set(sys.modules)\n"
        "print(code, sorted(heavy), file=sys.stderr)"
    )
    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True, timeout=60, check=True)
    assert done.stderr.splitlines()[-1] == f"{code} []"
