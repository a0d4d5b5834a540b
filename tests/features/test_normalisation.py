"""How weights want pixels normalised: by their hash, their metadata or what is asked, never by the file's name."""

import hashlib
import os
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch.nn import functional as F
from torchvision.models import ResNet50_Weights, SqueezeNet1_1_Weights, VGG16_Weights, VGG19_Weights

from nst_features import known_weights as registry
from nst_features.names import NormalisationName
from nst_features.network import NORMALISATIONS
from nst_features.networks import load_network
from nst_runtime.errors import NstError

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[2] / "../shared/data"))
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
    row = registry.KnownWeights("vgg16", sha256[:8], "caffe", "a test", "none")
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
    row = registry.KnownWeights("vgg19", sha256, "torchvision", "a test", "none")
    monkeypatch.setattr(registry, "KNOWN", (row,))
    with pytest.raises(
        NstError, match=r"tiny\.safetensors holds weights of vgg19, not of vgg16; set `network` to vgg19"
    ):
        load_network("vgg16", weights=tiny_vgg)


def test_torchvisions_downloads_are_known_as_torchvision_has_them() -> None:
    theirs = {
        "vgg16": VGG16_Weights.IMAGENET1K_FEATURES, "vgg19": VGG19_Weights.IMAGENET1K_V1,
        "squeezenet1_1": SqueezeNet1_1_Weights.IMAGENET1K_V1, "resnet50": ResNet50_Weights.IMAGENET1K_V2,
    }  # fmt: skip
    assert set(theirs) == set(registry.DOWNLOADS)
    for network, weights in theirs.items():
        row = registry.DOWNLOADS[network]
        transforms = weights.transforms(crop_size=224)
        assert row.source == weights.url
        assert row.source.endswith(f"-{row.sha256}.pth")
        assert NORMALISATIONS[row.normalisation] == (tuple(transforms.mean), tuple(transforms.std))
        assert registry.look_up(row.sha256 + "0" * 56) == row
    other = VGG16_Weights.IMAGENET1K_V1.url
    assert registry.look_up("397923af" + "0" * 56) == replace(
        registry.DOWNLOADS["vgg16"], sha256="397923af", normalisation="torchvision", source=other
    )
    assert registry.look_up("0" * 64) is None


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the shared weights are not at {DATA}")
def test_the_shared_weights_are_known() -> None:
    names = (
        "vgg19_torchvision_conv3_1", "vgg19_normalised_conv3_1", "vgg19_distilled16x_conv5_1", "squeezenet1_1",
        "resnet50_pruned_int8",
    )  # fmt: skip
    for name in names:
        data = (DATA / "weights" / f"{name}.safetensors").read_bytes()
        row = registry.look_up(hashlib.sha256(data).hexdigest())
        assert row is not None, name
        assert name.startswith(row.network)
        assert row.normalisation == "torchvision"
