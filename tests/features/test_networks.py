"""Layers, widths and formulas of the feature networks."""

import os
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file, save_file
from torch import nn
from torch.nn import functional as F
from torchvision.models import resnet50, squeezenet1_1

from nst_features.known_weights import DOWNLOADS
from nst_features.names import NETWORK_NAMES
from nst_features.networks import NETWORKS, Trained, depth_of, load_network
from nst_runtime.errors import NstError

from .conftest import VGG19_INDICES, write_vgg

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[2] / "../shared/data"))


def shapes(features: dict[str, torch.Tensor]) -> dict[str, tuple[int, ...]]:
    return {name: tuple(value.shape[1:]) for name, value in features.items()}


def test_there_is_a_row_for_every_name_and_usual_weights_for_every_trained_network() -> None:
    assert tuple(NETWORKS) == NETWORK_NAMES
    assert set(DOWNLOADS) == {name for name, row in NETWORKS.items() if isinstance(row, Trained)}
    for name, row in NETWORKS.items():
        known = row.architecture
        assert {*known.style_layers, *known.content_layers} <= set(known.layers), name


def test_vgg_reads_widths_and_depth_from_the_file(tiny_vgg: Path, image: torch.Tensor) -> None:
    network = load_network("vgg19", weights=tiny_vgg)
    assert network.layers == ("relu1_1", "relu1_2", "relu2_1", "relu2_2", "relu3_1")
    assert network.default_style_layers == ("relu1_1", "relu2_1", "relu3_1")
    assert network.default_content_layer == "relu3_1"
    assert shapes(network(image, network.layers)) == {
        "relu1_1": (4, 33, 48), "relu1_2": (4, 33, 48), "relu2_1": (6, 16, 24), "relu2_2": (6, 16, 24),
        "relu3_1": (8, 8, 12),
    }  # fmt: skip


def test_a_deep_vgg19_has_relu4_2_for_content(tmp_path: Path) -> None:
    network = load_network("vgg19", weights=write_vgg(tmp_path / "deep.safetensors", [4] * 13))
    assert network.layers[-1] == "relu5_1"
    assert network.layers[4:8] == ("relu3_1", "relu3_2", "relu3_3", "relu3_4")
    assert network.default_style_layers == ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")
    assert network.default_content_layer == "relu4_2"


def test_vgg_computes_what_its_weights_say(tiny_vgg: Path, image: torch.Tensor) -> None:
    state = load_file(tiny_vgg)

    def conv(x: torch.Tensor, index: int) -> torch.Tensor:
        padded = F.pad(x, (1, 1, 1, 1), mode="reflect")
        return torch.relu(F.conv2d(padded, state[f"features.{index}.weight"], state[f"features.{index}.bias"]))

    mean, std = torch.tensor((0.485, 0.456, 0.406)), torch.tensor((0.229, 0.224, 0.225))
    x = (image - mean.view(3, 1, 1)) / std.view(3, 1, 1)
    first = conv(conv(x, 0), 2)
    expected = conv(F.max_pool2d(first, 2), 5)
    found = load_network("vgg19", weights=tiny_vgg)(image, {"relu2_1", "relu1_2"})
    torch.testing.assert_close(found["relu1_2"], first, atol=1e-5, rtol=1e-5)
    torch.testing.assert_close(found["relu2_1"], expected, atol=1e-5, rtol=1e-5)


def test_squeezenet_from_a_file(tmp_path: Path) -> None:
    torch.manual_seed(0)
    path = tmp_path / "squeezenet.pth"
    model = squeezenet1_1().eval()
    torch.save(model.state_dict(), path)
    network = load_network("squeezenet1_1", weights=path)
    assert network.layers == ("relu1", *(f"fire{number}" for number in range(2, 10)))
    image = torch.rand(1, 3, 64, 64)
    found = network(image, network.layers)
    assert shapes(found)["relu1"] == (64, 31, 31)
    assert shapes(found)["fire9"] == (512, 3, 3)
    mean, std = network.mean.view(3, 1, 1), network.std.view(3, 1, 1)
    torch.testing.assert_close(found["fire9"], model.features((image - mean) / std), atol=1e-4, rtol=1e-4)


