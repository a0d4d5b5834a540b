"""What ``nst-export bundle mobile`` refuses, and that nothing is lost or half-written then."""

import errno
import json
import os
import resource
import shutil
from collections.abc import Callable
from pathlib import Path

import pytest

from nst_export.bundles.folder import MANIFEST
from nst_export.bundles.manifest import Measured, Model, read_bundle
from nst_export.bundles.order import Order, parse_size
from nst_export.bundles.precision import LEAST_PSNR_DB
from nst_export.cli.mobile import _cells, _row
from nst_runtime.contracts.packs import DEFAULT_PACK

from ..runtime.running import Run
from .conftest import save_workspace

Refused = Callable[..., str]
SMALL = ("--style", "waves", "--size", "64", "--target", "generic", "--precision", "fp32")


def state(folder: Path) -> dict[str, bytes]:
    return {str(path.relative_to(folder)): path.read_bytes() for path in folder.rglob("*") if path.is_file()}


def test_a_bundle_replaces_an_earlier_one_and_prints_a_table(run: Run, tmp_path: Path) -> None:
    out = tmp_path / "bundle"
    result = run("bundle", "mobile", out, *SMALL)
    assert result.code == 0, result.err
    head, row, last = result.out.splitlines()
    assert head.split() == ["STYLE", "SIZE", "TARGET", "PRECISION", "FORM", "KB", "MS", "PSNR"]
    assert row.split()[:5] == ["waves", "64x64", "generic", "fp32", "direct"]
    assert last == str(out)
    assert row.split()[-1] == "equal" or float(row.split()[-1]) > LEAST_PSNR_DB["fp32"]
    again = run("bundle", "mobile", out, *SMALL[2:], "--style", "scream", "--json")
    assert again.code == 0, again.err
    assert [model["style"] for model in json.loads(again.out)["models"]] == ["scream"]
    assert [style.name for style in read_bundle(out).styles] == ["scream"]
    assert not list(out.rglob("*waves*"))
    assert [path.name for path in tmp_path.iterdir()] == ["bundle"]


@pytest.mark.parametrize("size", ["0", "-1", "3.5", "64x", "x64", "64x64x64", "big", "", "1e3", "64 x 64"])
def test_sizes_that_are_not_whole(run: Run, tmp_path: Path, size: str) -> None:
    result = run("bundle", "mobile", tmp_path / "out", f"--size={size}")
    assert (result.code, result.out) == (2, "")
    assert f"--size: {size!r} is not a size from 16 to 2048 pixels a side, such as 512 or 720x1280" in result.err
    assert not list(tmp_path.iterdir())


def test_sizes_as_people_write_them() -> None:
    assert [parse_size(text) for text in ("512", "720x1280", "720×1280", " 64 ")] == [
        (512, 512),
        (720, 1280),
        (720, 1280),
        (64, 64),
    ]


@pytest.mark.parametrize("size", ["15", "64x15", "2049", "64x4000"])
def test_sizes_too_small_or_large(refused: Refused, tmp_path: Path, size: str) -> None:
    line = refused("bundle", "mobile", tmp_path / "out", "--style", "waves", "--size", size)
    assert line == f"--size {size} is not a size from 16 to 2048 pixels a side; give one such as 512 or 720x1280"
    assert not list(tmp_path.iterdir())


@pytest.mark.parametrize(
    ("option", "value", "names"),
    [("--target", "tpu", "coreml, nnapi, qnn, xnnpack, generic"), ("--precision", "int4", "fp32, fp16, int8")],
)
def test_unknown_names_are_wrong_usage(run: Run, tmp_path: Path, option: str, value: str, names: str) -> None:
    result = run("bundle", "mobile", tmp_path / "out", option, value)
    assert result.code == 2
    assert f"{value!r} is not one of {names}" in result.err


def test_a_precision_that_the_target_has_not(refused: Refused, tmp_path: Path) -> None:
    line = refused("bundle", "mobile", tmp_path / "out", "--target", "coreml", "--precision", "int8")
    assert line.startswith("coreml does not take int8; it takes fp32, fp16; give one of these as --precision")


def test_a_target_leaves_out_what_it_does_not_take() -> None:
    order = Order(("waves",), ((64, 64),), ("coreml", "nnapi"), ("fp16", "int8"))
    assert (order.of("coreml"), order.of("nnapi")) == (("fp16",), ("int8",))


def test_no_such_style(refused: Refused, tmp_path: Path) -> None:
    assert "did you mean 'waves'?" in refused("bundle", "mobile", tmp_path / "out", "--style", "wave")
    assert "no.safetensors; check its path" in refused(
        "bundle", "mobile", tmp_path / "out", "--style", tmp_path / "no.safetensors"
    )


