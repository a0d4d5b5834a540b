"""Memory, statistics for many pictures, photo and picture side by side, animations through pipes."""

import io
import json
import subprocess
import sys
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest
from PIL import Image

from nst_runtime import Look, Stylizer
from nst_runtime.cli.memory import read_memory
from nst_runtime.pictures.animations import open_animation
from nst_runtime.pictures.read import read_picture, read_picture_bytes
from nst_runtime.pictures.write import write_picture
from nst_runtime.pictures.write_animation import encode_animation

from ..inference.test_finish import picture
from ..pictures.test_animations import TIMES, moving
from ..running import Run, check_refusal, clean_environment

Pixels = npt.NDArray[np.uint8]
STYLE = ("--style", "waves", "--threads", 1)


@pytest.fixture
def photos(tmp_path: Path) -> tuple[Pixels, Pixels]:
    """Return two pictures, which are in the folder ``in`` as well."""
    first, second = picture(64, 96), (picture(64, 96, seed=3) * 0.4).astype(np.uint8)
    (tmp_path / "in").mkdir()
    write_picture(tmp_path / "in" / "a.png", first)
    write_picture(tmp_path / "in" / "b.png", second)
    return first, second


@pytest.fixture(scope="module")
def stylizer() -> Stylizer:
    return Stylizer.load(threads=1)


def test_the_first_picture_gives_all_its_look(run: Run, photos: tuple[Pixels, Pixels], stylizer: Stylizer) -> None:
    first, second = photos
    fixed = Look("waves", statistics=stylizer.measure(first, "waves"))
    assert run("stylize", "in", "out", *STYLE, "--statistics", "album.json").code == 0
    alike = read_picture(Path("out/b.png")).rgb
    assert np.abs(read_picture(Path("out/a.png")).rgb.astype(int) - stylizer.stylize(first, "waves")).max() <= 1
    assert (alike == stylizer.stylize(second, fixed)).all()
    assert np.abs(alike.astype(int) - stylizer.stylize(second, "waves")).mean() > 10
    kept = Path("album.json").read_bytes()
    assert run("stylize", "in/b.png", "again.png", *STYLE, "--statistics", "album.json").code == 0
    assert (read_picture(Path("again.png")).rgb == alike).all()
    assert Path("album.json").read_bytes() == kept
    protect = ("--protect", "in/a.png", "--statistics", "album.json")
    assert run("stylize", "in/b.png", "kept.png", *STYLE, *protect).code == 0


def test_statistics_that_do_not_fit_are_told_and_nothing_is_written(run: Run, photos: tuple[Pixels, Pixels]) -> None:
    run("stylize", "in/a.png", "a.png", *STYLE, "--statistics", "album.json")
    other = ("--style", "klee", "--statistics", "album.json")
    told = check_refusal(run("stylize", "in/a.png", "no.png", *other))
    assert (
        told == "the statistics in album.json are of another style, mixture or strength; measure the statistics again"
    )
    both = ("--mask", "in/a.png", "--style", "klee", "--statistics", "album.json")
    told = check_refusal(run("stylize", "in/a.png", "no.png", *STYLE, *both))
    assert told == "a file of --statistics is for one look, and masks may have several; leave it out"
    told = check_refusal(run("stylize", "in/a.png", "no.png", *STYLE, "--statistics", "in/a.png"))
    assert told == "--statistics is 'in/a.png'; give sampled, exact, or a file whose name ends in .json"
    Path("list.json").write_text("[]")
    assert check_refusal(run("stylize", "in/a.png", "no.png", *STYLE, "--statistics", "list.json")).startswith(
        "list.json"
    )
    told = check_refusal(
        run("stylize", "in/a.png", "no.png", *STYLE, "--statistics", "album.json", "--stroke-size", 70)
    )
    assert told.startswith("the statistics in album.json are of the --stroke-size auto, not 70")
    Path("in/a.png").write_bytes(b"no picture")
    told = check_refusal(run("stylize", "in", "out", *STYLE, "--statistics", "new.json"))
    assert "in/a.png" in told
    assert not {"no.png", "out", "new.json"} & {path.name for path in Path().iterdir()}


