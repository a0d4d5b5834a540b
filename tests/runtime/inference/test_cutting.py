"""Graphs in pieces: the same numbers, and nothing computed twice."""

import numpy as np
import pytest

from nst_runtime.contracts.packs import DEFAULT_PACK, Template, read_pack
from nst_runtime.contracts.styles import read_style
from nst_runtime.inference.cutting import Piece, cut
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.sessions import Session
from nst_runtime.pictures.arrays import Floats

PACK = read_pack(DEFAULT_PACK)
STYLE = read_style(DEFAULT_PACK / "styles" / "waves.safetensors").tensors
NORMS = [norm.name for norm in PACK.manifest.codec.norms["bank"]]


def run_bank(data: bytes, tensors: frozenset[str] | None, values: dict[str, Floats]) -> dict[str, Floats]:
    template = staged()
    weights = {
        name: array for name, array in template.select(STYLE, "waves").items() if tensors is None or name in tensors
    }
    session = Session(data, weights, RunSettings("cpu", 1), "graph")
    found = session.run({name: values[name] for name in session.inputs})
    return dict(zip(session.outputs, found, strict=True))


def staged() -> Template:
    return PACK.template("bank", "staged")


def feeds() -> dict[str, Floats]:
    """Return values for all inputs: a code of 6×10 and 12×20 values, and what each norm does."""
    random = np.random.default_rng(0)
    sides = {"H/4": 6, "W/4": 10, "H/2": 12, "W/2": 20}
    shapes = {
        port.name: tuple(sides[side] if isinstance(side, str) else side for side in port.shape)
        for port in staged().inputs
    }
    return {name: random.random(shape, np.float32) for name, shape in shapes.items()}


BEFORE = [f"{name}.x" for name in NORMS]


@pytest.mark.parametrize("at", [[], BEFORE[:1], [BEFORE[2], BEFORE[7], BEFORE[8]], BEFORE, ["Conv_87"]])
def test_pieces_compute_what_the_graph_does(at: list[str]) -> None:
    data, values = PACK.read(staged()), feeds()
    whole = run_bank(data, None, values)
    pieces = cut(data, at, ["painted"])
    assert len(pieces) == len(at) + 1
    for piece in pieces:
        values |= run_bank(piece.data, piece.tensors, values)
    for name in ["painted", *(name for name in at if name in whole)]:
        np.testing.assert_array_equal(values[name], whole[name])


def test_nothing_is_computed_twice_and_weights_stay_inside() -> None:
    pieces: list[Piece] = cut(PACK.read(staged()), BEFORE, [])
    assert [piece.outputs[-1] for piece in pieces] == BEFORE
    given = [name for piece in pieces for name in piece.outputs]
    assert len(given) == len(set(given))
    affines = {f"{name}.{letter}" for name in NORMS for letter in "ab"}
    outside = {name for piece in pieces for name in piece.inputs} - set(given) - affines
    assert outside == {"features", "details"}
    assert list(pieces[1].inputs) == ["down.norm.a", "down.norm.b", "down.norm.x"]
    assert "skip.weight" not in frozenset().union(*(piece.tensors for piece in pieces))  # it comes after all norms
    (start,) = cut(PACK.read(staged()), [], BEFORE[:1])
    assert start.tensors == {"down.conv.weight", "constant_0"}


def test_a_value_that_is_not_there() -> None:
    with pytest.raises(ValueError, match=r"the graph does not compute else\.x"):
        cut(PACK.read(staged()), ["down.norm.x", "else.x"], ["painted"])
