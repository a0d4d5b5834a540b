"""Names of results in folders."""

from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nst_runtime.errors import NstError
from nst_runtime.jobs.places import Places
from nst_runtime.jobs.sources import Source
from nst_runtime.jobs.targets import name_result, pair_up


@pytest.mark.parametrize(
    ("name", "suffix", "result"),
    [
        ("a.jpg", "", "a.jpg"),
        ("a.JPEG", "", "a.JPEG"),
        ("a.gif", "", "a.gif.png"),
        ("a.HEIC", "", "a.HEIC.png"),
        ("no-suffix", "", "no-suffix.png"),
        ("v1.2", "", "v1.2.png"),
        ("v1.2", ".webp", "v1.2.webp"),
        ("v1.2.gif", ".webp", "v1.2.webp"),
        ("a.JPEG", ".jpg", "a.JPEG"),
        ("a.tiff", ".tif", "a.tiff"),
        ("a.jpg", ".png", "a.png"),
        ("a.CR2", ".png", "a.CR2.png"),
    ],
)
def test_names_of_results(name: str, suffix: str, result: str) -> None:
    assert name_result(name, suffix) == result


NAMES = st.text(st.sampled_from("aAéE\u0301."), min_size=1, max_size=3).filter(lambda text: text.strip("."))


@given(
    st.lists(st.tuples(NAMES, st.sampled_from([".jpg", ".JPG", ".gif", ".png", ".gif.png"])), min_size=2, max_size=4),
    st.sampled_from(["", ".png", ".webp"]),
)
def test_no_two_pictures_become_one_file(parts: list[tuple[str, str]], suffix: str) -> None:
    names = dict.fromkeys(name + end for name, end in parts)
    sources = [Source(Path("nowhere") / name, Path(name)) for name in names]
    try:
        pairs, there = pair_up(sources, Path("elsewhere"), suffix, Places())
    except NstError as error:
        assert "would" in error.message
        return
    assert [source for source, _ in pairs] == [source.path for source in sources]
    assert len({Places().key(target) for _, target in pairs}) == len(pairs)
    assert there == set()