FIRES = {2: 3, 3: 4, 4: 6, 5: 7, 6: 9, 7: 10, 8: 11, 9: 12}  # where torchvision has the fire modules


@pytest.mark.parametrize("last", [1, *FIRES])
def test_squeezenet_from_a_file_that_ends_after_a_fire_module(tmp_path: Path, last: int) -> None:
    """Or after the first convolution: the layers that are left are the whole network's, to the bit."""
    torch.manual_seed(0)
    state = squeezenet1_1().state_dict()
    beyond = ("classifier.", *(f"features.{place}." for fire, place in FIRES.items() if fire > last))
    save_file(state, tmp_path / "whole.safetensors")
    save_file({key: v for key, v in state.items() if not key.startswith(beyond)}, tmp_path / "cut.safetensors")
    whole, cut = (load_network("squeezenet1_1", weights=tmp_path / f"{name}.safetensors") for name in ("whole", "cut"))
    assert cut.layers == ("relu1", *(f"fire{number}" for number in range(2, last + 1)))
    assert cut.default_style_layers == tuple(layer for layer in whole.default_style_layers if layer in cut.layers)
    assert cut.default_content_layer == ("fire5" if last >= 5 else cut.layers[-1])
    image = torch.rand(1, 3, 64, 64)
    found, expected = cut(image, cut.layers), whole(image, cut.layers)
    assert all(torch.equal(found[layer], expected[layer]) for layer in cut.layers)
    if last < 9:
        with pytest.raises(NstError, match=f"ends after {cut.layers[-1]}, before fire9; it has"):
            cut(image, ["fire9"])


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        (("features.0.",), "features.0.weight"),
        (("features.6.",), "features.6.squeeze.weight"),
        (("features.6.", "features.9.", "features.1", "classifier."), "features.6.squeeze.weight"),
        (("features.7.expand3x3.", "features.9.", "features.1", "classifier."), "features.7.expand3x3.weight"),
    ],
)
def test_squeezenet_that_lacks_one_in_the_middle_is_refused(tmp_path: Path, lost: tuple[str, ...], named: str) -> None:
    path = tmp_path / "holed.safetensors"
    save_file({key: v for key, v in squeezenet1_1().state_dict().items() if not key.startswith(lost)}, path)
    with pytest.raises(NstError, match=f"another network than squeezenet1_1: {named} does not match"):
        load_network("squeezenet1_1", weights=path)


def test_resnet50_from_a_file(tmp_path: Path) -> None:
    torch.manual_seed(0)
    path = tmp_path / "resnet.safetensors"
    save_file(resnet50().state_dict(), path)
    network = load_network("resnet50", weights=path)
    found = network(torch.rand(1, 3, 64, 64), network.layers)
    assert shapes(found) == {
        "conv1": (64, 32, 32), "block1": (256, 16, 16), "block2": (512, 8, 8), "block3": (1024, 4, 4),
        "block4": (2048, 2, 2),
    }  # fmt: skip
    assert all(float(value.min()) >= 0 for value in found.values())