def test_a_dry_run_writes_no_statistics(run: Run, photos: tuple[Pixels, Pixels]) -> None:
    assert run("stylize", "in", "out", *STYLE, "--statistics", "new.json", "--dry-run").code == 0
    assert not Path("new.json").exists()


def test_little_memory_makes_the_same_picture(run: Run, tmp_path: Path, stylizer: Stylizer) -> None:
    photo = picture(700, 900)
    write_picture(tmp_path / "large.png", photo)
    options = ("--stroke-size", "full", "--statistics", "exact", "--memory")
    assert run("stylize", "large.png", "out.png", *STYLE, *options, "16GB").code == 0
    whole = read_picture(tmp_path / "out.png").rgb
    assert (whole == stylizer.stylize(photo, "waves")).all()
    told = check_refusal(run("stylize", "large.png", "no.png", *STYLE, *options, "1MB"))
    assert told.startswith("large.png: --memory of 1 MB is too little for a picture 900 pixels wide; give at least ")
    needed = int(told.rpartition(" ")[2].removesuffix("MB")) + 25
    assert run("stylize", "large.png", "out.png", *STYLE, *options, f"{needed}MB").code == 0
    difference = np.abs(read_picture(tmp_path / "out.png").rgb.astype(int) - whole)
    assert 0 < difference.max() <= 1


@pytest.mark.parametrize(
    ("text", "size"),
    [
        ("512MB", 512_000_000),
        ("1.5 GiB", 3 * 2**29),
        ("2g", 2_000_000_000),
        ("800000000", 800_000_000),
        ("2000KiB", 2_048_000),
    ],
)
def test_memory_as_people_write_it(text: str, size: int) -> None:
    assert read_memory(text) == size


@pytest.mark.parametrize("options", [("--memory", "lots"), ("--memory", "150"), ("--memory", "1GB", "--jobs", "2")])
def test_memory_that_is_wrong_usage(run: Run, photos: tuple[Pixels, Pixels], options: tuple[str, ...]) -> None:
    result = run("stylize", "in", "out", *STYLE, *options)
    assert result.code == 2
    assert "--memory" in result.err
    assert not Path("out").exists()


def test_photo_and_picture_stand_side_by_side(run: Run, photos: tuple[Pixels, Pixels], stylizer: Stylizer) -> None:
    result = run("stylize", "in", "out", *STYLE, "--compare", "--json")
    assert result.code == 0
    both = read_picture(Path("out/a.png")).rgb
    assert both.shape == (64, 2 * 96 + 8, 3)
    assert (both[:, :96] == photos[0]).all()
    assert (both[:, 96:104] == 255).all()
    assert (both[:, 104:] == stylizer.stylize(photos[0], "waves")).all()
    clear = np.dstack([photos[0], np.full((64, 96), 100, np.uint8)])
    write_picture("clear.png", clear)
    assert run("stylize", "clear.png", "both.png", *STYLE, "--compare").code == 0
    alpha = read_picture(Path("both.png")).alpha
    assert alpha is not None
    assert [alpha[0, column] for column in (0, 100, 150)] == [100, 255, 100]


def test_a_picture_that_is_too_wide_beside_its_photo_is_refused_before(run: Run, tmp_path: Path) -> None:
    write_picture(tmp_path / "wide.png", np.zeros((16, 9000, 3), np.uint8))
    for options in ((), ("--dry-run",)):
        told = check_refusal(run("stylize", "wide.png", "out.webp", *STYLE, "--compare", *options))
        assert "18008" in told


