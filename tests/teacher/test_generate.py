"""Pairs on disk: what is written, what is reused, and what is refused."""

import hashlib
import json
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch
from safetensors.torch import save_file

from nst_runtime.contracts.pairs import read_pairs
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import from_unit
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture
from nst_teacher.engine.engine import Engine
from nst_teacher.engine.style_picture import StylePicture
from nst_teacher.pairs.folder_lock import locked
from nst_teacher.pairs.generate import Generated, Iterated, Job, PairReady, generate
from nst_teacher.pairs.pair_folder import hash_settings
from nst_teacher.pictures.photos import read_square
from nst_teacher.settings.identity import EARLIER
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan
from nst_teacher.settings.style_file import StyleFile

from .conftest import draw_style, hash_files

CPU = torch.device("cpu")


@pytest.fixture
def job(photos: Path, style_picture: Path, tmp_path: Path) -> Job:
    method = Method(network="random", plan=Plan(iterations=4), style_size_px=48)
    return Job("stripes", style_picture, photos, 3, 32, tmp_path / "pairs", method)


def do(job: Job) -> tuple[Generated, Sequence[PairReady]]:
    *events, end = generate(job, CPU)
    assert isinstance(end, Generated)
    return end, [event for event in events if isinstance(event, PairReady)]


def test_a_pair_is_the_photo_the_picture_and_a_record(job: Job) -> None:
    end, _ = do(job)
    manifest = read_pairs(job.out)
    assert manifest.pairs == end.pairs
    assert len(manifest.pairs) == 3
    assert manifest.settings["iterations"] == 4
    assert manifest.settings["size_px"] == 32
    assert manifest.style.sha256 == hashlib.sha256(job.style_picture.read_bytes()).hexdigest()
    pair = manifest.pairs[0]
    found = hash_files(job.out)
    assert (found[pair.content], found[pair.target]) == (pair.content_sha256, pair.target_sha256)
    content = read_picture(job.out / pair.content).rgb
    assert np.array_equal(content, read_square(job.content / pair.source, 32))
    target = read_picture(job.out / pair.target).rgb
    assert target.shape == (32, 32, 3)
    assert np.abs(target.astype(int) - content).mean() > 5
    assert pair.losses.final < pair.losses.initial
    assert pair.losses.content + pair.losses.style <= pair.losses.final
    expected = {"pairs.json", "sheet.jpg", *(f"{kind}/{p.id}.png" for kind in ("content", "target") for p in end.pairs)}
    assert set(found) == expected | {f"records/{p.id}.json" for p in end.pairs}


def test_again_makes_nothing_and_changes_nothing(job: Job) -> None:
    do(job)
    before = hash_files(job.out)
    _, ready = do(job)
    assert [event.reused for event in ready] == [True, True, True]
    assert hash_files(job.out) == before


def test_a_larger_count_makes_only_the_new_ones(job: Job) -> None:
    few, _ = do(replace(job, count=2))
    more, ready = do(job)
    assert [event.reused for event in ready] == [True, True, False]
    assert more.pairs[:2] == few.pairs


def test_a_pair_does_not_depend_on_which_others_are_made(job: Job, tmp_path: Path) -> None:
    all_of_them, _ = do(job)
    last = all_of_them.pairs[-1]
    alone = tmp_path / "alone"
    alone.mkdir()
    (job.content / last.source).rename(alone / last.source)
    single, _ = do(replace(job, content=alone, count=1, out=tmp_path / "other"))
    assert single.pairs == (last,)


@pytest.mark.parametrize("damage", ["cut target", "no content", "no record", "half a record", "edited photo"])
def test_what_is_damaged_or_missing_is_made_again(job: Job, damage: str) -> None:
    end, _ = do(job)
    before = hash_files(job.out)
    pair = end.pairs[1]
    record = job.out / "records" / f"{pair.id}.json"
    if damage == "cut target":
        (job.out / pair.target).write_bytes((job.out / pair.target).read_bytes()[:50])
    elif damage == "no content":
        (job.out / pair.content).unlink()
    elif damage == "no record":
        record.unlink()
    elif damage == "half a record":
        record.write_text(record.read_text()[:100])
    else:
        edited = read_picture(job.content / pair.source).rgb[:, ::-1].copy()
        write_picture(job.content / pair.source, edited)
    again, ready = do(job)
    assert sorted(event.reused for event in ready) == [False, True, True]
    if damage == "edited photo":
        assert again.pairs[1].target_sha256 != pair.target_sha256
    else:
        assert hash_files(job.out) == before


def test_pairs_of_other_settings_are_refused_and_kept(job: Job) -> None:
    do(job)
    before = hash_files(job.out)
    changed = replace(job.method, plan=Plan(iterations=5), content_weight=0.5)
    message = r"other settings \(content_weight 0\.01, now 0\.5; iterations 4, now 5\); give another folder as"
    with pytest.raises(NstError, match=message):
        do(replace(job, method=changed))
    assert hash_files(job.out) == before