def test_resnet50_computes_what_torchvisions_does(tmp_path: Path) -> None:
    """With batch norms that have seen something and learned something: they are a part of the convolutions here."""
    torch.manual_seed(0)
    model = resnet50()
    for module in model.modules():
        if isinstance(module, nn.BatchNorm2d):
            for values, least, most in (
                (module.weight, 0.5, 1.2), (module.bias, -0.3, 0.3), (module.running_mean, -0.3, 0.3),
                (module.running_var, 0.5, 2),
            ):  # fmt: skip
                assert values is not None
                nn.init.uniform_(values, least, most)
    save_file(model.state_dict(), tmp_path / "resnet.safetensors")
    network = load_network("resnet50", weights=tmp_path / "resnet.safetensors")
    assert not any(isinstance(module, nn.BatchNorm2d) for module in network.modules())
    image = torch.rand(1, 3, 64, 64)
    with torch.no_grad():
        model.eval()
        x = (image - network.mean.view(3, 1, 1)) / network.std.view(3, 1, 1)
        expected = {"conv1": model.relu(model.bn1(model.conv1(x)))}
        x = model.maxpool(expected["conv1"])
        for number, block in enumerate((model.layer1, model.layer2, model.layer3, model.layer4), 1):
            x = expected[f"block{number}"] = block(x)
    for layer, found in network(image, network.layers).items():
        assert float((found - expected[layer]).norm() / expected[layer].norm()) < 1e-5, layer
        assert float(expected[layer].std()) > 0.1


@pytest.mark.parametrize("blocks", [0, 2, 3])
def test_resnet50_from_a_file_that_ends_after_a_block(tmp_path: Path, blocks: int) -> None:
    """The layers that are left are the whole network's, to the bit."""
    torch.manual_seed(0)
    state = resnet50().state_dict()
    beyond = ("fc.", *(f"layer{block}." for block in range(blocks + 1, 5)))
    save_file(state, tmp_path / "whole.safetensors")
    save_file({key: v for key, v in state.items() if not key.startswith(beyond)}, tmp_path / "cut.safetensors")
    whole, cut = (load_network("resnet50", weights=tmp_path / f"{name}.safetensors") for name in ("whole", "cut"))
    layers = ("conv1", "block1", "block2", "block3", "block4")[: blocks + 1]
    assert cut.layers == layers
    assert cut.default_style_layers == (layers[1:] or ("conv1",))
    assert cut.default_content_layer == layers[-1]
    image = torch.rand(1, 3, 64, 64)
    found, expected = cut(image, layers), whole(image, layers)
    assert all(torch.equal(found[layer], expected[layer]) for layer in layers)
    with pytest.raises(NstError, match=f"ends after {layers[-1]}, before block4; it has {', '.join(layers)}"):
        cut(image, ["block4"])


@pytest.mark.parametrize(
    ("lost", "named"),
    [
        (("layer2.3.", "layer3.", "layer4."), "layer2.3.conv1.weight"),
        (("layer3.0.downsample.", "layer4."), "layer3.0.downsample.0.weight"),
        (("layer1.",), "layer1.0.conv1.weight"),
    ],
)
def test_resnet50_cut_within_a_block_is_refused(tmp_path: Path, lost: tuple[str, ...], named: str) -> None:
    path = tmp_path / "cut.safetensors"
    save_file({key: v for key, v in resnet50().state_dict().items() if not key.startswith(lost)}, path)
    with pytest.raises(NstError, match=f"another network than resnet50: {named} does not match") as caught:
        load_network("resnet50", weights=path)
    assert "\n" not in str(caught.value)


def test_an_untrained_resnet50_depends_on_the_seed_alone_and_keeps_its_scale() -> None:
    noise = torch.rand(1, 3, 64, 64, generator=torch.Generator().manual_seed(3))
    first, again, other = (load_network("resnet50_random", seed=seed) for seed in (1, 1, 2))
    found, same, another = (network(noise, network.layers) for network in (first, again, other))
    assert all(torch.equal(found[name], same[name]) for name in first.layers)
    assert not torch.allclose(found["block2"], another["block2"], atol=0.1)
    assert first.layers == ("conv1", "block1", "block2", "block3", "block4")
    assert all(0.05 < float(value.square().mean().sqrt()) < 20 for value in found.values())


def test_random_filters_depend_on_the_seed_alone(image: torch.Tensor) -> None:
    first, again, other = (load_network("random", seed=seed)(image, {"scale2"})["scale2"] for seed in (1, 1, 2))
    assert torch.equal(first, again)
    assert not torch.allclose(first, other, atol=0.1)
    assert first.shape == (2, 48, 16, 24)


