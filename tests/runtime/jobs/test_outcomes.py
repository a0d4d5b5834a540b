"""What came of jobs, for programs; and what would come of them."""

import io
import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from nst_runtime import Stylizer
from nst_runtime.errors import ImageError
from nst_runtime.jobs.dry_run import foresee
from nst_runtime.jobs.keeping import Keeping
from nst_runtime.jobs.outcomes import Outcome, to_record
from nst_runtime.jobs.plan import Job, plan
from nst_runtime.jobs.run import Streams, stylize_all, stylize_job
from nst_runtime.pictures.quality import Compression
from nst_runtime.pictures.read import read_picture, read_picture_bytes
from nst_runtime.pictures.write import write_picture

from ..pictures.test_metadata import SECRET, photograph
from ..pictures.test_profiles_kept import P3, p3_photograph


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """A turned JPEG, a GIF of two frames, one too small, one too large, one that is cut off, one there, no picture."""
    source = tmp_path / "in"
    source.mkdir()
    turned = Image.Exif()
    turned[0x0112] = 6
    Image.new("RGB", (40, 20)).save(source / "a.jpg", exif=turned)
    Image.new("L", (16, 16)).save(source / "b.gif", save_all=True, append_images=[Image.new("L", (16, 16), 9)])
    Image.new("RGB", (15, 40)).save(source / "c.png")
    Image.new("RGB", (101, 100)).save(source / "d.png")
    (source / "e.jpg").write_bytes(b"not a picture")
    Image.effect_noise((64, 64), 50).save(source / "f.png")
    (source / "f.png").write_bytes((source / "f.png").read_bytes()[:1000])
    Image.new("RGB", (20, 20)).save(source / "g.png")
    write_picture(tmp_path / "out" / "g.png", np.zeros((20, 20, 3), np.uint8))
    return tmp_path


def test_what_would_be_done(folder: Path, stylizer: Stylizer) -> None:
    todo = plan([str(folder / "in")], str(folder / "out"))
    foreseen = list(foresee(todo, max_pixels=10_000, painted=(stylizer, "swapped")))
    done = list(stylize_all(stylizer, todo.jobs, "swapped", max_pixels=10_000))
    assert [(outcome.result, outcome.size) for outcome in foreseen] == [
        ("made", (20, 40)),
        ("made", (16, 16)),
        ("error", (15, 40)),
        ("error", None),
        ("error", None),
        ("made", (64, 64)),
        ("skipped", None),
    ]
    assert [str(it.error) for it in foreseen[2:5]] == [str(it.error) for it in done[2:5]]
    assert "both sides need at least 16" in str(foreseen[2].error)
    assert "101×100 = 10100 pixels, over the limit of 10000" in str(foreseen[3].error)
    assert "is not a picture that can be read" in str(foreseen[4].error)
    assert (
        foreseen[1].notes
        == done[1].notes
        == ("an animation, of which only the first frame is used; .gif, .webp and .apng hold all",)
    )
    assert done[5].result == "error"  # it is cut off after its head
    assert [it.size for it in done[:2]] == [it.size for it in foreseen[:2]]


def test_nothing_is_decoded_or_written(folder: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(*_: object) -> None:
        raise AssertionError("a picture was decoded")

    monkeypatch.setattr(Image.Image, "load", fail)
    monkeypatch.setattr("PIL.ImageFile.ImageFile.load", fail)
    todo = plan([str(folder / "in")], str(folder / "new"))
    assert [outcome.result for outcome in foresee(todo)].count("made") == 6
    assert not (folder / "new").exists()


def test_what_the_target_cannot_hold(folder: Path) -> None:
    Image.new("L", (17_000, 20)).save(folder / "wide.png")
    (foreseen,) = foresee(plan([str(folder / "wide.png")], str(folder / "wide.webp")))
    assert "WEBP holds at most 16383 pixels a side, not 17000×20" in str(foreseen.error)
    with pytest.raises(ImageError, match="has no `quality`"):
        next(foresee(plan([str(folder / "wide.png")], str(folder / "x.png")), keeping=Keeping(quality=9)))
    (stream,) = foresee(plan(["-"], "-"))
    assert to_record(stream)["dry_run"]
    assert (stream.result, stream.size) == ("made", None)


def test_records() -> None:
    job = Job(Path("in/a.jpg"), Path("out/a.jpg"))
    common = {"source": "in/a.jpg", "target": "out/a.jpg", "message": "", "hint": "", "notes": [], "dry_run": False}
    made = Outcome(job, ("a note",), size=(30, 20), seconds=1.23456)
    assert to_record(made) == common | {"result": "made", "notes": ["a note"], "size": [30, 20], "seconds": 1.235}
    error = Outcome(job, error=ImageError("it is bad", "raise `max_pixels`"))
    bad = {"result": "error", "message": "it is bad", "hint": "raise `max_pixels`", "size": None, "seconds": 0.0}
    assert to_record(error) == common | bad
    skipped = to_record(Outcome(Job(None, None), skipped=True))
    assert (skipped["source"], skipped["target"], skipped["result"]) == ("-", "-", "skipped")
    assert json.loads(json.dumps(skipped)) == skipped


def test_how_results_are_written(tmp_path: Path, stylizer: Stylizer) -> None:
    (tmp_path / "in.jpg").write_bytes(photograph())
    (tmp_path / "p3.png").write_bytes(p3_photograph())
    stylize_job(stylizer, Job(tmp_path / "in.jpg", tmp_path / "plain.jpg"), "negative")
    plain = read_picture(tmp_path / "plain.jpg")
    assert plain.compression == Compression(95, 0)
    assert plain.metadata is not None
    assert SECRET not in (tmp_path / "plain.jpg").read_bytes()
    keeping = Keeping(quality=40, strip=True, keep_profile=True)
    jobs = [Job(tmp_path / "in.jpg", tmp_path / "bare.jpg"), Job(tmp_path / "p3.png", tmp_path / "p3.out.png")]
    assert [it.result for it in stylize_all(stylizer, jobs, "negative", keeping=keeping)] == ["made", "made"]
    bare = read_picture(tmp_path / "bare.jpg")
    assert (bare.metadata, bare.compression) == (None, Compression(40, 2))
    assert read_picture(tmp_path / "p3.out.png").profile == P3
    streams = Streams(io.BytesIO(p3_photograph()), io.BytesIO())
    stylize_job(stylizer, Job(None, None, ".webp"), "negative", keeping=keeping, streams=streams)
    assert read_picture_bytes(streams.target.getvalue(), "x").profile == P3  # type: ignore[attr-defined]
