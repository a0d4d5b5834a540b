"""Files that only pretend to be styles: each is one line for the person, writes nothing and takes little memory."""

import json
import pickle
import random
import subprocess
import sys
import tracemalloc
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nst_runtime import Stylizer
from nst_runtime.contracts.library import Library
from nst_runtime.contracts.styles import SUFFIX, StyleFile, parse_style, style_bytes
from nst_runtime.contracts.tensors import save_arrays
from nst_runtime.errors import PackError

FAKE_PACK = Path(__file__).parents[1] / "fake_pack"
GOOD = (FAKE_PACK / "styles" / "negative.safetensors").read_bytes()
START = 8 + int.from_bytes(GOOD[:8], "little")
HEAD: dict[str, Any] = json.loads(GOOD[8:START])
BODY = GOOD[START:]
RECORD: dict[str, Any] = json.loads(HEAD["__metadata__"]["nst"])
BIAS = HEAD["bias"]
TEN_GIGABYTES = {"dtype": "F32", "shape": [50_000, 50_000], "data_offsets": [0, 10**10]}
WEIGHT = np.zeros((3, 3, 1, 1), np.float32)


def framed(head: bytes, body: bytes = BODY, length: int | None = None) -> bytes:
    return (len(head) if length is None else length).to_bytes(8, "little") + head + body


def with_head(body: bytes = BODY, **changes: object) -> bytes:
    """Return the good file with entries of its head changed, or with ``...`` taken out."""
    head = {key: value for key, value in {**HEAD, **changes}.items() if value is not ...}
    return framed(json.dumps(head).encode(), body)


def with_bias(**changes: object) -> bytes:
    return with_head(bias={**BIAS, **changes})


def with_text(text: object) -> bytes:
    return with_head(__metadata__={"nst": text})


def with_record(**changes: object) -> bytes:
    return with_text(json.dumps({**RECORD, **changes}))


def with_numbers(dtype: type, value: float, name: str = "bias") -> bytes:
    numbers: npt.NDArray[Any] = np.full(3, value, dtype)
    return save_arrays({"weight": WEIGHT, "bias": np.zeros(3, np.float32), name: numbers}, RECORD)


def with_statistics(mean: npt.NDArray[np.float64], variance: npt.NDArray[np.float64]) -> bytes:
    arrays = {"statistics.norm.mean": mean.astype("f4"), "statistics.norm.variance": variance.astype("f4")}
    return save_arrays(arrays, RECORD)


