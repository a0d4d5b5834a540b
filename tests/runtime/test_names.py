from pathlib import Path

import pytest

from nst_runtime.contracts.names import check_name, shown
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError


@pytest.mark.parametrize("name", ["a", "waves", "great-wave_2", "0", "x" * 64])
def test_valid_names(name: str) -> None:
    assert check_name(name) == name


@pytest.mark.parametrize(
    "name", ["", "Waves", "-a", "_a", "a/b", "..", "a b", "wäves", "x" * 65, "a\n", "a.b", "con\0"]
)
def test_invalid_names(name: str) -> None:
    with pytest.raises(NstError, match="is not a valid codec name; use up to 64"):
        check_name(name, "codec")


def test_workspace_paths() -> None:
    root = Path("w")
    workspace = Workspace(root)
    assert workspace.pairs("waves") == root / "pairs" / "waves"
    assert workspace.bank("waves") == root / "banks" / "waves"
    assert workspace.style("waves") == workspace.styles / "waves.safetensors" == root / "styles" / "waves.safetensors"
    assert (workspace.codec, workspace.pack) == (root / "codec", root / "pack")
    assert Workspace().root == DEFAULT == Path("workspace")


def test_workspace_refuses_names_that_are_paths() -> None:
    for path in (Workspace().bank, Workspace().pairs, Workspace().style):
        with pytest.raises(NstError, match=r"'\.\./waves' is not a valid style name"):
            path("../waves")


@pytest.mark.parametrize(
    ("text", "line"),
    [
        ("plain words", "plain words"),
        ("a\nb\r\x0b\u2028c", "a b c"),
        ("", ""),
        ("x" * 201, "x" * 200),
        ("\n" * 500, ""),
    ],
)
def test_what_a_file_says_is_shown_on_a_short_line(text: str, line: str) -> None:
    assert shown(text) == line