def test_pairs_of_an_earlier_version_are_added_to(job: Job) -> None:
    """Its records say what was unusual alone; they stay as they are."""
    do(replace(job, count=2))
    records = sorted((job.out / "records").iterdir())
    for path in records:
        record = json.loads(path.read_text())
        later = {*EARLIER, "weights_normalisation", "deep_normalisation"}
        record["settings"] = {key: value for key, value in record["settings"].items() if key not in later}
        record["settings_sha256"] = hash_settings(record["settings"])
        path.write_text(json.dumps(record))
    before = hash_files(job.out / "records")
    with pytest.raises(NstError, match=r"other settings \(iterations 4, now 5\)"):
        do(replace(job, method=replace(job.method, plan=Plan(iterations=5))))
    end, ready = do(job)
    assert [event.reused for event in ready] == [True, True, False]
    assert len(read_pairs(job.out).pairs) == len(end.pairs) == 3
    assert hash_files(job.out / "records").items() > before.items()


def test_another_style_picture_or_size_is_another_setting(job: Job) -> None:
    do(job)
    with pytest.raises(NstError, match="size_px 32, now 40"):
        do(replace(job, size_px=40))
    write_picture(job.style_picture, read_picture(job.style_picture).rgb[:, ::-1].copy())
    with pytest.raises(NstError, match=r"style_sha256 [0-9a-f]{8}…, now [0-9a-f]{8}…"):
        do(job)


def test_fresh_starts_over_and_touches_nothing_else(job: Job) -> None:
    old, _ = do(job)
    mine = job.out / "content" / "mine.png"
    mine.write_bytes(b"not of this program")
    new, ready = do(replace(job, method=replace(job.method, seed=1), fresh=True))
    assert [event.reused for event in ready] == [False, False, False]
    assert mine.read_bytes() == b"not of this program"
    stale = {pair.target for pair in old.pairs} - {pair.target for pair in new.pairs}
    assert not any((job.out / name).exists() for name in stale)
    assert read_pairs(job.out).pairs == new.pairs


def test_leftovers_of_a_killed_run_are_removed(job: Job) -> None:
    for folder in (job.out, job.out / "target", job.out / "records"):
        folder.mkdir(parents=True, exist_ok=True)
        (folder / ".nst-0123456789abcdef.tmp").write_bytes(b"half")
    do(job)
    assert not list(job.out.rglob("*.tmp"))


def test_a_folder_in_use_is_refused(job: Job) -> None:
    with locked(job.out), pytest.raises(NstError, match=r"another process is writing to .*pairs"):
        do(job)
    do(job)


def test_in_a_batch_the_pairs_are_those_made_singly(job: Job, tmp_path: Path) -> None:
    singly, _ = do(job)
    *events, batched = generate(replace(job, batch=2, out=tmp_path / "batched"), CPU)
    assert isinstance(batched, Generated)
    sizes = [event.pictures for event in events if isinstance(event, Iterated) and event.iteration == 0]
    assert sizes == [2, 1]
    assert [pair.id for pair in batched.pairs] == [pair.id for pair in singly.pairs]
    for one, other in zip(singly.pairs, batched.pairs, strict=True):
        pictures = (read_picture(folder / one.target).rgb for folder in (job.out, tmp_path / "batched"))
        first, second = pictures
        assert np.abs(first.astype(int) - second).max() <= 1
        assert other.losses.final == pytest.approx(one.losses.final, rel=1e-3)


def test_photos_that_cannot_be_read_are_left_out_and_named(job: Job) -> None:
    (job.content / "photo_1.png").write_bytes(b"\x89PNG\r\n\x1a\nnot really")
    (job.content / "photo_2.png").write_bytes(b"")
    end, _ = do(replace(job, count=4))
    assert sorted(pair.source for pair in end.pairs) == ["photo_0.png", "photo_3.png"]
    assert sorted(failure.source for failure in end.failures) == ["photo_1.png", "photo_2.png"]
    assert read_pairs(job.out).pairs == end.pairs


@pytest.mark.parametrize("batch", [1, 4])
def test_a_loss_that_is_no_number_drops_its_photo_alone(job: Job, tmp_path: Path, batch: int) -> None:
    """Filters that overflow on a bright picture and are quiet on dark ones."""
    weights = tmp_path / "huge.safetensors"
    kernel = torch.zeros(2, 3, 3, 3)
    kernel[:, :, 1, 1] = torch.tensor([[1.0], [1e30]])
    save_file({"features.0.weight": kernel, "features.0.bias": torch.tensor([9.0, -3e30])}, weights)
    for number in range(4):
        bright = 250 if number == 2 else 60 + 9 * number
        write_picture(job.content / f"photo_{number}.png", np.full((40, 40, 3), bright, np.uint8))
    write_picture(job.style_picture, np.full((48, 48, 3), 90, np.uint8))
    method = Method(network="vgg19", weights=weights, plan=Plan(iterations=3), style_size_px=48)
    end, _ = do(replace(job, count=4, method=method, batch=batch))
    assert [failure.source for failure in end.failures] == ["photo_2.png"]
    assert "not a number" in end.failures[0].reason
    assert sorted(pair.source for pair in end.pairs) == ["photo_0.png", "photo_1.png", "photo_3.png"]
    assert not list((job.out / "target").glob("photo-2*"))