HOSTILE: dict[str, bytes] = {
    "empty": b"",
    "cut in its length": GOOD[:5],
    "cut in its head": GOOD[:200],
    "cut after its head": GOOD[:START],
    "cut in its numbers": GOOD[:-3],
    "longer than it says": GOOD + bytes(8),
    "length 0": framed(b"", length=0),
    "length of 8 EiB": framed(GOOD[8:START], length=2**63),
    "length of 16 EiB": framed(GOOD[8:START], length=2**64 - 1),
    "length one beyond": framed(GOOD[8:], b"", length=len(GOOD) - 7),
    "length one short": framed(GOOD[8:START], length=START - 9),
    "no JSON": framed(b"{" * 40),
    "not Unicode": framed(b'{"\xff": 1}'),
    "a list": framed(b"[]"),
    "deep": framed(b"[" * 500_000),
    "deep objects": framed(b'{"a":' * 190_000),
    "a name twice": framed(GOOD[8:START].replace(b'"bias"', b'"weight"')),
    "10 GB": with_head(bias=TEN_GIGABYTES),
    "10 GB alone": framed(json.dumps({"__metadata__": HEAD["__metadata__"], "bias": TEN_GIGABYTES}).encode(), b""),
    "more sides than numbers": with_bias(shape=[2**40, 2**40]),
    "no numbers of many sides": with_bias(shape=[0, 2**62, 2**62]),
    "another shape": with_bias(shape=[2]),
    "a negative shape": with_bias(shape=[-3]),
    "a shape of text": with_bias(shape=["3"]),
    "a broken shape": with_bias(shape=[3.5]),
    "offsets beyond": with_bias(data_offsets=[10**6, 10**6 + 12]),
    "offsets reversed": with_bias(data_offsets=BIAS["data_offsets"][::-1]),
    "negative offsets": with_bias(data_offsets=[-12, 0]),
    "one offset": with_bias(data_offsets=[0]),
    "overlapping": with_bias(data_offsets=HEAD["norm.bias"]["data_offsets"]),
    "a hole": with_head(preview=...),
    "unknown numbers": with_bias(dtype="F33"),
    "other numbers than fit": with_bias(dtype="F64"),
    "no entry": with_head(bias=None),
    "NaN": with_numbers(np.float32, np.nan),
    "infinity": with_numbers(np.float32, np.inf),
    "half infinity": with_numbers(np.float16, -np.inf),
    "NaN in what nobody asks for": with_numbers(np.float32, np.nan, "extra"),
    "NaN by a name of two lines": with_numbers(np.float32, np.nan, "a\nb" * 1000),
    "a mean alone": with_numbers(np.float32, 0, "statistics.norm.mean"),
    "a negative variance": with_statistics(np.ones(3), -np.ones(3)),
    "a variance of another size": with_statistics(np.ones(3), np.ones(2)),
    "statistics of two sides": with_statistics(np.ones((3, 1)), np.ones((3, 1))),
    "no metadata": with_head(__metadata__=...),
    "metadata of another": with_head(__metadata__={"format": "pt"}),
    "metadata that is text": with_head(__metadata__="nst"),
    "metadata in objects": with_head(__metadata__={"nst": RECORD}),
    "text that is not JSON": with_text("{"),
    "text that is a list": with_text("[]"),
    "text that is deep": with_text("[" * 400_000),
    "text that is not Unicode": with_text("\ud800"),
    "metadata of 10 MB": with_record(training={"a": "x" * 10_000_000}),
    "name that leaves": with_record(name="../waves"),
    "name with a zero": with_record(name="waves\0"),
    "name of two lines": with_record(name="a\nb"),
    "name of 900 kB": with_record(name="x" * 900_000),
    "another codec's text": with_record(codec_sha256="../.." + "0" * 59),
    "infinite figures": with_text(json.dumps(RECORD).replace("1.0", "1e999")),
    "huge figures": with_record(metrics={"mean": 10**400}),
    "figures of text by a name of two lines": with_record(metrics={"a\nb" * 1000: "x"}),
    "NaN figures": with_text(json.dumps(RECORD).replace("1.0", "NaN")),
    "information of lists": with_record(info={"title": ["x"]}),
    "17 MB": save_arrays({"preview": np.zeros(17_000_000, np.uint8)}, RECORD),
    "somebody's model": save_arrays({"w": np.ones(3, np.float32)}, {"license": "mit"}),
    "a codec": (FAKE_PACK / "codec.safetensors").read_bytes(),
    "a pickle": pickle.dumps({"state_dict": {"bias": [0.0]}}),
    "a graph": (FAKE_PACK / "bank.direct.onnx").read_bytes(),
    "a manifest": (FAKE_PACK / "pack.json").read_bytes(),
}  # fmt: skip
UNFIT: dict[str, tuple[bytes, str]] = {
    "a number less": (with_bias(shape=[1, 3]), "its bias is 1×3, not 3"),
    "a tensor less": (
        save_arrays({"weight": WEIGHT}, RECORD),
        "its bias is missing, not 3",
    ),
    "whole numbers": (with_numbers(np.int32, 1), "its bias is missing, not 3"),
    "doubles": (with_numbers(np.float64, 1), "its bias is missing, not 3"),
}


def check(error: PackError, path: Path) -> None:
    """Check that `error` is a line that names `path`, with something to do."""
    assert str(path) in error.message
    assert error.hint
    assert str(error).isprintable()
    assert len(str(error)) < 600


@pytest.mark.parametrize("name", HOSTILE)
def test_every_way_to_it_is_one_line(
    name: str, tmp_path: Path, library: Library, stylizer: Stylizer, photo: npt.NDArray[np.uint8]
) -> None:
    path = tmp_path / f"x{SUFFIX}"
    path.write_bytes(HOSTILE[name])
    ways: list[Callable[[], object]] = [
        lambda: library.read(path),
        lambda: library.add(path),
        lambda: library.add(path, "fine"),
        lambda: stylizer.stylize(photo, str(path)),
    ]
    for way in ways:
        with pytest.raises(PackError) as caught:
            way()
        check(caught.value, path)
    assert list(tmp_path.iterdir()) == [path]


