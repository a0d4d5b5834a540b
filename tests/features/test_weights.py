"""Weights files that are missing, damaged, foreign or hostile."""

import os
import pickle
import random
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file
from torchvision.models import resnet50, squeezenet1_1

from nst_features.architectures.vgg import VGG16, VGG19, vgg_places
from nst_features.names import NETWORK_NAMES, NetworkName
from nst_features.networks import fitting_networks, load_network
from nst_features.weights import read_weights
from nst_runtime.errors import NstError

from .conftest import VGG19_INDICES, write_vgg


class Hostile:
    """A pickle of this writes a file when it is read."""

    def __init__(self, target: Path) -> None:
        self.target = target

    def __reduce__(self) -> tuple[object, ...]:
        return (Path.touch, (self.target,))


def test_a_pickle_that_would_run_code_is_refused(tmp_path: Path, recwarn: pytest.WarningsRecorder) -> None:
    mark = tmp_path / "mark"
    plain, zipped = tmp_path / "plain.pth", tmp_path / "zipped.pth"
    plain.write_bytes(pickle.dumps({"features.0.weight": Hostile(mark)}))
    torch.save({"features.0.weight": Hostile(mark)}, zipped)
    for path in (plain, zipped):
        with pytest.raises(NstError, match="is not a readable weights file: it is damaged, or holds something other"):
            load_network("vgg19", weights=path)
    assert not mark.exists()
    assert not recwarn.list
    pickle.loads(plain.read_bytes())
    assert mark.exists()  # the pickle was a live one


def test_a_missing_file_is_named(tmp_path: Path) -> None:
    with pytest.raises(NstError, match=r"no weights file .*nowhere\.pth"):
        load_network("vgg16", weights=tmp_path / "nowhere.pth")


@pytest.mark.parametrize("suffix", [".pth", ".safetensors"])
@pytest.mark.parametrize(
    ("content", "reason"),
    [
        (b"", "it ends too early"),
        (b"not weights at all", "it is damaged, or holds something other than tensors"),
        (b"\x80\x02}q\x00.", "Invalid magic number"),
        (b"\x40\0\0\0\0\0\0\0{", "invalid header length"),
    ],
)
def test_a_file_of_something_else_is_refused_with_the_reason(
    tmp_path: Path, suffix: str, content: bytes, reason: str
) -> None:
    path = tmp_path / f"weights{suffix}"
    path.write_bytes(content)
    with pytest.raises(NstError, match="is not a readable weights file") as caught:
        load_network("vgg19", weights=path)
    assert caught.value.message.startswith(f"{path} is not")
    assert reason in caught.value.message
    assert "\n" not in str(caught.value)


def test_a_file_that_is_cut_off_says_so(tiny_vgg: Path) -> None:
    tiny_vgg.write_bytes(tiny_vgg.read_bytes()[:-1])
    with pytest.raises(NstError, match=r"not a readable weights file: .*incomplete metadata, file not fully covered"):
        load_network("vgg19", weights=tiny_vgg)


def test_how_a_file_is_read_does_not_depend_on_its_name(tiny_vgg: Path, tmp_path: Path) -> None:
    torch.save(read_weights(tiny_vgg), tmp_path / "torch.safetensors")
    found = read_weights(tmp_path / "torch.safetensors")
    renamed = read_weights(tiny_vgg.rename(tmp_path / "tiny.pth"))
    assert all(torch.equal(found[key], renamed[key]) for key in found)
    assert len(found) == len(renamed) == 10


def test_a_checkpoint_with_more_than_tensors_is_refused(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"epoch": 3}, path)
    with pytest.raises(NstError, match="is not a readable weights file: it holds more than tensors by name"):
        load_network("vgg19", weights=path)


@pytest.mark.parametrize("zipped", [True, False])
def test_damaged_torch_files_never_end_in_another_error(tmp_path: Path, zipped: bool) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"features.0.weight": torch.ones(4, 3, 3, 3)}, path, _use_new_zipfile_serialization=zipped)
    sound, draw = path.read_bytes(), random.Random(4)
    refused = 0
    for _ in range(150):
        damaged = bytearray(sound)
        for _ in range(draw.randint(1, 6)):
            damaged[draw.randrange(len(damaged))] = draw.randrange(256)
        path.write_bytes(damaged[: draw.choice([len(damaged), draw.randrange(len(damaged))])])
        try:
            read_weights(path)
        except NstError:
            refused += 1
    assert refused > 75


def test_half_floats_become_float32_and_a_wrapped_state_is_unwrapped(tmp_path: Path) -> None:
    path = tmp_path / "weights.pth"
    torch.save({"state_dict": {"module.features.0.weight": torch.ones(2, 3, 3, 3).half()}}, path)
    state = read_weights(path)
    assert list(state) == ["features.0.weight"]
    assert state["features.0.weight"].dtype == torch.float32


