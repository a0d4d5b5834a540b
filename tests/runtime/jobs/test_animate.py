"""Animations, stylised frame by frame."""

from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_runtime import Stylizer
from nst_runtime.jobs.dry_run import foresee
from nst_runtime.jobs.plan import plan
from nst_runtime.jobs.run import stylize_all
from nst_runtime.pictures.animations import open_animation
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write_animation import encode_animation as encode

from ..pictures.test_animations import COLORS, TIMES, moving

STILL = ("an animation, of which only the first frame is used; .gif, .webp and .apng hold all",)


@pytest.fixture
def source(tmp_path: Path) -> Path:
    (tmp_path / "in.webp").write_bytes(encode(".webp", moving(), TIMES, plays=2, quality=100))
    return tmp_path / "in.webp"


@pytest.mark.parametrize("suffix", [".gif", ".webp", ".apng"])
def test_every_frame_is_painted(source: Path, stylizer: Stylizer, suffix: str) -> None:
    target = source.parent / f"out{suffix}"
    todo = plan([str(source)], str(target))
    (foreseen,) = foresee(todo)
    (outcome,) = stylize_all(stylizer, todo.jobs, "negative")
    assert (outcome.error, outcome.notes, outcome.size) == (None, (), (40, 24))
    assert (foreseen.result, foreseen.notes, foreseen.size) == ("made", (), (40, 24))
    with target.open("rb") as stream, open_animation(stream, "it") as animation:
        assert animation is not None
        assert (animation.durations_ms, animation.plays) == (TIMES, 2)
        for number, (color, frame) in enumerate(zip(COLORS, animation.frames(), strict=True)):
            np.testing.assert_allclose(frame.rgb[12, 8 * number + 4], 255 - np.array(color), atol=25)
            np.testing.assert_allclose(frame.rgb[2, 20], 15, atol=6)


def test_a_still_target_gets_the_first_frame(source: Path, stylizer: Stylizer) -> None:
    todo = plan([str(source)], str(source.parent / "out.png"))
    (outcome,) = stylize_all(stylizer, todo.jobs, "negative")
    assert outcome.notes == STILL == next(foresee(todo)).notes
    np.testing.assert_allclose(read_picture(source.parent / "out.png").rgb[12, 4], 255 - np.array(COLORS[0]), atol=25)


def test_a_still_source_has_no_place_in_a_format_for_animations(tmp_path: Path, stylizer: Stylizer) -> None:
    Image.new("RGB", (20, 20)).save(tmp_path / "in.png")
    todo = plan([str(tmp_path / "in.png")], str(tmp_path / "out.gif"))
    (outcome,) = stylize_all(stylizer, todo.jobs, "negative")
    assert str(outcome.error).endswith("out.gif: .gif is for animations, and this is one picture; write a .png")
    assert str(next(foresee(todo)).error) == str(outcome.error)
    todo = plan([str(tmp_path / "in.png")], str(tmp_path / "out.webp"))
    assert [outcome.result for outcome in stylize_all(stylizer, todo.jobs, "negative")] == ["made"]


def test_a_bad_frame_writes_nothing(source: Path, stylizer: Stylizer) -> None:
    source.write_bytes(source.read_bytes()[:-100])
    target = source.parent / "out.gif"
    target.write_bytes(b"precious")
    (outcome,) = stylize_all(stylizer, plan([str(source)], str(target)).jobs, "negative")
    assert outcome.result == "error"
    assert target.read_bytes() == b"precious"


def test_names_in_folders(tmp_path: Path, stylizer: Stylizer) -> None:
    (tmp_path / "in").mkdir()
    for suffix in (".gif", ".webp"):
        (tmp_path / "in" / f"a{suffix}").write_bytes(encode(suffix, moving(), TIMES))
    todo = plan([str(tmp_path / "in")], str(tmp_path / "out"))
    outcomes = list(stylize_all(stylizer, todo.jobs, "negative", at_once=2))
    assert [outcome.notes for outcome in outcomes] == [STILL, ()]
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["a.gif.png", "a.webp"]
    todo = plan([str(tmp_path / "in" / "a.gif")], f"{tmp_path}/moving/", suffix=".apng")
    assert [outcome.notes for outcome in stylize_all(stylizer, todo.jobs, "negative")] == [()]
    assert [path.name for path in (tmp_path / "moving").iterdir()] == ["a.apng"]
