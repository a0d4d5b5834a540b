"""The stages of a recipe: each begins with the one before, is passed over when it is done, and is looked at ahead."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

import pytest
import torch

from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_student.networks.checkpoint import CODEC_FILE, load_codec
from nst_student.networks.style_files import load_bank
from nst_student.recipes.settings import (
    JudgeSettings,
    PerceptualSettings,
    PhotoSettings,
    StudentSettings,
    StyleSource,
    TrainingSettings,
)
from nst_student.training.session import STATE_FILE, Progress
from nst_student.training.stages import Stages, train_bank_in_stages, train_codec_in_stages

from .conftest import clouds

CPU = torch.device("cpu")
JUDGED = PerceptualSettings(JudgeSettings("random", scales=1, style_size_px=48))
PLAIN = StudentSettings(
    architecture="srinath", perceptual=JUDGED,
    training=TrainingSettings(steps=2, batch=1, crop_px=48, sample_every=0, hard_pictures=2),
)  # fmt: skip
BEGIN = replace(PLAIN, mode="reconstruct")
CODEC: Stages = [("plain", BEGIN), ("rough", PLAIN), ("last", PLAIN)]
BANK: Stages = [("rough", PLAIN), ("last", PLAIN)]
Run = Iterator[tuple[str, Iterator[Progress]]]


class Photographs:
    """Reads photographs and remembers for which settings."""

    def __init__(self) -> None:
        self.asked: list[PhotoSettings] = []

    def __call__(self, wanted: PhotoSettings) -> Sequence[Pixels]:
        self.asked.append(wanted)
        return [clouds(seed, wanted.photo_px[0]) for seed in range(3)]


@pytest.fixture
def source(style: Path) -> StyleSource:
    return StyleSource("waves", style)


@pytest.fixture
def workspace(tmp_path: Path) -> Workspace:
    return Workspace(tmp_path / "new")


def codec(
    workspace: Workspace, source: StyleSource, stages: Stages, photos: Photographs, *, fresh: bool = False
) -> Run:
    return train_codec_in_stages(workspace, [source], stages, CPU, photos=photos, infos={}, fresh=fresh)


def bank(workspace: Workspace, source: StyleSource, stages: Stages, photos: Photographs) -> Run:
    return train_bank_in_stages(
        workspace, source, stages, CPU, objective="perceptual", photos=photos, pairs=list
    )  # fmt: skip


def finish(run: Run) -> dict[str, list[Progress]]:
    return {name: list(progress) for name, progress in run}


def test_a_stage_of_a_codec_begins_with_the_codec_and_the_banks_before(
    workspace: Workspace, source: StyleSource
) -> None:
    finish(codec(workspace, source, CODEC, Photographs()))
    plain, rough = (Workspace(workspace.codec / "stages" / name) for name in ("plain", "rough"))
    codecs = [load_codec(each.codec / CODEC_FILE) for each in (plain, rough, workspace)]
    begun = [each.record.training["start_sha256"] for each in codecs]
    assert begun == [None, codecs[0].sha256, codecs[1].sha256]
    recorded = [each.record.training.get("start_sha256/waves") for each in codecs]
    assert recorded == [None, None, sha256_of_file(rough.style("waves"))]
    assert load_bank(workspace.style("waves"), codecs[2]).file.record.recipe == "joint"


def test_a_stage_that_is_done_is_passed_over_and_no_photograph_is_read(
    workspace: Workspace, source: StyleSource
) -> None:
    for stages, begin in ((CODEC, codec), (BANK, bank)):
        finish(begin(workspace, source, stages, Photographs()))
        photos = Photographs()
        _, again = next(begin(workspace, source, stages, photos))
        assert [(at.report.step, at.report.means, at.resumed_at) for at in again] == [(2, {}, 2)]
        assert photos.asked == []


def test_a_stage_that_was_stopped_goes_on(workspace: Workspace, source: StyleSource) -> None:
    longer = replace(PLAIN, training=replace(PLAIN.training, steps=30))
    stages: Stages = [("rough", longer), ("last", PLAIN)]
    (_, training), *_ = [next(codec(workspace, source, stages, Photographs()))]
    assert next(training).report.step == 20
    training.close()  # type: ignore[attr-defined]
    told = finish(codec(workspace, source, stages, Photographs()))
    assert [at.resumed_at for at in told["rough"]] == [20, 20, 20]
    assert [at.report.step for at in told["rough"]] == [20, 20, 30]


def test_a_stage_of_a_bank_begins_with_the_bank_before(workspace: Workspace, source: StyleSource) -> None:
    finish(codec(workspace, source, CODEC[:1], Photographs()))
    told = (workspace.codec / CODEC_FILE).read_bytes()
    finish(bank(workspace, source, BANK, Photographs()))
    first = Workspace(workspace.bank("waves") / "stages" / "rough").style("waves")
    last = load_bank(workspace.style("waves"), load_codec(workspace.codec / CODEC_FILE))
    assert last.file.record.training["start_sha256"] == sha256_of_file(first)
    assert (workspace.codec / CODEC_FILE).read_bytes() == told


def test_each_stage_sees_the_photographs_that_it_asks_for(workspace: Workspace, source: StyleSource) -> None:
    """Read once where two stages ask for the same."""
    large = replace(BEGIN, photos=PhotoSettings(photo_px=(96,)))
    photos = Photographs()
    finish(codec(workspace, source, [("a", BEGIN), ("b", large), ("c", BEGIN)], photos))
    assert [wanted.photo_px for wanted in photos.asked] == [(288,), (96,)]


@pytest.mark.parametrize(
    ("wrong", "said"),
    [
        (replace(PLAIN, perceptual=replace(JUDGED, judges=replace(JUDGED.judges, layers=("relu9_9",)))), "relu9_9"),
        (replace(PLAIN, perceptual=replace(JUDGED, judges=JudgeSettings("vgg19", Path("none.pth")))), r"none\.pth"),
        (replace(PLAIN, training=replace(PLAIN.training, crop_px=50)), "`crop_px` is 50"),
    ],
)
def test_what_a_later_stage_could_not_begin_with_is_said_before_the_first(
    workspace: Workspace, source: StyleSource, wrong: StudentSettings, said: str
) -> None:
    photos = Photographs()
    for run in (
        codec(workspace, source, [("plain", BEGIN), ("last", wrong)], photos),
        bank(workspace, source, [("rough", PLAIN), ("last", wrong)], photos),
    ):
        with pytest.raises(NstError, match=said):
            next(run)
    assert not workspace.root.exists()


def test_fresh_leaves_nothing_that_a_stage_began_with_before(workspace: Workspace, source: StyleSource) -> None:
    """Else the last stage would refuse to go on from another first one, hours after the command began."""
    finish(codec(workspace, source, CODEC, Photographs()))
    _, first = next(codec(workspace, source, CODEC, Photographs(), fresh=True))
    list(first)
    assert not (workspace.codec / STATE_FILE).exists()
    assert not (workspace.codec / "stages/rough/codec" / STATE_FILE).exists()
    told = finish(codec(workspace, source, CODEC, Photographs()))
    assert {name: at[-1].report.step for name, at in told.items()} == {"plain": 2, "rough": 2, "last": 2}
