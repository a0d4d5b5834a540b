"""Weights files found by their registered names."""

import hashlib
from pathlib import Path

import pytest

from nst_features.known_weights import DOWNLOADS, KNOWN, KnownWeights
from nst_features.networks import load_network
from nst_features.weights_folder import find_name, find_registered, find_weights, own_weights_folder
from nst_runtime.errors import NstError


def row_of(content: bytes, digits: int = 64) -> KnownWeights:
    sha256 = hashlib.sha256(content).hexdigest()[:digits]
    return KnownWeights("mine", "vgg19", "relu3_1", sha256, "torchvision", 0.1, "MIT", "a test", made="by hand")


def test_a_file_is_what_it_is_even_where_a_name_is_registered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    Path("vgg19_balanced").write_bytes(b"my own")
    assert find_weights(Path("vgg19_balanced")) == Path("vgg19_balanced")
    with pytest.raises(
        NstError, match=r"the weights squeezenet1_1 are not in one, two; make it and put it into one as sq"
    ):
        find_weights(Path("squeezenet1_1"), [Path("one"), Path("two")])


def test_what_nobody_knows_is_refused_with_the_nearest_name(tmp_path: Path) -> None:
    with pytest.raises(NstError) as caught:
        find_weights(Path("vgg19_ballanced.safetensors"), [tmp_path])
    assert caught.value.message == "no weights file vgg19_ballanced.safetensors and no registered weights of that name"
    assert caught.value.hint == "did you mean vgg19_balanced? nst-features list shows them all"
    with pytest.raises(NstError) as caught:
        find_weights(Path("zzz"), [tmp_path])
    assert caught.value.hint == "nst-features list shows them all"
    with pytest.raises(NstError, match=r"^no weights file \S+/vgg19_balanced; check the path"):  # it says where
        find_weights(tmp_path / "vgg19_balanced", [tmp_path])
    (tmp_path / "resnet50").mkdir()
    with pytest.raises(NstError, match="no weights file resnet50 and no registered weights of that name; did you mean"):
        find_weights(Path("resnet50"), [tmp_path])


def test_a_name_whose_file_is_not_there_says_how_to_get_it(tmp_path: Path) -> None:
    with pytest.raises(NstError) as caught:
        find_weights(Path("vgg19_torchvision"), [tmp_path])
    assert caught.value.message == f"the weights vgg19_torchvision are not in {tmp_path}"
    assert caught.value.hint == "nst-features fetch vgg19_torchvision"
    with pytest.raises(NstError) as caught:
        find_weights(Path("vgg19_balanced"), [tmp_path])
    assert caught.value.hint == (
        f"make it and put it into {tmp_path} as vgg19_balanced.safetensors: "
        "python assets/balance_vgg.py vgg19_normalised_conv3_1 vgg19_balanced.safetensors"
    )


@pytest.mark.parametrize("digits", [8, 64])
def test_the_first_folder_that_has_the_file_counts_and_its_hash_must_be_right(tmp_path: Path, digits: int) -> None:
    row = row_of(b"sound", digits)
    first, second = tmp_path / "first", tmp_path / "second"
    second.mkdir()
    assert find_registered(row, [first, second]) is None
    (second / "mine.safetensors").write_bytes(b"sound")
    assert find_registered(row, [first, second]) == second / "mine.safetensors"
    first.mkdir()
    (first / "mine.safetensors").write_bytes(b"another")
    with pytest.raises(NstError) as caught:
        find_registered(row, [first, second])
    assert caught.value.message == (
        f"{first / 'mine.safetensors'} is not mine: its sha256 does not begin with {row.sha256[:16]}"
    )
    assert caught.value.hint.startswith("remove it, or give its path to use it as it is; to get mine: make it and put")


def test_names_are_exact() -> None:
    assert find_name("vgg19_balanced").sha256.startswith("a1173c70")
    assert find_name("mine", [*KNOWN, row_of(b"")]).license == "MIT"
    with pytest.raises(NstError, match="no weights file VGG19_BALANCED and no registered"):
        find_name("VGG19_BALANCED")


def test_the_environment_moves_the_folder(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path))
    assert own_weights_folder() == tmp_path
    monkeypatch.delenv("NST_WEIGHTS")
    assert own_weights_folder().parts[-2:] == ("nst-stylebank", "weights")


def test_networks_take_names_and_find_torchvisions_files_in_the_folder(
    tiny_vgg: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    content = tiny_vgg.read_bytes()
    row = row_of(content)
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path))
    monkeypatch.setitem(DOWNLOADS, "vgg19", row)
    (tmp_path / "mine.safetensors").write_bytes(content)
    assert load_network("vgg19").source == str(tmp_path / "mine.safetensors")
    (tmp_path / "mine.safetensors").write_bytes(content + b" ")
    with pytest.raises(NstError, match="is not mine: its sha256"):
        load_network("vgg19")
    with pytest.raises(NstError, match=f"the weights vgg19_balanced are not in {tmp_path}"):
        load_network("vgg19", weights=Path("vgg19_balanced"))
