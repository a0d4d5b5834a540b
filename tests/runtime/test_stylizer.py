import dataclasses
import importlib.util
import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from types import ModuleType

import numpy as np
import numpy.typing as npt
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nst_runtime import Stylizer
from nst_runtime.contracts.files import sha256_of_bytes
from nst_runtime.contracts.packs import DEFAULT_PACK, GraphFile, PackManifest, read_pack, write_manifest
from nst_runtime.errors import ImageError, NstError, PackError
from nst_runtime.inference import sessions as graphs
from nst_runtime.inference import stylizer as stylizer_module

Pixels = npt.NDArray[np.uint8]


def in_blocks(rgb: Pixels, colours: Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]) -> Pixels:
    """What the fake pack must make of `rgb`: `colours` of the mean of every 4×4 block, the borders mirrored."""
    height, width = rgb.shape[:2]
    padded = np.pad(rgb / 255, ((0, -height % 4), (0, -width % 4), (0, 0)), mode="reflect")
    rows, columns = padded.shape[0] // 4, padded.shape[1] // 4
    means = padded.reshape(rows, 4, columns, 4, 3).mean((1, 3))
    large = colours(means).repeat(4, 0).repeat(4, 1)[:height, :width]
    return np.floor(large.clip(0, 1) * 255 + 0.5).astype(np.uint8)


STYLES: dict[str, Callable[[npt.NDArray[np.float64]], npt.NDArray[np.float64]]] = {
    "plain": lambda c: c,
    "negative": lambda c: 1 - c,
    "swapped": lambda c: c[..., ::-1],
}


def largest_difference(a: Pixels, b: Pixels) -> int:
    return int(np.abs(a.astype(int) - b).max())


@pytest.mark.parametrize("style", STYLES)
def test_each_style_does_what_it_should(stylizer: Stylizer, photo: Pixels, style: str) -> None:
    stylised = stylizer.stylize(photo, style)
    assert stylised.dtype == np.uint8
    assert stylised.shape == photo.shape
    assert largest_difference(stylised, in_blocks(photo, STYLES[style])) <= 1
    assert np.mean(stylised != in_blocks(photo, STYLES[style])) < 0.05  # ties at half a level may fall either way


@settings(deadline=None, max_examples=40)
@given(st.integers(16, 45), st.integers(16, 45))
def test_any_size(stylizer: Stylizer, height: int, width: int) -> None:
    rgb = np.random.default_rng(height * 64 + width).integers(0, 256, (height, width, 3), dtype=np.uint8)
    assert largest_difference(stylizer.stylize(rgb, "negative"), in_blocks(rgb, STYLES["negative"])) <= 1


@pytest.mark.parametrize("shape", [(16, 4000, 3), (4000, 17, 3), (16, 16, 3)])
def test_extreme_shapes(stylizer: Stylizer, shape: tuple[int, int, int]) -> None:
    rgb = np.random.default_rng(0).integers(0, 256, shape, dtype=np.uint8)
    assert largest_difference(stylizer.stylize(rgb, "plain"), in_blocks(rgb, STYLES["plain"])) <= 1


def test_views_and_read_only_arrays(stylizer: Stylizer, photo: Pixels) -> None:
    view = photo[::-1, ::2]
    view.flags.writeable = False
    before = photo.copy()
    assert largest_difference(stylizer.stylize(view, "plain"), in_blocks(view, STYLES["plain"])) <= 1
    np.testing.assert_array_equal(photo, before)


@pytest.mark.parametrize("shape", [(15, 16, 3), (16, 15, 3), (1, 4000, 3)])
def test_too_small(stylizer: Stylizer, shape: tuple[int, int, int]) -> None:
    with pytest.raises(ImageError, match=rf"{shape[1]}×{shape[0]} pixels is too small; both sides need at least 16"):
        stylizer.stylize(np.zeros(shape, np.uint8), "plain")


def test_programming_faults(stylizer: Stylizer, fake_pack: Path) -> None:
    with pytest.raises(TypeError, match="uint8, got float32"):
        stylizer.stylize(np.zeros((16, 16, 3), np.float32), "plain")
    with pytest.raises(TypeError, match="got str"):
        stylizer.stylize("photo.jpg", "plain")  # type: ignore[arg-type]
    for shape in ((16, 16), (16, 16, 4), (1, 16, 16, 3)):
        with pytest.raises(ValueError, match="expected an array H×W×3"):
            stylizer.stylize(np.zeros(shape, np.uint8), "plain")
    with pytest.raises(ValueError, match="threads must be at least 1 or None, got 0"):
        Stylizer.load(fake_pack, threads=0)


def test_a_swap_loads_a_bank_once_and_the_codec_never_again(
    fake_pack: Path, photo: Pixels, monkeypatch: pytest.MonkeyPatch
) -> None:
    opened: list[str] = []

    def count(part: str, *arguments: object, **options: object) -> object:
        opened.append(part)
        return graphs.open_graph(part, *arguments, **options)  # type: ignore[arg-type]

    monkeypatch.setattr(stylizer_module, "open_graph", count)
    stylizer = Stylizer.load(str(fake_pack), threads=1)
    assert opened == ["encoder", "decoder"]
    for style in ("plain", "negative", "plain", "negative", "plain"):
        stylizer.stylize(photo, style)
    assert opened == ["encoder", "decoder", "bank", "bank"]


def test_threads_share_a_stylizer(fake_pack: Path, photo: Pixels) -> None:
    stylizer = Stylizer.load(fake_pack, threads=2)
    start = threading.Barrier(8)

    def work(index: int) -> int:
        start.wait()
        style = list(STYLES)[index % 3]
        return max(
            largest_difference(stylizer.stylize(photo, style), in_blocks(photo, STYLES[style])) for _ in range(10)
        )

    with ThreadPoolExecutor(8) as pool:
        assert max(pool.map(work, range(8))) <= 1


