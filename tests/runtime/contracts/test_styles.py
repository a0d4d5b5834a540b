"""Style files: numbers that come back as they were."""

import json
import math
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nst_runtime.contracts.catalogue import StyleInfo
from nst_runtime.contracts.styles import (
    STYLE_LIMIT_BYTES,
    Statistics,
    StyleFile,
    StyleRecord,
    parse_style,
    read_record,
    read_style,
    style_bytes,
    write_style,
)
from nst_runtime.errors import PackError

HASH = "0123456789abcdef" * 4
RECORD = StyleRecord(
    "waves",
    HASH,
    "unet",
    StyleInfo("Große Welle", "Hokusai", "c. 1831", "public domain"),
    recipe="default",
    metrics={"mean": 0.25},
    training={"steps": 3, "layers": "relu1_1", "nested": {"a": [1, None, True]}},
)
TENSORS = {
    "half": np.array([[0.5, -1.25], [65504, -0.0]], np.float32),  # what float16 can hold, its largest number too,
    "least": np.array([2**-24, -(2**-14)], np.float32),  # and its smallest
    "single": np.array([0.1, 0.5], np.float32),
    "large": np.array([65536], np.float32),
    "fine": np.array([2**-25], np.float32),
    "number": np.array(0.75, np.float32),
    "turned": np.arange(6, dtype=np.float32).reshape(2, 3).T,
}
STATISTICS = {
    "a.norm": Statistics(np.array([0.1, 0], np.float32), np.array([1, 0], np.float32)),
    "mean": Statistics(np.array([3], np.float32), np.array([0.3], np.float32)),
}
STYLE = StyleFile(RECORD, TENSORS, STATISTICS, b"\x00picture\xff")


def head_of(data: bytes) -> dict[str, Any]:
    head: dict[str, Any] = json.loads(data[8 : 8 + int.from_bytes(data[:8], "little")])
    return head


def bits(arrays: Any) -> dict[str, tuple[tuple[int, ...], bytes]]:  # noqa: ANN401
    return {name: (array.shape, array.astype("<f4").tobytes()) for name, array in arrays.items()}


def test_a_style_comes_back_bit_for_bit(tmp_path: Path) -> None:
    write_style(tmp_path / "waves.safetensors", STYLE)
    found = read_style(tmp_path / "waves.safetensors")
    assert found.record == RECORD == read_record(tmp_path / "waves.safetensors")
    assert found.preview == STYLE.preview
    assert bits(found.tensors) == bits(TENSORS)
    assert {array.dtype for array in found.tensors.values()} == {np.dtype(np.float32)}
    for letter in ("mean", "variance"):
        assert bits({name: getattr(s, letter) for name, s in found.statistics.items()}) == bits(
            {name: getattr(s, letter) for name, s in STATISTICS.items()}
        )


def test_float16_where_that_is_exact_alone() -> None:
    kinds = {name: entry["dtype"] for name, entry in head_of(style_bytes(STYLE)).items() if name != "__metadata__"}
    assert {name for name, kind in kinds.items() if kind == "F16"} == {"half", "least", "number", "turned"}
    assert {name for name, kind in kinds.items() if kind == "F32"} == {
        "single",
        "large",
        "fine",
        *(f"statistics.{norm}.{letter}" for norm in STATISTICS for letter in ("mean", "variance")),
    }
    assert kinds["preview"] == "U8"


def test_the_same_style_gives_the_same_bytes() -> None:
    turned = replace(
        STYLE,
        tensors=dict(reversed(TENSORS.items())),
        statistics=dict(reversed(STATISTICS.items())),
        record=replace(RECORD, training=dict(reversed(list(RECORD.training.items())))),
    )
    assert style_bytes(turned) == style_bytes(STYLE)


def test_a_style_may_have_numbers_alone() -> None:
    bare = StyleFile(StyleRecord("waves", HASH, "unet"), {"w": np.ones(1, np.float32)})
    found = parse_style(style_bytes(bare), "x")
    assert (found.record, found.preview, found.statistics) == (bare.record, b"", {})
    assert found.record.info == StyleInfo("", "", "", "")


finite = st.floats(allow_nan=False, allow_infinity=False)
text = st.text(max_size=30)
numbers = st.lists(st.floats(allow_nan=False, allow_infinity=False, width=32), min_size=1, max_size=9)
arrays = numbers.map(lambda values: np.array(values, np.float32))
records = st.builds(
    StyleRecord,
    st.from_regex(r"[a-z0-9][a-z0-9_-]{0,63}", fullmatch=True),
    st.text("0123456789abcdef", min_size=64, max_size=64),
    text,
    st.builds(StyleInfo, text, text, text, text),
    recipe=text,
    metrics=st.dictionaries(text, finite, max_size=3),
    training=st.dictionaries(text, st.none() | st.booleans() | st.integers() | finite | text, max_size=3),
)


@settings(deadline=None, max_examples=60)
@given(records, st.dictionaries(st.text("abc.0", min_size=1), arrays, max_size=4), st.binary(max_size=20))
def test_any_style_comes_back(record: StyleRecord, tensors: dict[str, Any], preview: bytes) -> None:
    found = parse_style(style_bytes(StyleFile(record, tensors, preview=preview)), "x")
    assert (found.record, found.preview, bits(found.tensors)) == (record, preview, bits(tensors))


@pytest.mark.parametrize(
    ("field", "value", "message"),
    [
        ("name", "../waves", "'../waves' is not a valid style name"),
        ("codec_sha256", "ab", "'ab' is not a sha256 in hex"),
        ("metrics", {"mean": math.nan}, "metrics must be finite"),
        ("metrics", {"mean": -math.inf}, "metrics must be finite"),
    ],
)
def test_records_that_cannot_be(field: str, value: Any, message: str) -> None:  # noqa: ANN401
    with pytest.raises(ValueError, match=message.replace(".", r"\.")):
        replace(RECORD, **{field: value})


def test_the_record_is_read_from_the_head_alone(tmp_path: Path) -> None:
    data = style_bytes(STYLE)
    head = 8 + int.from_bytes(data[:8], "little")
    (tmp_path / "x.safetensors").write_bytes(data[:head])
    assert read_record(tmp_path / "x.safetensors") == RECORD
    with pytest.raises(PackError, match=r"x\.safetensors is damaged"):
        read_style(tmp_path / "x.safetensors")


def test_the_largest_file_is_read_and_a_larger_one_is_not(tmp_path: Path) -> None:
    room = STYLE_LIMIT_BYTES - len(style_bytes(replace(STYLE, preview=bytes(10_000_000)))) + 10_000_000
    for preview, fits in ((bytes(room), True), (bytes(room + 1), False)):
        path = tmp_path / "x.safetensors"
        write_style(path, replace(STYLE, preview=preview))
        assert (path.stat().st_size <= STYLE_LIMIT_BYTES) == fits
        if fits:
            assert len(read_style(path).preview) == room
        else:
            with pytest.raises(PackError, match="is larger than 16000000 bytes"):
                read_style(path)


def test_missing_files_and_folders(tmp_path: Path) -> None:
    for read in (read_style, read_record):
        with pytest.raises(PackError, match=r"no file .*x\.safetensors; check its path"):
            read(tmp_path / "x.safetensors")
        with pytest.raises(PackError, match="Is a directory"):
            read(tmp_path)
