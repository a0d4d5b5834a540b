"""Stylizers from outside: commands, and how a person names them and graphs."""

import shutil
import sys
from pathlib import Path

import numpy as np
import pytest

from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_student.evaluation.candidates import Wanted, find_candidates
from nst_student.evaluation.command_stylizer import CommandStylizer
from nst_student.evaluation.stylizers import parse_source, remembered

from .conftest import clouds
from .test_onnx_stylizer import FREE, write_graph

NEGATE = """
import sys
from PIL import Image, ImageOps
given, made = sys.argv[1:]
ImageOps.invert(Image.open(given)).save(made)
"""


def write_script(tmp_path: Path, text: str) -> str:
    (tmp_path / "my script.py").write_text(text)
    return f"{sys.executable} '{tmp_path / 'my script.py'}' {{input}} {{output}}"


def photo() -> Pixels:
    return clouds(0, 75)[:50]


def test_a_command_paints(tmp_path: Path) -> None:
    stylizer = CommandStylizer(write_script(tmp_path, NEGATE), tmp_path / "style.png")
    assert np.array_equal(stylizer(photo()), 255 - photo())


def test_a_command_is_given_the_style_and_no_shell(tmp_path: Path) -> None:
    """What a shell would replace comes through as it is; so does a path with a space."""
    script = write_script(tmp_path, f"import sys\nprint(sys.argv[3:], file=sys.stderr)\nsys.exit(3)\n{NEGATE}")
    stylizer = CommandStylizer(script + " {style} $HOME '*'", tmp_path / "a style.png")
    with pytest.raises(NstError) as caught:
        stylizer(photo())
    assert caught.value.message.endswith(f"ended with 3: ['{tmp_path / 'a style.png'}', '$HOME', '*']")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("raise ValueError('no\\nluck')", r"ended with 1: luck; run"),
        ("import sys; sys.exit(2)", "ended with 2: it says nothing; run it by hand to see why"),
        ("pass", r"did not write \{output\}; make it write"),
        ("import sys, pathlib; pathlib.Path(sys.argv[2]).write_text('x')", "is not a picture that can be read"),
        (
            "import sys; from PIL import Image; Image.new('RGB', (9, 8)).save(sys.argv[2])",
            "makes a picture of 9×8 px from a photograph of 75×50 px; make it keep the size",
        ),
        ("import time; time.sleep(20)", "ran for more than 0.5 s on one photograph"),
    ],
)
def test_a_command_that_fails_is_named_with_what_it_said(tmp_path: Path, text: str, said: str) -> None:
    seconds = 0.5 if "sleep" in text else 30
    stylizer = CommandStylizer(write_script(tmp_path, text), tmp_path / "style.png", longest_s=seconds)
    with pytest.raises(NstError, match=said) as caught:
        stylizer(photo())
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize(
    ("command", "said"),
    [
        ("prog {input}", r"lacks \{output\}"),
        ("prog", r"lacks \{input\} and \{output\}"),
        ("prog '{input} {output}", "close its quotes"),
    ],
)
def test_a_command_must_name_both_files(tmp_path: Path, command: str, said: str) -> None:
    with pytest.raises(NstError, match=said):
        CommandStylizer(command, tmp_path)


def test_a_command_that_is_not_there_is_named(tmp_path: Path) -> None:
    with pytest.raises(NstError, match="cannot run no-such-program: No such file"):
        CommandStylizer("no-such-program {input} {output}", tmp_path)(photo())


def test_sources_are_named_by_style_and_label() -> None:
    assert parse_source("waves:johnson=a=b.onnx").name == "waves:johnson"
    assert parse_source("waves:johnson=a=b.onnx").what == "a=b.onnx"
    assert parse_source("waves=a.onnx").name == "waves:onnx"
    assert parse_source("waves=prog {input} {output}").name == "waves:command"
    assert parse_source("waves=prog --with a.safetensors {output} {input}.safetensors").kind == "command"
    assert parse_source("waves=mine/a.safetensors").name == "waves:style"
    for text in ("waves", "waves=", "=file", "a b=file", ":x=file"):
        with pytest.raises(NstError, match=r"^`other` is .*, not STYLE=… or STYLE:LABEL=…"):
            parse_source(text)
    with pytest.raises(NstError, match="not a valid label name"):
        parse_source("waves:=file")