def test_threads_that_want_the_same_bank_load_it_once(fake_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    stylizer = Stylizer.load(fake_pack, threads=1)
    loads: list[str] = []

    def open_slowly(_: Stylizer, style: str) -> object:
        loads.append(style)
        time.sleep(0.05)
        return object()

    monkeypatch.setattr(Stylizer, "open_bank", open_slowly)
    with ThreadPoolExecutor(4) as pool:
        banks = set(pool.map(stylizer.bank, ["plain"] * 4))
    assert loads == ["plain"]
    assert len(banks) == 1


def test_styles_tell_about_themselves(stylizer: Stylizer) -> None:
    assert [(style.name, style.title) for style in stylizer.styles] == [
        ("negative", "Fake negative"),
        ("plain", "Fake plain"),
        ("swapped", "Fake swapped"),
    ]


def put_bank(folder: Path, data: bytes, style: str = "plain", codec_sha256: str | None = None) -> None:
    """Put `data` in place of a style's bank and make the manifest agree, as someone with ill will would."""
    manifest = read_pack(folder).manifest
    name = f"banks/{style}.onnx"
    (folder / name).write_bytes(data)
    entry = GraphFile(name, sha256_of_bytes(data), len(data))
    styles = [
        dataclasses.replace(s, bank=entry, codec_sha256=codec_sha256 or s.codec_sha256) if s.name == style else s
        for s in manifest.styles
    ]
    write_manifest(folder, PackManifest(manifest.name, manifest.codec, tuple(styles)))


def test_a_bank_of_another_codec_is_refused_and_spoils_no_other(pack_copy: Path, photo: Pixels) -> None:
    put_bank(pack_copy, (pack_copy / "banks/plain.onnx").read_bytes(), codec_sha256="ab" * 32)
    stylizer = Stylizer.load(pack_copy, 1)
    with pytest.raises(PackError, match=r"plain\.onnx was trained for codec abababababab, the codec of .* is a9fc0cd0"):
        stylizer.stylize(photo, "plain")
    assert stylizer.stylize(photo, "negative").shape == photo.shape


def test_a_bank_s_own_metadata_is_believed_before_the_manifest(pack_copy: Path, photo: Pixels) -> None:
    put_bank(pack_copy, (pack_copy / "banks/negative.onnx").read_bytes())
    with pytest.raises(PackError, match=r"does not belong here: its nst\.style is 'negative', not 'plain'"):
        Stylizer.load(pack_copy, 1).stylize(photo, "plain")
    put_bank(pack_copy, (pack_copy / "encoder.onnx").read_bytes())
    with pytest.raises(PackError, match=r"its nst\.part is 'encoder', not 'bank'"):
        Stylizer.load(pack_copy, 1).stylize(photo, "plain")


def load_maker() -> ModuleType:
    pytest.importorskip("onnx")
    path = Path(__file__).parent / "make_fake_pack.py"
    spec = importlib.util.spec_from_file_location("make_fake_pack", path)
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_a_foreign_bank_under_a_matching_manifest(pack_copy: Path, photo: Pixels) -> None:
    put_bank(pack_copy, load_maker().bank_bytes("plain", codec_sha256="cd" * 32))
    with pytest.raises(PackError, match=r"its nst\.codec_sha256 is cdcdcdcdcdcd, not a9fc0cd00cec"):
        Stylizer.load(pack_copy, 1).stylize(photo, "plain")


@pytest.mark.parametrize("data", [b"x", b"\x08\x08", b"\0" * 100])
def test_banks_that_are_no_graphs(pack_copy: Path, photo: Pixels, data: bytes) -> None:
    put_bank(pack_copy, data)
    with pytest.raises(PackError, match=r"no graph that onnxruntime can run|does not belong here") as caught:
        Stylizer.load(pack_copy, 1).stylize(photo, "plain")
    assert "\n" not in str(caught.value)


def test_graphs_with_other_inputs(pack_copy: Path) -> None:
    data = (pack_copy / "decoder.onnx").read_bytes()
    with pytest.raises(PackError, match=r"inputs and outputs features .* -> image .*; expected image -> features"):
        graphs.open_graph("encoder", data, {}, where="x.onnx", threads=1)


def test_a_provider_that_falls_back_is_refused(fake_pack: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(graphs, "PROVIDER", "CUDAExecutionProvider")
    with pytest.raises(NstError, match=r"encoder\.onnx .*CUDAExecutionProvider"), pytest.warns(UserWarning):
        Stylizer.load(fake_pack)


def test_memory_that_runs_out_is_a_matter_of_size(stylizer: Stylizer) -> None:
    huge = np.lib.stride_tricks.as_strided(np.zeros(1, np.float32), (1, 32, 400_000, 400_000), (0, 0, 0, 0))
    with pytest.raises(NstError, match="not enough memory for a picture of this size"):
        stylizer.decoder(huge)


def test_the_default_pack_is_inside_the_package(photo: Pixels) -> None:
    assert DEFAULT_PACK.parent == Path(stylizer_module.__file__).parent
    if not DEFAULT_PACK.is_dir():
        with pytest.raises(PackError, match="no default pack; give one with --pack DIR"):
            Stylizer.load()
        pytest.skip("the default pack is not in this checkout")
    stylizer = Stylizer.load()
    results = {style.name: stylizer.stylize(photo, style.name) for style in stylizer.styles}
    assert all(result.shape == photo.shape and result.std() > 5 for result in results.values())
    pictures = [result.tobytes() for result in results.values()]
    assert len(set(pictures)) == len(pictures) >= 4