def test_a_robust_checkpoint_gives_the_model_without_its_wrapper(tmp_path: Path) -> None:
    path = tmp_path / "robust.pt"
    kernel, mean = torch.rand(2, 3, 3, 3), torch.zeros(3, 1, 1)
    wrapped = {"module.model.conv1.weight": kernel, "module.attacker.model.conv1.weight": kernel + 1}
    torch.save({"model": {**wrapped, "module.normalizer.new_mean": mean}, "epoch": 90}, path)
    state = read_weights(path)
    assert list(state) == ["conv1.weight"]
    assert torch.equal(state["conv1.weight"], kernel)


def save_some(path: Path, network: str) -> Path:
    """Write weights of `network` as small as its architecture lets them be."""
    vggs = {"vgg16": VGG16, "vgg19": VGG19}
    if network in vggs:
        return write_vgg(path, [4] * 13, list(vgg_places(vggs[network]).values()))
    model = {"squeezenet1_1": squeezenet1_1, "resnet50": resnet50}[network]()
    save_file(model.state_dict(), path)
    return path


@pytest.mark.parametrize("network", ["vgg16", "vgg19", "squeezenet1_1", "resnet50"])
def test_weights_of_another_network_are_refused_with_the_network_that_they_fit(tmp_path: Path, network: str) -> None:
    path = save_some(tmp_path / "some.safetensors", network)
    others: set[NetworkName] = {"vgg16", "vgg19", "squeezenet1_1", "resnet50"}
    for other in others - {network}:
        with pytest.raises(NstError, match=f"some.safetensors holds weights of {network}, not of {other}: ") as caught:
            load_network(other, weights=path)
        assert caught.value.hint == f"set `network` to {network}"


def test_a_vgg_that_ends_before_the_two_differ_fits_both(tiny_vgg: Path) -> None:
    assert fitting_networks(read_weights(tiny_vgg)) == ("vgg16", "vgg19")
    assert load_network("vgg16", weights=tiny_vgg).layers == load_network("vgg19", weights=tiny_vgg).layers
    with pytest.raises(NstError, match="holds weights of vgg16 or vgg19, not of resnet50"):
        load_network("resnet50", weights=tiny_vgg)


def test_weights_of_no_network_name_one_that_fits(tmp_path: Path) -> None:
    path = tmp_path / "other.safetensors"
    save_file({"encoder.weight": torch.ones(3)}, path)
    with pytest.raises(NstError, match=r"another network than vgg16: it has no tensor features\.0\.weight") as caught:
        load_network("vgg16", weights=path)
    assert caught.value.hint.endswith(" https://download.pytorch.org/models/vgg16_features-amdegroot-88682ab5.pth")


def test_a_vgg_with_a_convolution_of_the_wrong_shape_is_refused(tmp_path: Path) -> None:
    state = {"features.0.weight": torch.ones(4, 3, 5, 5), "features.0.bias": torch.ones(4)}
    save_file(state, tmp_path / "wide.safetensors")
    with pytest.raises(NstError, match=r"features\.0 of shape \(4, 3, 5, 5\) does not fit"):
        load_network("vgg19", weights=tmp_path / "wide.safetensors")
    gap = write_vgg(tmp_path / "gap.safetensors", [4] * 12, VGG19_INDICES[1:])
    with pytest.raises(NstError, match=r"no tensor features\.0\.weight"):
        load_network("vgg19", weights=gap)


def test_random_takes_no_weights_and_unknown_names_list_the_known(tmp_path: Path) -> None:
    drawn: tuple[NetworkName, ...] = ("random", "resnet50_random")
    for name in drawn:
        with pytest.raises(NstError, match=f"{name} draws its own filters and takes no weights; leave `weights` out"):
            load_network(name, weights=tmp_path / "weights.pth")
    unknown: NetworkName = "alexnet"  # type: ignore[assignment]
    with pytest.raises(NstError, match=", ".join(NETWORK_NAMES)):
        load_network(unknown)


def test_a_download_that_cannot_happen_names_the_ways_without(tmp_path: Path) -> None:
    """In a process of its own, with an empty cache and a proxy that does not exist, online or not."""
    dead = "http://127.0.0.1:9"
    environment = os.environ | {"TORCH_HOME": str(tmp_path), "no_proxy": "", "NO_PROXY": ""}
    environment |= dict.fromkeys(("http_proxy", "https_proxy", "HTTPS_PROXY", "HTTP_PROXY", "all_proxy"), dead)
    code = """
from nst_features.networks import load_network
from nst_runtime.errors import NstError
for name in ("vgg16", "vgg19", "squeezenet1_1", "resnet50"):
    try:
        load_network(name)
    except NstError as error:
        print(error.message, error.hint, sep="|")
"""
    done = subprocess.run(
        [sys.executable, "-c", code], env=environment, capture_output=True, text=True, timeout=300, check=True
    )
    found = [line.split("|") for line in done.stdout.splitlines()]
    for (message, hint), name in zip(found, ("vgg16", "vgg19", "squeezenet1_1", "resnet50"), strict=True):
        place = f"https://download.pytorch.org/models/{name}"
        assert message.startswith(f"cannot download the weights of {name} from {place}")
        assert "refused" in message
        assert hint.startswith("download that file elsewhere and give it as `weights`")
        assert "`network` random needs none, but it is for tests" in hint
