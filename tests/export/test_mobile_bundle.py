"""A bundle for apps, written once and read in all ways: it holds what it says, and gives the runtime's pixels."""

from collections.abc import Iterator
from pathlib import Path

import onnx
import pytest

from nst_export.bundles.folder import MANIFEST
from nst_export.bundles.manifest import Bundle, Model, read_bundle
from nst_export.bundles.measuring import largest_difference, psnr_db
from nst_export.bundles.names import Precision
from nst_export.bundles.order import Order
from nst_export.bundles.precision import LEAST_PSNR_DB
from nst_export.bundles.targets import TARGETS
from nst_export.bundles.writing import write_mobile_bundle
from nst_runtime.contracts.files import sha256_of_bytes
from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.sessions import Session, load_onnxruntime
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Pixels, from_network, to_network
from nst_runtime.pictures.read import read_picture

STYLES = ("waves", "grid")  # grid is the one that 8 bits change most
WIDTH, HEIGHT = 150, 98  # padded by 2 columns and 6 rows
ALL: tuple[Precision, ...] = ("fp32", "fp16", "int8")


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer(Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE), RunSettings("cpu", 1))


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory, stylizer: Stylizer) -> Path:
    out = tmp_path_factory.mktemp("mobile") / "bundle"
    order = Order(STYLES, ((WIDTH, HEIGHT),), tuple(TARGETS), ALL)
    assert len(list(write_mobile_bundle(stylizer, order, out))) == 24
    return out


@pytest.fixture(scope="module")
def bundle(folder: Path) -> Bundle:
    return read_bundle(folder)


def _pictures(folder: Path, bundle: Bundle, model: Model) -> Iterator[tuple[Pixels, Pixels]]:
    """Yield each reference picture and what is expected of `model`."""
    for reference in bundle.references:
        (expected,) = (e for e in reference.expected if (e.style, e.form) == (model.style, model.form))
        yield read_picture(folder / reference.picture).rgb, read_picture(folder / expected.file).rgb


def _run(data: bytes, picture: Pixels) -> Pixels:
    session = Session(data, {}, RunSettings("cpu", 1), "a graph of the bundle")
    (made,) = session.run({"image": to_network(picture, 8)}, ["stylized"])
    return from_network(made, HEIGHT, WIDTH)


def test_it_lists_all_its_files_with_sizes_and_hashes(folder: Path, bundle: Bundle) -> None:
    there = {path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()}
    assert there == {file.file for file in bundle.files} | {MANIFEST}
    for file in bundle.files:
        data = (folder / file.file).read_bytes()
        assert (len(data), sha256_of_bytes(data)) == (file.size_bytes, file.sha256)
    named = {name for model in bundle.models for name in (model.onnx, model.ort) if name}
    named |= {r.picture for r in bundle.references} | {e.file for r in bundle.references for e in r.expected}
    assert named <= there
    assert {"README.md", "apps/android/StyleFilter.kt", "apps/ios/StyleFilter.swift", "apps/cpp/stylize.cpp"} <= there


def test_it_says_how_to_feed_a_picture(bundle: Bundle, stylizer: Stylizer) -> None:
    (size,) = bundle.sizes
    assert (size.width, size.height, size.padding_right, size.padding_bottom) == (WIDTH, HEIGHT, 2, 6)
    assert size.input.shape == size.output.shape == (1, 3, 104, 152)
    assert (size.input.range, size.padding) == ((0.0, 1.0), "reflect")
    assert bundle.codec_sha256 == stylizer.pack.manifest.codec.sha256
    assert {style.name: style.info.artist for style in bundle.styles} == {
        "waves": "Katsushika Hokusai",
        "grid": stylizer.library.find("grid").record().info.artist,
    }


def test_fp32_graphs_give_the_runtimes_pixels(folder: Path, bundle: Bundle, stylizer: Stylizer) -> None:
    """And what is expected in the direct form is what `stylize` makes of the picture in the bundle."""
    models = [model for model in bundle.models if model.precision == "fp32"]
    assert len(models) == 10
    for model in models:
        for picture, expected in _pictures(folder, bundle, model):
            assert largest_difference(_run((folder / model.onnx).read_bytes(), picture), expected) <= 1, model
            if model.form == "direct":
                assert largest_difference(stylizer.stylize(picture, model.style), expected) <= 1


def test_fewer_bits_stay_above_the_bound_and_what_is_written_is_true(folder: Path, bundle: Bundle) -> None:
    for model in bundle.models:
        pairs = [
            (_run((folder / model.onnx).read_bytes(), p), wanted) for p, wanted in _pictures(folder, bundle, model)
        ]
        worst = min(psnr_db(made, wanted) or 99 for made, wanted in pairs)
        assert worst == pytest.approx(model.measured.psnr_db, abs=0.051), model
        assert worst >= LEAST_PSNR_DB[model.precision]
        assert model.measured.max_difference == max(largest_difference(*pair) for pair in pairs)
        assert model.size_bytes == (folder / model.onnx).stat().st_size
        assert model.measured.milliseconds > 0
    by_precision = {p: max(m.size_bytes for m in bundle.models if m.precision == p) for p in ALL}
    assert by_precision["int8"] < 125_000 < by_precision["fp16"] < 170_000 < by_precision["fp32"] < 325_000