def test_the_pack_is_measured_when_it_is_asked_for_or_alone(tmp_path: Path) -> None:
    graph = write_graph(tmp_path / "g.onnx", FREE, 1)
    paintings = {style: tmp_path / style for style in ("waves", "scream")}

    def names(**wanted: object) -> list[str]:
        return [c.name for c in find_candidates(Wanted(**wanted), paintings, tmp_path)]  # type: ignore[arg-type]

    assert names(styles=["scream"]) == ["scream"]
    assert names(others=[f"waves={graph}"]) == ["waves:onnx"]
    command = "scream:mine=x {input} {output}"
    assert names(styles=["waves"], others=[f"waves:a={graph}", command]) == ["waves", "waves:a", "scream:mine"]
    with pytest.raises(NstError, match="has no style udnie; it has waves, scream"):
        names(others=[f"udnie={graph}"])
    with pytest.raises(NstError, match="has no style"):  # all ten of the shipped pack
        names()
    with pytest.raises(NstError, match="waves:onnx comes twice"):
        names(others=[f"waves={graph}"] * 2)


def test_only_the_photographs_are_remembered() -> None:
    calls: list[int] = []

    def count(rgb: Pixels) -> Pixels:
        calls.append(int(rgb[0, 0, 0]))
        return 255 - rgb

    one, two = (np.full((4, 4, 3), level, np.uint8) for level in (1, 2))
    once = remembered(count, [one])
    for rgb in (one, two, one.copy(), two):
        assert np.array_equal(once(rgb), 255 - rgb)
    assert calls == [1, 2, 2]


def test_a_style_of_ones_own_is_measured_beside_the_packs(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """It needs a painting; without being asked for, the pack's are measured, which have theirs in the catalogue."""
    own = tmp_path / "workspace" / "styles" / "mine.safetensors"
    own.parent.mkdir(parents=True)
    shutil.copy(DEFAULT_PACK / "styles" / "klee.safetensors", own)
    monkeypatch.chdir(tmp_path)
    names = [entry.name for entry in read_pack(DEFAULT_PACK).manifest.styles]
    paintings = dict.fromkeys([*names, "mine"], tmp_path / "painting.png")
    assert [c.name for c in find_candidates(Wanted(), paintings, tmp_path)] == names
    mine, klee = find_candidates(Wanted(styles=["mine", "klee"]), paintings, tmp_path)
    np.testing.assert_array_equal(mine.stylize(clouds(1)), klee.stylize(clouds(1)))


def test_a_style_file_anywhere_is_measured_with_the_packs_codec(tmp_path: Path) -> None:
    paintings = {"waves": tmp_path / "painting.png", "klee": tmp_path / "klee.png"}
    file = tmp_path / "mine.safetensors"
    shutil.copy(DEFAULT_PACK / "styles" / "klee.safetensors", file)
    (mine,) = find_candidates(Wanted(others=[f"waves={file}"]), paintings, tmp_path)
    (klee,) = find_candidates(Wanted(styles=["klee"]), paintings, tmp_path)
    assert (mine.name, mine.style) == ("waves:style", "waves")
    np.testing.assert_array_equal(mine.stylize(clouds(1)), klee.stylize(clouds(1)))
    (tmp_path / "damaged.safetensors").write_bytes(b"not a style")
    for name in ("gone.safetensors", "damaged.safetensors"):
        with pytest.raises(NstError, match=name):
            find_candidates(Wanted(others=[f"waves={tmp_path / name}"]), paintings, tmp_path)
