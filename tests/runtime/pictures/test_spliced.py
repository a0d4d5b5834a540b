"""Files with some of their bytes replaced read as if they were copies."""

import io

from hypothesis import given
from hypothesis import strategies as st

from nst_runtime.pictures.containers.spliced import Piece, splice

DATA = bytes(range(100))
RANGES = st.tuples(st.integers(0, 100), st.integers(0, 100)).map(lambda ends: range(min(ends), max(ends)))
PIECES: st.SearchStrategy[list[Piece]] = st.lists(st.one_of(st.binary(max_size=9), RANGES), max_size=6)


@given(PIECES, st.lists(st.tuples(st.integers(0, 300), st.integers(0, 50)), max_size=5))
def test_any_pieces_from_any_place(pieces: list[Piece], reads: list[tuple[int, int]]) -> None:
    expected = b"".join(piece if isinstance(piece, bytes) else DATA[piece.start : piece.stop] for piece in pieces)
    original = io.BytesIO(DATA)
    stream = splice(original, pieces)
    assert stream.read() == expected
    assert stream.seek(0, 2) == len(expected)
    for place, size in reads:
        assert stream.seek(place) == place
        assert stream.read(size) == expected[place : place + size]
    stream.close()
    assert original.read(0) == b""


def test_the_file_ends_within_a_piece() -> None:
    assert splice(io.BytesIO(b"abc"), [range(1, 9), b"d"]).read() == b"bc"