def test_half_precision_computes_in_half_precision(folder: Path, bundle: Bundle) -> None:
    """Weights and the values between the two casts at the ends are float16, and there is no cast besides."""
    for model in (model for model in bundle.models if model.precision == "fp16"):
        graph = onnx.load(folder / model.onnx).graph
        assert sum(node.op_type == "Cast" for node in graph.node) == 2
        kinds = {t.data_type for t in graph.initializer if not _is_indices_or_scales(graph, t.name)}
        assert kinds == {onnx.TensorProto.FLOAT16}
        assert model.ort is None


def _is_indices_or_scales(graph: onnx.GraphProto, name: str) -> bool:
    takers = [node for node in graph.node if name in node.input]
    return all(node.op_type in {"Reshape", "Slice", "Pad", "Resize"} for node in takers)


def test_eight_bits_are_everywhere(folder: Path, bundle: Bundle) -> None:
    for model in (model for model in bundle.models if model.precision == "int8"):
        graph = onnx.load(folder / model.onnx).graph
        makers = {name: node.op_type for node in graph.node for name in node.output}
        for node in (node for node in graph.node if node.op_type == "Conv"):
            assert {makers[name] for name in node.input} == {"DequantizeLinear"}


def test_ort_files_give_the_same_pixels(folder: Path, bundle: Bundle) -> None:
    """From bytes, as an Android app opens them, with nothing that says what format they are.

    In 8 bits those for accelerators are compared with the graph as it is written. The processor's fused operators round
    the halves among means of pixels otherwise, which grows from layer to layer.
    """
    models = [model for model in bundle.models if model.ort]
    assert len(models) == 18
    for model in models:
        assert model.ort is not None
        picture, _ = next(_pictures(folder, bundle, model))
        fused = model.precision == "fp32" or TARGETS[model.target].provider == "CPU"
        run = _run if fused else _run_as_written
        plain, ort = run((folder / model.onnx).read_bytes(), picture), _run((folder / model.ort).read_bytes(), picture)
        difference = psnr_db(ort, plain)
        assert largest_difference(ort, plain) <= 1 if model.precision == "fp32" else (difference or 99) > 50, model


def _run_as_written(data: bytes, picture: Pixels) -> Pixels:
    """Return what the graph makes of `picture` one operator after another."""
    onnxruntime = load_onnxruntime()
    options = onnxruntime.SessionOptions()
    options.graph_optimization_level = onnxruntime.GraphOptimizationLevel.ORT_DISABLE_ALL
    session = onnxruntime.InferenceSession(data, options, providers=["CPUExecutionProvider"])
    return from_network(session.run(["stylized"], {"image": to_network(picture, 8)})[0], HEIGHT, WIDTH)


def test_the_list_of_operators_holds_no_path(folder: Path) -> None:
    for target in TARGETS:
        lines = (folder / f"models/{target}/required_operators.config").read_text().splitlines()
        assert lines[0].startswith("# What the .ort files")
        assert all(line.startswith("ai.onnx;") or line.startswith("com.microsoft;") for line in lines[1:])
        assert any("Conv" in line for line in lines[1:])


def test_accelerators_get_one_piece_or_all_convolutions(bundle: Bundle) -> None:
    formats = {
        model.target: [p.format for p in model.placement] for model in bundle.models if model.precision == "fp32"
    }
    assert formats == {
        "coreml": ["MLProgram", "NeuralNetwork"],
        "nnapi": ["NNAPI"],
        "qnn": ["QNN"],
        "xnnpack": ["XNNPACK"],
        "generic": [],
    }
    for model in bundle.models:
        for placement in model.placement:
            assert placement.convolutions_placed == placement.convolutions == 23
            if model.target != "xnnpack":
                assert (placement.partitions, placement.placed) == (1, placement.nodes)


def test_the_same_order_writes_the_same_graphs(
    folder: Path, bundle: Bundle, stylizer: Stylizer, tmp_path: Path
) -> None:
    order = Order(("grid",), ((WIDTH, HEIGHT),), ("qnn",), ("fp32", "int8"))
    for model in write_mobile_bundle(stylizer, order, tmp_path / "again"):
        assert model.onnx in {m.onnx for m in bundle.models}
    for name in ("fp32.onnx", "int8.onnx"):
        file = f"models/qnn/grid-{WIDTH}x{HEIGHT}-{name}"
        assert (tmp_path / "again" / file).read_bytes() == (folder / file).read_bytes(), file


def test_the_page_names_the_artist_and_the_telemetry(folder: Path) -> None:
    page = (folder / "README.md").read_text("utf-8")
    assert "Katsushika Hokusai" in page
    assert "ORT_DISABLE_TELEMETRY" in page
    assert "| qnn | waves | 150x98 | int8 | folded |" in page
    assert "{" not in page
