"""The command ``nst-student evaluate`` on small photographs, with networks of random weights."""

import json
import subprocess
import sys
import tomllib
from collections.abc import Callable
from pathlib import Path

import numpy as np
import onnx
import pytest
import torch
from onnx import TensorProto, helper

from nst_features.known_weights import KNOWN
from nst_features.networks import load_network
from nst_runtime.contracts.settings import apply
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture
from nst_student.evaluation.evaluation import figures_table, measure
from nst_student.evaluation.metrics import QualityMeter
from nst_student.evaluation.settings import EvaluateSettings, FigureName, MeasureSettings
from nst_student.evaluation.yardstick import Yardstick
from nst_student.losses.judges import read_style

from .conftest import Done, Run, clouds, refused
from .test_metrics import write_vgg

QUALITY = ["mean", "relu3_1", "content", "deep", "least_content"]
Evaluate = Callable[..., Done]


@pytest.fixture
def evaluate(run: Run, photos: Path, tmp_path: Path) -> Evaluate:
    """The command with two photographs and a catalogue of *waves* and *scream*."""
    tables = [f'[{style}]\ntitle = "{style}"\npicture = "{style}.png"\n' for style in ("waves", "scream")]
    (tmp_path / "catalogue.toml").write_text("\n".join(tables))
    for seed, style in enumerate(("waves", "scream"), 7):
        write_picture(tmp_path / "paintings" / f"{style}.png", (clouds(seed) // 2))
    fixed = ("--content", photos, "--catalogue", tmp_path / "catalogue.toml", "--pictures", tmp_path / "paintings")
    return lambda *arguments: run("evaluate", *fixed, "--count", 2, *arguments)


@pytest.fixture
def weights(tmp_path: Path) -> Path:
    return write_vgg(tmp_path / "vgg.safetensors")


@pytest.fixture
def identity(tmp_path: Path) -> Path:
    """A graph that gives its picture back."""
    ends = [helper.make_tensor_value_info(name, TensorProto.FLOAT, (1, 3, "h", "w")) for name in ("in", "out")]
    graph = helper.make_graph([helper.make_node("Identity", ["in"], ["out"])], "same", ends[:1], ends[1:])
    model = helper.make_model(graph, opset_imports=[helper.make_opsetid("", 17)], ir_version=8)
    onnx.save(model, tmp_path / "same.onnx")
    return tmp_path / "same.onnx"


def judged(weights: Path) -> tuple[str, ...]:
    return ("--set", f"measure.weights={weights}", "--set", f"measure.deep_weights={weights}")


def test_a_style_of_the_pack_has_all_figures(evaluate: Evaluate, weights: Path, tmp_path: Path) -> None:
    done = evaluate(*judged(weights), "--style", "waves", "--json", "--out", tmp_path / "figures.json")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert json.loads((tmp_path / "figures.json").read_text()) == figures
    gains = ["noise_gain", "shift_gain", "border_error", "border_ratio", "lattice"]
    assert list(figures) == ["waves"]
    assert list(figures["waves"]) == QUALITY + gains
    assert figures["waves"]["noise_gain"] > 0.8
    assert done.stderr.count("measuring waves on 2 photographs") == 1


def test_sizes_are_rows_and_measured_at_their_size(
    evaluate: Evaluate, weights: Path, identity: Path, photos: Path, tmp_path: Path
) -> None:
    quality = (*judged(weights), "--figures", "quality")
    arguments = (*quality, "--other", f"waves:same={identity}", "--set", "measure.sizes=64,384")
    done = evaluate(*arguments, "--out", tmp_path / "figures.json")
    rows = [line.split("|")[1].strip() for line in done.stdout.splitlines()]
    assert rows == ["style", "---", "waves:same", "waves:same@64", "waves:same@384"]
    figures = json.loads((tmp_path / "figures.json").read_text())
    assert {type(value) for row in figures.values() for value in row.values()} == {float}  # all that nst-export takes
    assert figures["waves:same@384"] == {column: figures["waves:same"][column] for column in QUALITY[:4]}
    network = load_network("vgg19", weights=weights)
    meter = QualityMeter(network, network)
    small = [meter.see(read_style(path, 64)) for path in sorted(photos.iterdir())[:2]]
    expected = meter.measure(read_style(tmp_path / "paintings" / "waves.png", 512), small, lambda photo: 1 - photo)
    upside = evaluate(*quality, "--json", "--set", "measure.sizes=64", "--other", f"waves={negative(tmp_path)}")
    assert json.loads(upside.stdout)["waves:command@64"]["mean"] == pytest.approx(expected.mean)


def negative(tmp_path: Path) -> str:
    script = tmp_path / "negative.py"
    script.write_text("import sys; from PIL import Image, ImageOps\n")
    with script.open("a") as file:
        file.write("ImageOps.invert(Image.open(sys.argv[1])).save(sys.argv[2])\n")
    return f"{sys.executable} {script} {{input}} {{output}}"


def test_gains_of_what_leaves_pictures_alone(evaluate: Evaluate, identity: Path, tmp_path: Path) -> None:
    for number in range(3):
        write_picture(tmp_path / "clips" / "film" / f"{number}.png", clouds(number))
    figured = ("--figures", "gains,lattice,border", "--set", f"measure.clips={tmp_path / 'clips'}")
    done = evaluate(*figured, "--json", "--other", f"scream={identity}", "--other", f"waves:neg={negative(tmp_path)}")
    assert done.returncode == 0, done.stderr
    figures = json.loads(done.stdout)
    assert list(figures) == ["scream:onnx", "waves:neg"]
    assert figures["scream:onnx"] == {
        "noise_gain": pytest.approx(0.76, rel=0.05),
        "shift_gain": 0,
        "frame_gain": 1,
        "lattice": 0,
        "border_error": 0,
        "border_ratio": 0,
    }
    assert figures["waves:neg"] == pytest.approx(figures["scream:onnx"], abs=0.01)


def test_gains_and_borders_are_of_the_first_six_photographs_and_lattices_of_all() -> None:
    photos = [np.full((128, 128, 3), 20 * number, np.uint8) for number in range(1, 9)]
    seen: set[int] = set()

    def note(rgb: Pixels) -> Pixels:
        seen.add(round(rgb.mean() / 20))
        return rgb

    counts: dict[FigureName, int] = {"gains": 6, "border": 6, "lattice": 8}
    for name, count in counts.items():
        seen.clear()
        measure(Yardstick(photos), [name], note, torch.zeros(1, 3, 8, 8))
        assert seen == set(range(1, count + 1)), name


def test_the_sheet_has_photo_painting_teacher_ours_and_peers(
    evaluate: Evaluate, identity: Path, tmp_path: Path
) -> None:
    write_picture(tmp_path / "taught" / "1.png", np.full((90, 90, 3), 40, np.uint8))
    where = ("--set", f"sheet.file={tmp_path / 'sheet.png'}", "--set", f"sheet.gatys={tmp_path / 'taught'}")
    done = evaluate("--figures", "lattice", "--style", "waves", "--other", f"waves:same={identity}", *where)
    assert done.returncode == 0, done.stderr
    sheet = read_picture(tmp_path / "sheet.png").rgb
    assert sheet.shape == (32 + 2 * 384 + 4, 5 * 384 + 4 * 4, 3)
    photo, painting, teacher, ours, peer = (sheet[32 + 388 :, left : left + 384] for left in range(0, 5 * 388, 388))
    assert np.array_equal(photo, peer)
    assert np.array_equal(teacher, np.full_like(teacher, 40))
    assert (sheet[32 : 32 + 384, 2 * 388 : 2 * 388 + 384] == 255).all()
    assert painting.max() < 140
    assert np.abs(ours.astype(int) - photo).mean() > 12


@pytest.mark.parametrize(
    ("arguments", "said"),
    [
        (("--figures", "gain"), "must be one of 'quality', 'gains', 'border', 'lattice', 'perceptual'"),
        (("--figures", ""), "--figures is empty, so that there is nothing to measure"),
        (("--style", "waves"), "the weights vgg19_torchvision_conv3_1 are not in "),
        (("--figures", "gains", "--style", "waves", "--set", "measure.sizes=64"), "vgg19_torchvision_conv3_1"),
        (("--set", "measure.sizes=12"), "give list 64 to 4096"),
        (("--figures", "lattice", "--set", "measure.clips=x"), "measure.clips is for frame_gain, but --figures lacks"),
        (("--set", "sheet.gatys=x"), "sheet.gatys is for the contact sheet, but there is no sheet sheet.file"),
        (("--figures", "gains", "--set", "measure.weights=x"), "measure.weights would change nothing here"),
        (
            ("--style", "waves", "--set", "onnx.white=255"),
            "onnx.white would change nothing here: no --other is an ONNX",
        ),
        (("--figures", "gains", "--other", "waves"), "--other is 'waves', not STYLE=… or STYLE:LABEL=…"),
        (("--figures", "lattice", "--set", "sheet.file=x.doc"), "cannot write a picture called 'x.doc'"),
        (("--figures", "gains", "--style", "waves", "--set", "measure.clips=gone"), "no folder gone"),
        (("--figures", "gains"), "has no style grid, horse, kandinsky"),
        (("--figures", "gains", "--style", "vaves"), "vaves"),
        (("--figures", "gains", "--other", "waves=none.onnx"), "no ONNX file at none.onnx"),
        (("--figures", "gains", "--other", "waves=false {input} {output}"), "false ended with 1: it says nothing"),
    ],
)
def test_bad_input_is_an_error_and_a_hint(
    evaluate: Evaluate, arguments: tuple[str, ...], said: str, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "no weights"))
    done = evaluate(*arguments)
    assert said in refused(done)
    assert done.stdout == ""


def test_distances_that_are_not_there_are_said_once(
    evaluate: Evaluate, identity: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "lpips", None)
    monkeypatch.setitem(sys.modules, "DISTS_pytorch", None)
    peers = ("--other", f"waves={identity}", "--other", f"scream={identity}")
    done = evaluate("--figures", "lattice,perceptual", *peers)
    assert done.returncode == 0
    assert done.stderr.count("lpips is left out: pip install lpips") == 1
    assert "lpips" not in done.stdout


def test_the_table_leaves_cells_without_a_figure_empty() -> None:
    table = figures_table({"a": {"x": 0.12345, "y": 12.345}, "b": {"x": 1.0}})
    assert table.splitlines() == ["| style | x | y |", "|---|---|---|", "| a | 0.123 | 12.3 |", "| b | 1.000 | – |"]


def test_weights_are_found_by_their_names(
    evaluate: Evaluate, identity: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The usual ones are those of the quality page; a file of such a name must be that file."""
    assert {MeasureSettings().weights.name, MeasureSettings().deep_weights.name} <= {row.name for row in KNOWN}
    monkeypatch.setenv("NST_WEIGHTS", str(tmp_path / "own"))
    (tmp_path / "own").mkdir()
    write_vgg(tmp_path / "own" / f"{MeasureSettings().weights.name}.safetensors")
    said = refused(evaluate("--figures", "quality", "--other", f"waves={identity}"))
    assert "is not vgg19_torchvision_conv3_1: its sha256" in said


def test_explain_lists_all_settings_at_once(run: Run) -> None:
    done = run("evaluate", "--explain")
    assert (done.returncode, done.stderr) == (0, "")
    assert apply(EvaluateSettings(), tomllib.loads(done.stdout)) == EvaluateSettings()
    assert "# clips =" in done.stdout


@pytest.mark.parametrize("command", ["evaluate", "compare"])
def test_explain_loads_nothing_that_computes(command: str) -> None:
    code = f"import sys, nst_student; sys.argv = ['nst-student', {command!r}, '--explain']; nst_student.main()"
    code += "; sys.exit(','.join({'torch', 'numpy', 'matplotlib', 'onnxruntime'} & sys.modules.keys()) or 0)"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=False)
    assert (done.returncode, done.stderr) == (0, "")
