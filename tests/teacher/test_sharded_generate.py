"""Several shards in one folder: whichever ends last, the folder is that of one run."""

import os
import time
from collections.abc import Sequence
from dataclasses import replace
from itertools import permutations
from pathlib import Path

import pytest
import torch

from nst_runtime.contracts.pairs import read_pairs
from nst_runtime.errors import NstError
from nst_runtime.pictures.write import write_picture
from nst_teacher.pairs.generate import generate
from nst_teacher.pairs.job import Generated, Job, PairReady, Started
from nst_teacher.pairs.shards import Shard
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan

from .conftest import Run, draw_photo, hash_files
from .test_cli import change

CPU = torch.device("cpu")
THIRDS = [Shard(index, 3) for index in range(3)]
PHOTOS = 8


@pytest.fixture
def job(photos: Path, style_picture: Path, tmp_path: Path) -> Job:
    for number in range(PHOTOS):
        write_picture(photos / f"photo_{number}.png", draw_photo(number, 40, 40))
    method = Method(network="random", plan=Plan(iterations=1), style_size_px=48)
    return Job("stripes", style_picture, photos, PHOTOS, 16, tmp_path / "pairs", method)


def do(job: Job) -> Generated:
    *_, end = generate(job, CPU)
    assert isinstance(end, Generated)
    return end


@pytest.mark.parametrize("order", list(permutations(THIRDS))[::2])
def test_whichever_shard_ends_last_writes_the_manifest_of_all(job: Job, tmp_path: Path, order: Sequence[Shard]) -> None:
    ends = [do(replace(job, shard=shard)) for shard in order]
    assert [end.manifest for end in ends] == [None, None, job.out / "pairs.json"]
    assert sum(len(end.pairs) for end in ends) == PHOTOS
    whole = replace(job, out=tmp_path / "whole")
    do(whole)
    assert hash_files(job.out, without=["shards"]) == hash_files(whole.out, without=["shards"])
    assert len(read_pairs(job.out).pairs) == PHOTOS


def test_shards_that_overlap_in_time_share_the_folder(job: Job) -> None:
    runs = [generate(replace(job, shard=shard), CPU) for shard in THIRDS]
    assert sum(event.photos for run in runs if isinstance(event := next(run), Started)) == PHOTOS
    with pytest.raises(NstError, match=r"another process is writing to .*shards/1-of-3"):
        do(replace(job, shard=THIRDS[0]))
    with pytest.raises(NstError, match=r"another process is writing to .*pairs; wait for it"):
        do(job)
    ends = [list(run)[-1] for run in runs]
    manifests = [end.manifest for end in ends if isinstance(end, Generated)]
    assert manifests == [None, None, job.out / "pairs.json"]


def test_a_shard_that_never_came_is_made_up_by_a_run_of_the_whole(job: Job) -> None:
    made = [do(replace(job, shard=shard)) for shard in THIRDS[:2]]
    assert not (job.out / "pairs.json").exists()
    events = list(generate(job, CPU))
    reused = sum(isinstance(event, PairReady) and event.reused for event in events)
    assert reused == sum(len(end.pairs) for end in made)
    assert len(read_pairs(job.out).pairs) == PHOTOS


def test_parts_of_another_job_do_not_count(job: Job) -> None:
    for shard in THIRDS[:2]:
        do(replace(job, shard=shard, count=PHOTOS - 1))
    assert do(replace(job, shard=THIRDS[2])).manifest is None
    with pytest.raises(NstError, match="iterations 1, now 2"):
        do(replace(job, shard=THIRDS[2], method=replace(job.method, plan=Plan(iterations=2))))
    assert do(replace(job, shard=THIRDS[0])).manifest is None
    assert do(replace(job, shard=THIRDS[1])).manifest == job.out / "pairs.json"


def test_a_shard_that_runs_again_keeps_the_manifest_right(job: Job) -> None:
    for shard in THIRDS:
        do(replace(job, shard=shard))
    before = hash_files(job.out, without=["shards"])
    (job.out / "pairs.json").unlink()
    owner = next(shard for shard in THIRDS if shard.holds(Path("photo_5.png")))
    damaged = do(replace(job, shard=owner)).pairs[0]
    (job.out / damaged.target).write_bytes(b"")
    assert do(replace(job, shard=owner)).manifest == job.out / "pairs.json"
    assert hash_files(job.out, without=["shards"]) == before


def test_a_photo_that_fails_in_one_shard_is_missing_from_the_manifest_alone(job: Job) -> None:
    (job.content / "photo_3.png").write_bytes(b"no picture")
    ends = [do(replace(job, shard=shard)) for shard in THIRDS]
    assert sum(len(end.failures) for end in ends) == 1
    assert len(read_pairs(job.out).pairs) == PHOTOS - 1


def test_a_shard_leaves_temporary_files_that_may_be_anothers(job: Job) -> None:
    job.out.mkdir()
    young, old = job.out / ".nst-0123456789abcdef.tmp", job.out / ".nst-fedcba9876543210.tmp"
    for path in (young, old):
        path.write_bytes(b"half")
    os.utime(old, (time.time() - 4000, time.time() - 4000))
    do(replace(job, shard=THIRDS[0]))
    assert (young.exists(), old.exists()) == (True, False)
    do(job)
    assert not young.exists()


def test_fresh_is_not_for_shards_and_forgets_them(job: Job) -> None:
    with pytest.raises(NstError, match=r"`fresh` in shard 1/3 would remove the other shards' pairs"):
        do(replace(job, shard=THIRDS[0], fresh=True))
    for shard in THIRDS:
        do(replace(job, shard=shard))
    do(replace(job, fresh=True, count=2))
    assert not list(job.out.rglob("part.json"))


def test_the_command_says_what_a_shard_did(
    run: Run, generate_arguments: list[str | Path | int], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    arguments = change(generate_arguments, iterations=1)
    first = run(*arguments, "--set", "machines.shard=1/2")
    assert (first.code, first.out) == (0, "")
    assert first.err.splitlines()[-1].startswith("shard 1/2 has its ")
    assert first.err.endswith(" pairs; the last shard to end writes the manifest\n")
    monkeypatch.setenv("RANK", "1")
    monkeypatch.setenv("WORLD_SIZE", "2")
    second = run(*arguments, "--set", "machines.shard=auto")
    assert (second.code, second.out) == (0, f"{tmp_path / 'pairs' / 'pairs.json'}\n")
    assert len(read_pairs(tmp_path / "pairs").pairs) == 4
    wrong = run(*arguments, "--set", "machines.shard=3/2")
    assert wrong.code == 1
    assert wrong.err.startswith("error: machines.shard ")
    assert "counted from 1 to n" in wrong.err