def test_when_every_photo_fails_there_is_no_manifest(job: Job) -> None:
    for path in job.content.iterdir():
        path.write_bytes(b"no picture")
    end, _ = do(job)
    assert (end.manifest, end.pairs, len(end.failures)) == (None, (), 3)
    assert not (job.out / "pairs.json").exists()


def test_the_sheet_shows_style_photo_and_result(job: Job) -> None:
    end, _ = do(job)
    sheet = read_picture(job.out / "sheet.jpg").rgb
    assert sheet.shape == (400 + 200, 3 * 392 + 8, 3)
    photo = read_picture(job.out / end.pairs[1].content).rgb
    result = read_picture(job.out / end.pairs[1].target).rgb
    for picture, left in ((photo, 8 + 392), (result, 8 + 392 + 192)):
        shown = sheet[400 : 400 + 192, left : left + 192].astype(float)
        assert shown.mean(axis=(0, 1)) == pytest.approx(picture.mean(axis=(0, 1)), abs=2.5)
    style = read_picture(job.style_picture).rgb
    assert sheet[100:300, 500:700].mean(axis=(0, 1)) == pytest.approx(style.mean(axis=(0, 1)), abs=12)


def test_no_record_or_manifest_holds_a_date_or_a_path(job: Job) -> None:
    end, _ = do(job)
    texts = [(job.out / "pairs.json").read_text(), (job.out / f"records/{end.pairs[0].id}.json").read_text()]
    for text in texts:
        assert str(job.content.parent) not in text
        json.loads(text)


def test_a_blend_makes_pairs_of_its_own_that_are_never_taken_for_others(job: Job, tmp_path: Path) -> None:
    plain, _ = do(job)
    other = tmp_path / "other.png"
    write_picture(other, np.full((60, 40, 3), (250, 120, 0), np.uint8))
    blended = replace(job, blend=(StyleFile(other, 0.5),), out=tmp_path / "blend")
    with pytest.raises(
        NstError, match=r"other settings \(blend_sha256 None, now [0-9a-f]{8}…; blend_weights None, now 0"
    ):
        do(replace(blended, out=job.out))
    end, _ = do(blended)
    settings = read_pairs(blended.out).settings
    assert settings["style_sha256"] == hashlib.sha256(job.style_picture.read_bytes()).hexdigest()
    assert settings["blend_sha256"] == [hashlib.sha256(other.read_bytes()).hexdigest()]
    assert settings["blend_weights"] == [0.5]
    engine = Engine(job.method, [StylePicture(draw_style()), StylePicture(read_picture(other).rgb, 0.5)], CPU)
    pair = end.pairs[0]
    content, target = (read_picture(blended.out / name).rgb for name in (pair.content, pair.target))
    *_, last = engine.run([content], [pair.seed])
    assert np.array_equal(from_unit(last.image.numpy()), target)
    assert pair.target_sha256 != plain.pairs[0].target_sha256
    _, again = do(blended)
    assert [event.reused for event in again] == [True, True, True]
    with pytest.raises(NstError, match=r"blend_weights 0\.5, now 2\.0"):
        do(replace(blended, blend=(StyleFile(other, 2.0),)))
    write_picture(other, np.full((60, 40, 3), (0, 120, 0), np.uint8))
    with pytest.raises(NstError, match=r"blend_sha256 [0-9a-f]{8}…, now [0-9a-f]{8}…\)"):
        do(blended)


def test_the_sheet_of_a_blend_shows_all_its_pictures(job: Job, tmp_path: Path) -> None:
    for name, colour in (("red", (200, 0, 0)), ("blue", (0, 0, 200))):
        write_picture(tmp_path / f"{name}.png", np.full((60, 60, 3), colour, np.uint8))
    do(replace(job, style_picture=tmp_path / "red.png", blend=(StyleFile(tmp_path / "blue.png"),)))
    banner = read_picture(job.out / "sheet.jpg").rgb[100:300].astype(int)
    reddish = (banner[..., 0] - banner[..., 2] > 150).mean()
    assert reddish == pytest.approx((banner[..., 2] - banner[..., 0] > 150).mean(), rel=0.02)
    assert reddish > 0.25


def test_weights_of_a_blend_are_above_zero(job: Job) -> None:
    for weight in (0.0, -1.0, float("nan"), float("inf")):
        with pytest.raises(NstError, match="in the blend; give a weight above 0"):
            do(replace(job, blend=(StyleFile(job.style_picture, weight),)))