def test_a_style_of_another_codec(refused: Refused, tmp_path: Path) -> None:
    other = save_workspace(tmp_path / "other").style("waves")
    line = refused("bundle", "mobile", tmp_path / "out", "--style", other)
    assert "is for codec" in line or "was trained for" in line, line
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize(
    "wrong",
    [
        ("--size", "8"),
        ("--style", "wave"),
        ("--pack", "none"),
        ("--target", "coreml", "--precision", "int8"),
        (),  # the folder has other things in it
    ],
)
def test_bad_input_is_found_before_onnx_is_loaded(run: Run, tmp_path: Path, wrong: tuple[str, ...]) -> None:
    out = tmp_path / "out"
    if not wrong:
        out.mkdir()
        (out / "monday.txt").write_text("dear diary")
    result = run("bundle", "mobile", out, "--style", "waves", *wrong)
    assert (result.code, result.out) == (1, "")
    assert result.err.startswith("error: ")


def test_pictures_that_are_equal_are_called_so() -> None:
    model = Model("a", "64x64", "generic", "fp32", "direct", "a", None, 9, "CPU", {}, (), Measured(0.5, 0, None))
    assert _cells(model) == ["a", "64x64", "generic", "fp32", "direct", "0", "0.5", "equal"]
    assert json.loads(json.dumps(_row(model)))["psnr"] is None


def test_two_styles_of_one_name(refused: Refused, tmp_path: Path) -> None:
    copy = shutil.copy(DEFAULT_PACK / "styles" / "waves.safetensors", tmp_path / "copy.safetensors")
    line = refused("bundle", "mobile", tmp_path / "out", *SMALL, "--style", copy)
    assert "two styles are called waves" in line


def test_a_folder_with_other_things(refused: Refused, run: Run, tmp_path: Path) -> None:
    (tmp_path / "diary").mkdir()
    (tmp_path / "diary" / "monday.txt").write_text("dear diary")
    line = refused("bundle", "mobile", tmp_path / "diary", *SMALL)
    assert "diary is not empty and not a bundle for apps; give another folder as OUT" in line
    assert run("bundle", "mobile", tmp_path / "bundle", *SMALL).code == 0
    (tmp_path / "bundle" / "apps" / "Mine.kt").write_text("mine")
    before = state(tmp_path)
    assert "holds apps/Mine.kt, which is not a part of a bundle" in refused(
        "bundle", "mobile", tmp_path / "bundle", *SMALL
    )
    assert state(tmp_path) == before


def test_an_empty_folder_and_a_file(refused: Refused, run: Run, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    assert run("bundle", "mobile", tmp_path / "empty", *SMALL).code == 0
    (tmp_path / "file").write_text("mine")
    assert "file is a file" in refused("bundle", "mobile", tmp_path / "file", *SMALL)
    assert "cannot write the bundle" in refused("bundle", "mobile", tmp_path / "file" / "bundle", *SMALL)


@pytest.mark.parametrize("damage", [b"{", b'{"format": "nst-mobile-bundle", "format_version": 2}', b'{"format": "x"}'])
def test_a_damaged_or_newer_bundle_stays(refused: Refused, run: Run, tmp_path: Path, damage: bytes) -> None:
    assert run("bundle", "mobile", tmp_path / "bundle", *SMALL).code == 0
    (tmp_path / "bundle" / MANIFEST).write_bytes(damage)
    before = state(tmp_path)
    assert "not a bundle for apps" in refused("bundle", "mobile", tmp_path / "bundle", *SMALL)
    assert state(tmp_path) == before


@pytest.mark.parametrize(
    ("limit_bytes", "task"), [(100_000, "compute the constants of the network"), (300_000, "write .ort files")]
)
def test_disk_fills(refused: Refused, run: Run, tmp_path: Path, limit_bytes: int, task: str) -> None:
    """A limit on file sizes, as a full disk would, stops it at the first graph, or near the end."""
    assert run("bundle", "mobile", tmp_path / "bundle", *SMALL).code == 0
    before = state(tmp_path)
    limits = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (limit_bytes, limits[1]))
    try:
        line = refused("bundle", "mobile", tmp_path / "bundle", *SMALL)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, limits)
    assert f"onnxruntime cannot {task}: " in line
    assert "is there space left" in line
    assert state(tmp_path) == before


def test_a_file_that_cannot_be_written(refused: Refused, tmp_path: Path) -> None:
    (tmp_path / "names").mkdir()
    line = refused("bundle", "mobile", tmp_path / "names" / ("n" * 240), *SMALL)
    assert os.strerror(errno.ENAMETOOLONG) in line
    assert not list((tmp_path / "names").iterdir())


def test_a_precision_that_one_would_see(refused: Refused, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(LEAST_PSNR_DB, "int8", 60.0)
    line = refused("bundle", "mobile", tmp_path / "out", *SMALL[:4], "--target", "qnn", "--precision", "int8")
    assert "waves in int8 for qnn is" in line
    assert "below 60 dB one sees it; leave the --precision int8 out for this style" in line
    assert not list(tmp_path.iterdir())