@pytest.mark.parametrize("name", UNFIT)
def test_styles_of_another_shape(
    name: str, tmp_path: Path, library: Library, stylizer: Stylizer, photo: npt.NDArray[np.uint8]
) -> None:
    data, message = UNFIT[name]
    path = tmp_path / f"x{SUFFIX}"
    path.write_bytes(data)
    mixed = {"negative": 0.5, str(path): 0.5}
    for way in (lambda: library.add(path), lambda: stylizer.stylize(photo, path), lambda: stylizer.network.bank(mixed)):
        with pytest.raises(PackError, match=message) as caught:
            way()
        check(caught.value, path)
    assert not library.own.exists()


def test_what_it_holds_besides_is_left_out(photo: npt.NDArray[np.uint8], stylizer: Stylizer, tmp_path: Path) -> None:
    style = parse_style(GOOD, "x")
    more: dict[str, npt.NDArray[Any]] = {"extra": np.ones(4, np.float32), "whole": np.arange(3)}
    more |= {"flag": np.array([True]), "double": np.ones(2)}
    path = tmp_path / f"x{SUFFIX}"
    path.write_bytes(save_arrays({**style.tensors, **more}, RECORD))
    np.testing.assert_array_equal(stylizer.stylize(photo, path), stylizer.stylize(photo, "negative"))
    mixed = stylizer.stylize(photo, {str(path): 0.5, "negative": 0.5})
    np.testing.assert_array_equal(mixed, stylizer.stylize(photo, "negative"))


@pytest.mark.parametrize(
    "name", ["10 GB", "10 GB alone", "length of 8 EiB", "deep", "deep objects", "metadata of 10 MB"]
)
def test_memory_is_a_matter_of_the_file_s_size(name: str) -> None:
    data = HOSTILE[name]
    tracemalloc.start()
    try:
        with pytest.raises(PackError):
            parse_style(data, "x")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 8_000_000 + 4 * len(data)


def test_a_good_file_takes_four_times_its_size() -> None:
    numbers = np.random.default_rng(0).integers(-999, 999, 3_000_000).astype(np.float32)
    data = style_bytes(StyleFile(parse_style(GOOD, "x").record, {"w": numbers}))
    assert len(data) < 6_010_000
    tracemalloc.start()
    try:
        parse_style(data, "x")
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    assert peak < 4 * len(data)


def test_with_little_memory_10_gb_are_still_one_line(tmp_path: Path) -> None:
    """Also what safetensors itself would take counts here."""
    pytest.importorskip("resource")
    for number, name in enumerate(("10 GB", "10 GB alone", "more sides than numbers", "length of 8 EiB")):
        (tmp_path / f"{number}{SUFFIX}").write_bytes(HOSTILE[name])
    code = f"""
import resource
from pathlib import Path
import safetensors.numpy
from nst_runtime import PackError, read_style
pages = int(Path("/proc/self/statm").read_text().split()[0])
resource.setrlimit(resource.RLIMIT_AS, (pages * resource.getpagesize() + 50_000_000,) * 2)
for path in sorted(Path({str(tmp_path)!r}).iterdir()):
    try:
        read_style(path)
    except PackError:
        print("refused")
"""
    if not Path("/proc/self/statm").exists():
        pytest.skip("needs /proc")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.stdout, done.stderr) == ("refused\n" * 4, "")


def test_a_cut_at_any_byte_is_an_error() -> None:
    for length in range(len(GOOD)):
        with pytest.raises(PackError):
            parse_style(GOOD[:length], "x")


@settings(deadline=None, max_examples=400)
@given(st.integers(0, 2**32))
def test_changed_bytes_give_a_style_or_an_error(seed: int) -> None:
    """Nothing but PackError comes of them, and no number that is not finite."""
    chance = random.Random(seed)
    data = bytearray(GOOD)
    for _ in range(chance.randint(1, 4)):
        data[chance.randrange(len(data))] = chance.choice([0, 34, 44, 48, 57, 92, 123, 125, 255, chance.randrange(256)])
    try:
        style = parse_style(bytes(data), "x")
    except PackError:
        return
    assert all(np.isfinite(array).all() for array in style.tensors.values())
