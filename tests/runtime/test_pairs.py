import dataclasses
import json
import math
from pathlib import Path
from typing import Any

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from nst_runtime.contracts.pairs import Losses, Network, Pair, PairManifest, StyleSource, read_pairs, write_pairs
from nst_runtime.errors import NstError

HASH = "0123456789abcdef" * 4
LOSSES = Losses(initial=10.0, final=2.0, content=0.5, style=1.5)
PAIR = Pair("a", "a.jpg", HASH, "content/a.png", HASH, "target/a.png", HASH, 3, LOSSES)
MANIFEST = PairManifest(
    StyleSource("waves", "wave.jpg", HASH, "The Great Wave"),
    {"size": 256, "layers": ["relu1_1"], "network": {"name": "random"}, "weights": None},
    HASH,
    Network("random", None),
    (PAIR, dataclasses.replace(PAIR, id="b", seed=2**40)),
)

finite = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(max_size=20)
hashes = st.text("0123456789abcdef", min_size=64, max_size=64)
json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**53), 2**53) | finite | text,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(text, inner, max_size=3),
    max_leaves=8,
)
pairs = st.builds(
    Pair,
    id=text,
    source=text,
    source_sha256=hashes,
    content=st.just("content/x.png"),
    content_sha256=hashes,
    target=st.just("target/x.png"),
    target_sha256=hashes,
    seed=st.integers(),
    losses=st.builds(Losses, finite, finite, finite, finite),
)
manifests = st.builds(
    PairManifest,
    style=st.builds(StyleSource, st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True), text, hashes, text),
    settings=st.dictionaries(text, json_values, max_size=4),
    settings_sha256=hashes,
    network=st.builds(Network, text, st.none() | hashes),
    pairs=st.lists(pairs, max_size=3, unique_by=lambda pair: pair.id).map(tuple),
)


@settings(deadline=None, max_examples=50, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(manifests)
def test_any_manifest_comes_back(tmp_path: Path, manifest: PairManifest) -> None:
    write_pairs(tmp_path, manifest)
    assert read_pairs(tmp_path) == manifest


def test_the_file_is_as_agreed(tmp_path: Path) -> None:
    write_pairs(tmp_path, MANIFEST)
    content = json.loads((tmp_path / "pairs.json").read_text())
    assert list(content)[:2] == ["format", "format_version"]
    assert (content["format"], content["format_version"]) == ("nst-pairs", 1)
    assert content["network"] == {"name": "random", "weights_sha256": None}
    assert content["pairs"][1] == {
        "id": "b",
        "source": "a.jpg",
        "source_sha256": HASH,
        "content": "content/a.png",
        "content_sha256": HASH,
        "target": "target/a.png",
        "target_sha256": HASH,
        "seed": 2**40,
        "losses": {"initial": 10.0, "final": 2.0, "content": 0.5, "style": 1.5},
    }


@pytest.mark.parametrize(
    ("path", "value", "message"),
    [
        (("format",), "nst-style-pack", "is not a manifest of pairs"),
        (("format_version",), 2, "is of the newer format 2; this version reads 1; upgrade"),
        (("style", "name"), "Waves", "style: 'Waves' is not a valid style name"),
        (("style", "sha256"), HASH[:-1], "is not a sha256"),
        (("pairs", 0, "content"), "../../secret.png", r"pairs\[0\]: '../../secret.png' is not a path inside"),
        (("pairs", 0, "target"), "/secret.png", "is not a path inside"),
        (("pairs", 1, "id"), "a", "an id comes twice"),
        (("pairs", 0, "seed"), 1.5, r"pairs\[0\]\.seed must be a whole number"),
        (("pairs", 0, "losses"), {}, r"pairs\[0\]\.losses\.content is missing"),
        (("network", "weights_sha256"), "x", "network: 'x' is not a sha256"),
    ],
)
def test_what_is_refused(tmp_path: Path, path: tuple[str | int, ...], value: object, message: str) -> None:
    write_pairs(tmp_path, MANIFEST)
    content: Any = json.loads((tmp_path / "pairs.json").read_text())
    place = content
    for step in path[:-1]:
        place = place[step]
    place[path[-1]] = value
    (tmp_path / "pairs.json").write_text(json.dumps(content))
    with pytest.raises(NstError, match=message):
        read_pairs(tmp_path)


def test_missing_and_cut_off(tmp_path: Path) -> None:
    with pytest.raises(NstError, match=r"no pairs in .*; make them with nst-teacher generate"):
        read_pairs(tmp_path)
    write_pairs(tmp_path, MANIFEST)
    data = (tmp_path / "pairs.json").read_bytes()
    (tmp_path / "pairs.json").write_bytes(data[:-20])
    with pytest.raises(NstError, match="not valid JSON"):
        read_pairs(tmp_path)


@pytest.mark.parametrize("value", [math.nan, math.inf])
def test_losses_are_finite(value: float) -> None:
    with pytest.raises(ValueError, match="finite"):
        Losses(1.0, value, 0.0, 0.0)
