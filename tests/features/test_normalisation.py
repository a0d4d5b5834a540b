"""How weights want pixels normalised: by their hash, their metadata or what is asked, never by the file's name."""

import hashlib
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F

from nst_features import known_weights as registry
from nst_features.names import NormalisationName
from nst_features.networks import load_network
from nst_runtime.errors import NstError

CAFFE_NAME = "vgg16_features-amdegroot-88682ab5.safetensors"


def first_layer(image: torch.Tensor, weights: Path, asked: NormalisationName | None = None) -> torch.Tensor:
    network = load_network("vgg16", weights=weights, weights_normalisation=asked)
    found: torch.Tensor = network(image, ["relu1_1"])["relu1_1"]
    return found


def expect(image: torch.Tensor, weights: Path, normalisation: str) -> torch.Tensor:
    """Compute the first layer by hand; Caffe's weights want pixels in 0…255 less their mean."""
    mean, scale = ((0.485, 0.456, 0.406), torch.tensor((1 / 0.229, 1 / 0.224, 1 / 0.225)))
    if normalisation == "caffe":
        mean, scale = (0.48235, 0.45882, 0.40784), torch.tensor((255.0, 255.0, 255.0))
    state = load_file(weights)
    pixels = (image - torch.tensor(mean).view(3, 1, 1)) * scale.view(3, 1, 1)
    padded = F.pad(pixels, (1, 1, 1, 1), mode="reflect")
    return torch.relu(F.conv2d(padded, state["features.0.weight"], state["features.0.bias"]))


def check(image: torch.Tensor, weights: Path, normalisation: str, asked: NormalisationName | None = None) -> None:
    """Compare under two names of the file, one of which is that of torchvision's Caffe weights."""
    found = first_layer(image, weights, asked)
    torch.testing.assert_close(found, expect(image, weights, normalisation), atol=1e-3, rtol=1e-5)
    renamed = weights.rename(weights.with_name(CAFFE_NAME))
    assert torch.equal(first_layer(image, renamed, asked), found)
    assert load_network("vgg16", weights=renamed, weights_normalisation=asked).normalisation == normalisation


def write_metadata(path: Path, word: str) -> None:
    save_file(load_file(path), path, metadata={"normalisation": word, "license": "MIT"})


def test_a_file_that_nobody_knows_is_torchvisions_whatever_it_is_called(tiny_vgg: Path, image: torch.Tensor) -> None:
    check(image, tiny_vgg, "torchvision")


def test_what_is_asked_for(tiny_vgg: Path, image: torch.Tensor) -> None:
    check(image, tiny_vgg, "caffe", asked="caffe")


def test_the_metadata_say_it(tiny_vgg: Path, image: torch.Tensor) -> None:
    write_metadata(tiny_vgg, "caffe")
    check(image, tiny_vgg, "caffe")


def test_a_known_file_needs_neither(tiny_vgg: Path, image: torch.Tensor, monkeypatch: pytest.MonkeyPatch) -> None:
    sha256 = hashlib.sha256(tiny_vgg.read_bytes()).hexdigest()
    row = registry.KnownWeights("test", "vgg16", "relu3_1", sha256[:8], "caffe", 0.0, "none", "a test")
    monkeypatch.setattr(registry, "KNOWN", (*registry.KNOWN, row))
    check(image, tiny_vgg, "caffe")


def test_another_one_than_the_file_has_is_refused(tiny_vgg: Path) -> None:
    write_metadata(tiny_vgg, "caffe")
    with pytest.raises(NstError, match="wants pixels normalised for caffe, not for torchvision") as caught:
        load_network("vgg16", weights=tiny_vgg, weights_normalisation="torchvision")
    assert caught.value.hint == "leave `weights_normalisation` out"
    assert load_network("vgg16", weights=tiny_vgg, weights_normalisation="caffe").normalisation == "caffe"
    write_metadata(tiny_vgg, "keras")
    with pytest.raises(NstError, match="has normalisation 'keras'; there are torchvision, caffe"):
        load_network("vgg16", weights=tiny_vgg)
    with pytest.raises(NstError, match="random wants pixels normalised for torchvision, not for caffe"):
        load_network("random", weights_normalisation="caffe")


def test_a_known_file_is_refused_for_another_network(tiny_vgg: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Though it ends before VGG-16 and VGG-19 differ."""
    sha256 = hashlib.sha256(tiny_vgg.read_bytes()).hexdigest()
    row = registry.KnownWeights("test", "vgg19", "relu3_1", sha256, "torchvision", 0.0, "none", "a test")
    monkeypatch.setattr(registry, "KNOWN", (row,))
    with pytest.raises(
        NstError, match=r"tiny\.safetensors holds weights of vgg19, not of vgg16; set `network` to vgg19"
    ):
        load_network("vgg16", weights=tiny_vgg)
