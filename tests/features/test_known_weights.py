"""The registry says of each weights file what is true of it."""

import hashlib
import os
import re
from pathlib import Path

import pytest
from torchvision.models import ResNet50_Weights, SqueezeNet1_1_Weights, VGG16_Weights, VGG19_Weights, WeightsEnum

from nst_features.known_weights import DOWNLOADS, KNOWN, KnownWeights, look_up
from nst_features.network import NORMALISATIONS
from nst_features.networks import NETWORKS, Trained, load_network
from nst_runtime.contracts.names import is_name
from nst_student.networks.checkpoint import load_codec

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[2] / "../shared/data"))
CODEC = Path(__file__).parents[2] / "student/nst_student/networks/shipped/codec.safetensors"
THEIRS: dict[str, WeightsEnum] = {
    "vgg16_caffe": VGG16_Weights.IMAGENET1K_FEATURES, "vgg16_torchvision": VGG16_Weights.IMAGENET1K_V1,
    "vgg19_torchvision": VGG19_Weights.IMAGENET1K_V1, "squeezenet1_1_torchvision": SqueezeNet1_1_Weights.IMAGENET1K_V1,
    "resnet50_torchvision": ResNet50_Weights.IMAGENET1K_V2, "resnet50_torchvision_v1": ResNet50_Weights.IMAGENET1K_V1,
}  # fmt: skip
ROWS = {row.name: row for row in KNOWN}


def test_names_files_and_hashes_are_each_rows_own() -> None:
    assert len(ROWS) == len(KNOWN) == len({row.file for row in KNOWN}) == len({row.sha256[:8] for row in KNOWN})
    assert all(is_name(name) for name in ROWS)
    assert all(look_up(row.sha256.ljust(64, "0")) is row for row in KNOWN)
    assert look_up("0" * 64) is None


@pytest.mark.parametrize("row", KNOWN, ids=ROWS)
def test_a_row_says_how_its_file_is_got_and_how_far_it_reaches(row: KnownWeights) -> None:
    assert bool(row.url) != bool(row.made)
    assert row.url or len(row.sha256) == 64
    network = NETWORKS[row.network]
    assert isinstance(network, Trained)
    assert row.last_layer in network.architecture.layers


def test_torchvisions_downloads_are_known_as_torchvision_has_them() -> None:
    assert {name for name, row in ROWS.items() if row.url} == set(THEIRS)
    for name, theirs in THEIRS.items():
        row, transforms = ROWS[name], theirs.transforms(crop_size=224)
        assert row.url == theirs.url
        assert row.url.endswith(f"-{row.sha256}.pth")
        assert NORMALISATIONS[row.normalisation] == (tuple(transforms.mean), tuple(transforms.std))
        assert row.size_mib == theirs.meta["_file_size"]
        assert row.source.startswith(f"torchvision's {theirs}")
    assert {network: row.name for network, row in DOWNLOADS.items()} == {
        "vgg16": "vgg16_caffe", "vgg19": "vgg19_torchvision", "squeezenet1_1": "squeezenet1_1_torchvision",
        "resnet50": "resnet50_torchvision",
    }  # fmt: skip


def test_what_the_shipped_codec_was_trained_with_is_known() -> None:
    """Its own record has the hashes: of the first judge, the deep one, and the companions."""
    training = load_codec(CODEC).record.training
    hashes = [str(training[key]) for key in ("weights_sha256", "deep_weights_sha256")]
    hashes += re.findall(r"[0-9a-f]{64}", str(training["companions"]))
    names = ["vgg19_balanced", "vgg19_distilled16x_conv5_1", "squeezenet1_1_fire5", "resnet50_block2"]
    assert hashes == [ROWS[name].sha256 for name in names]


@pytest.mark.skipif(not DATA.is_dir(), reason=f"the shared weights are not at {DATA}")
@pytest.mark.parametrize(
    "name",
    ["vgg19_torchvision_conv3_1", "vgg19_normalised_conv3_1", "vgg19_distilled16x_conv5_1", "squeezenet1_1",
     "resnet50_pruned_int8"],
)  # fmt: skip
def test_the_shared_weights_are_what_their_rows_say(name: str) -> None:
    row, path = ROWS[name], DATA / "weights" / f"{name}.safetensors"
    data = path.read_bytes()
    assert hashlib.sha256(data).hexdigest() == row.sha256
    assert round(len(data) / 2**20, 3) == row.size_mib
    network = load_network(row.network, weights=path)
    assert (network.layers[-1], network.normalisation) == (row.last_layer, row.normalisation)