def test_animations_go_through_pipes(tmp_path: Path) -> None:
    source = encode_animation(".gif", moving(), TIMES)

    def pipe(data: bytes, *arguments: str) -> "subprocess.CompletedProcess[bytes]":
        command = [sys.executable, "-m", "nst_runtime", "stylize", *arguments, *map(str, STYLE)]
        return subprocess.run(
            command, input=data, capture_output=True, cwd=tmp_path, env=clean_environment(), check=False
        )

    for options, form in (((), "GIF"), (("--format", "apng"), "PNG"), (("--format", "webp"), "WEBP")):
        data = pipe(source, "-", "-", *options).stdout
        assert Image.open(io.BytesIO(data)).format == form
        with open_animation(io.BytesIO(data), "it") as animation:
            assert animation is not None
            assert animation.durations_ms == TIMES
    assert pipe(source, "-", "moving.gif").returncode == 0
    assert Image.open(tmp_path / "moving.gif").n_frames == len(TIMES)  # type: ignore[attr-defined]
    assert read_picture_bytes(pipe(source, "-", "-", "--format", "png").stdout, "it").rgb.shape == (24, 40, 3)
    Image.new("RGB", (40, 24)).save(tmp_path / "still.gif")
    still = (tmp_path / "still.gif").read_bytes()
    assert Image.open(io.BytesIO(pipe(still, "-", "-").stdout)).format == "PNG"
    refused = pipe(still, "-", "-", "--format", "gif")
    assert (refused.returncode, refused.stdout) == (1, b"")
    assert refused.stderr.decode().splitlines() == [
        "error: cannot write the standard output: .gif is for animations, and this is one picture",
        "hint: write a .png",
    ]


def test_all_of_a_folder_become_animations(run: Run, tmp_path: Path) -> None:
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "a.gif").write_bytes(encode_animation(".gif", moving(), TIMES))
    write_picture(tmp_path / "in" / "b.png", picture(24, 40))
    result = run("stylize", "in", "out", *STYLE, "--format", "apng", "--json")
    records = [json.loads(line) for line in result.out.splitlines()]
    assert [record["result"] for record in records] == ["made", "error"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["a.apng"]


def test_the_first_picture_is_the_first_that_was_given(
    run: Run, photos: tuple[Pixels, Pixels], stylizer: Stylizer
) -> None:
    """Also where its result is there, so that what was stopped goes on alike."""
    assert run("stylize", "in", "out", *STYLE).code == 0
    Path("out/b.png").unlink()
    result = run("stylize", "in", "out", *STYLE, "--statistics", "album.json")
    assert result.err.splitlines()[0] == "note: album.json now has the statistics of in/a.png"
    fixed = Look("waves", statistics=stylizer.measure(photos[0], "waves"))
    assert (read_picture(Path("out/b.png")).rgb == stylizer.stylize(photos[1], fixed)).all()


def test_files_that_are_needed_are_not_written_to(run: Run, photos: tuple[Pixels, Pixels]) -> None:
    before = Path("in/b.png").read_bytes()
    for options in (("--mask", "in/b.png"), ("--protect", "./in/../in/b.png")):
        told = check_refusal(run("stylize", "in/a.png", "in/b.png", *STYLE, *options))
        assert told == "in/b.png is a file that is needed itself; give another name to write to"
    told = check_refusal(run("styles", "preview", "in/b.png", "in/b.png"))
    assert told == "in/b.png is the picture that is read; give another name to write to"
    assert Path("in/b.png").read_bytes() == before


def test_a_dry_run_foresees_what_painting_would_refuse(run: Run, photos: tuple[Pixels, Pixels]) -> None:
    Image.new("L", (8, 80), "white").save("tall.png")
    run("stylize", "in/a.png", "a.png", *STYLE, "--statistics", "album.json")
    for options, told in (
        (("--mask", "tall.png"), "a mask of 8×80 pixels does not fit a picture of 96×64"),
        (("--memory", "1MB"), "a.png takes "),
        (("--statistics", "album.json", "--strength", 0.5), "are of another style, mixture or strength"),
    ):
        for dry in ((), ("--dry-run",)):
            assert told in check_refusal(run("stylize", "in/a.png", "no.jpg", *STYLE, *options, *dry))
    result = run("stylize", "in", "out", *STYLE, "--mask", "tall.png", "--dry-run")
    assert "2 of 2 pictures would not be stylised" in result.err
    record = json.loads(run("stylize", "in/a.png", "x.png", *STYLE, "--dry-run", "--json").out)
    assert (record["result"], record["dry_run"]) == ("made", True)