def test_a_layer_that_is_missing_is_named_with_those_there_are(tiny_vgg: Path, image: torch.Tensor) -> None:
    with pytest.raises(NstError) as caught:
        load_network("vgg19", weights=tiny_vgg)(image, {"relu1_1", "relu6_1"})
    assert caught.value.message == "vgg19 has no layer relu6_1; it has relu1_1, relu1_2, relu2_1, relu2_2, relu3_1"


def test_a_file_that_ends_before_a_layer_says_where_it_ends(tiny_vgg: Path, image: torch.Tensor) -> None:
    with pytest.raises(NstError) as caught:
        load_network("vgg19", weights=tiny_vgg)(image, ["relu1_1", "relu3_4", "relu4_1"])
    there = "relu1_1, relu1_2, relu2_1, relu2_2, relu3_1"
    assert caught.value.message == f"{tiny_vgg} ends after relu3_1, before relu3_4, relu4_1; it has {there}"
    assert caught.value.hint == "give weights of vgg19 that reach relu4_1, or name layers that this file has"
    with pytest.raises(NstError, match="vgg16 has no layer relu3_4; it has"):  # only VGG-19 has four in a block
        load_network("vgg16", weights=tiny_vgg)(image, ["relu3_4"])


def test_no_deeper_than_asked(tiny_vgg: Path, image: torch.Tensor) -> None:
    network = load_network("vgg19", weights=tiny_vgg)
    network.stages[2] = torch.nn.Identity().requires_grad_(False)
    network.stages[2].forward = None  # type: ignore[assignment]
    assert set(network(image, ["relu1_2", "relu1_2"])) == {"relu1_2"}


def test_earlier_features_are_not_overwritten_by_later_stages(tiny_vgg: Path, image: torch.Tensor) -> None:
    network = load_network("vgg19", weights=tiny_vgg)
    alone, among = network(image, {"relu1_1"})["relu1_1"], network(image, network.layers)["relu1_1"]
    assert torch.equal(alone, among)


def test_the_networks_are_frozen(tiny_vgg: Path) -> None:
    for network in (load_network("vgg19", weights=tiny_vgg), load_network("random")):
        assert not network.training
        assert not any(parameter.requires_grad for parameter in network.parameters())


def test_bf16_features_are_close_to_fp32(tiny_vgg: Path, image: torch.Tensor) -> None:
    exact = load_network("vgg19", weights=tiny_vgg)(image, {"relu3_1"})["relu3_1"]
    rough = load_network("vgg19", weights=tiny_vgg, precision="bf16")(image, {"relu3_1"})["relu3_1"]
    assert rough.dtype == torch.bfloat16
    error = (rough.float() - exact).norm() / exact.norm()
    assert 1e-4 < error < 0.02


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the shared weights are not at {DATA}")
def test_shared_weights_have_their_layers() -> None:
    cut = load_network("vgg19", weights=DATA / "weights/vgg19_normalised_conv3_1.safetensors")
    distilled = load_network("vgg19", weights=DATA / "weights/vgg19_distilled16x_conv5_1.safetensors")
    assert (cut.layers[-1], distilled.layers[-1]) == ("relu3_1", "relu5_1")
    assert len(distilled.layers) == len(VGG19_INDICES)


@pytest.mark.parametrize(
    ("layer", "depth"),
    [
        ("relu1_1", 0), ("relu3_3", 0.5625), ("relu4_1", 0.75), ("relu5_4", 1), ("conv1", 0), ("block2", 0.5),
        ("relu1", 0), ("fire2", 0.125), ("fire9", 1), ("scale2", 1 / 3), ("scale4", 1), ("relu6_1", None),
    ],
)  # fmt: skip
def test_layers_lie_where_they_are_in_their_architecture(layer: str, depth: float | None) -> None:
    assert depth_of(layer) == depth
