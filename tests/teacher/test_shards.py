"""Which part of a job is whose: by hand, and as launchers say it."""

from pathlib import Path

import pytest
import torch

from nst_runtime.errors import NstError
from nst_teacher.pairs.shards import WHOLE, Shard, choose_device, parse_shard

PHOTOS = [Path(f"photo_{number}.jpg") for number in range(2000)]
OWNERS_OF_FIVE = [4, 2, 4, 3, 1, 0, 2, 2, 2, 2]


def test_every_photo_belongs_to_one_shard_and_the_shards_are_of_a_size() -> None:
    shards = [Shard(index, 8) for index in range(8)]
    owners = [[shard.index for shard in shards if shard.holds(photo)] for photo in PHOTOS]
    assert all(len(owner) == 1 for owner in owners)
    sizes = [sum(owner == [index] for owner in owners) for index in range(8)]
    assert 200 < min(sizes) <= max(sizes) < 300


def test_the_name_alone_decides_in_every_process() -> None:
    assert [Shard(1, 3).holds(photo) for photo in PHOTOS[:8]] == [
        Shard(1, 3).holds(Path("elsewhere") / photo) for photo in PHOTOS[:8]
    ]
    assert [next(i for i in range(5) if Shard(i, 5).holds(photo)) for photo in PHOTOS[:10]] == OWNERS_OF_FIVE
    assert all(WHOLE.holds(photo) for photo in PHOTOS)


def test_shards_are_written_counted_from_one() -> None:
    assert parse_shard("1/4", {}) == Shard(0, 4)
    assert parse_shard("4/4", {}) == Shard(3, 4)
    assert str(Shard(3, 4)) == "4/4"
    assert parse_shard("1/1", {}).whole
    assert not parse_shard("1/4", {}).whole


@pytest.mark.parametrize("text", ["0/4", "5/4", "1/0", "0/0", "1/100001"])
def test_parts_that_there_are_not_are_refused(text: str) -> None:
    with pytest.raises(NstError, match=rf"^`shard` {text} is not a part of a job: shards are counted from 1 to n"):
        parse_shard(text, {})


@pytest.mark.parametrize("text", ["", "2", "1/", "/2", "-1/4", "1/4/2", "a/b", "1.5/2", "1 /2", "²/4", "AUTO"])
def test_what_is_no_shard_is_refused(text: str) -> None:
    with pytest.raises(NstError, match=r"is not a part of a job; give i/n, such as 1/4 … 4/4, or auto$"):
        parse_shard(text, {})


@pytest.mark.parametrize(
    ("environment", "shard"),
    [
        ({"RANK": "3", "WORLD_SIZE": "8", "LOCAL_RANK": "1"}, Shard(3, 8)),
        ({"SLURM_ARRAY_TASK_ID": "5", "SLURM_ARRAY_TASK_COUNT": "8", "SLURM_ARRAY_TASK_MIN": "1"}, Shard(4, 8)),
        ({"SLURM_ARRAY_TASK_ID": "0", "SLURM_ARRAY_TASK_COUNT": "8", "SLURM_ARRAY_TASK_MIN": "0"}, Shard(0, 8)),
        (
            {
                "SLURM_ARRAY_TASK_ID": "14",
                "SLURM_ARRAY_TASK_COUNT": "3",
                "SLURM_ARRAY_TASK_MIN": "10",
                "SLURM_ARRAY_TASK_STEP": "2",
            },
            Shard(2, 3),
        ),
        ({"JOB_COMPLETION_INDEX": "0", "JOB_COMPLETIONS": "64"}, Shard(0, 64)),
        ({"JOB_COMPLETION_INDEX": "2", "JOB_COMPLETIONS": "3", "RANK": "1", "WORLD_SIZE": "4"}, Shard(9, 12)),
    ],
)
def test_auto_asks_the_launcher(environment: dict[str, str], shard: Shard) -> None:
    assert parse_shard("auto", environment) == shard
    assert parse_shard("2/3", environment) == Shard(1, 3)


def test_the_parts_of_parts_are_all_parts() -> None:
    found = {
        parse_shard(
            "auto",
            {"JOB_COMPLETION_INDEX": str(job), "JOB_COMPLETIONS": "3", "RANK": str(rank), "WORLD_SIZE": "2"},
        )
        for job in range(3)
        for rank in range(2)
    }
    assert found == {Shard(index, 6) for index in range(6)}


@pytest.mark.parametrize(
    ("environment", "words"),
    [
        ({}, "no torchrun, SLURM array or Kubernetes indexed job started this process; set `shard` to i/n"),
        ({"RANK": "0"}, "no torchrun"),
        ({"RANK": "4", "WORLD_SIZE": "4"}, r"RANK and WORLD_SIZE name part 4 \(from 0\) of 4"),
        ({"RANK": "x", "WORLD_SIZE": "4"}, "RANK is 'x', which is not a number; set `shard` to i/n"),
        ({"JOB_COMPLETION_INDEX": "1"}, "JOB_COMPLETIONS is not set; set it to the number of parts"),
        ({"SLURM_ARRAY_TASK_ID": "1"}, "SLURM_ARRAY_TASK_MIN is not set"),
        (
            {
                "SLURM_ARRAY_TASK_ID": "13",
                "SLURM_ARRAY_TASK_COUNT": "3",
                "SLURM_ARRAY_TASK_MIN": "10",
                "SLURM_ARRAY_TASK_STEP": "2",
            },
            "has gaps; number its tasks evenly, such as 0-7",
        ),
        (
            {"SLURM_ARRAY_TASK_ID": "99", "SLURM_ARRAY_TASK_COUNT": "3", "SLURM_ARRAY_TASK_MIN": "1"},
            r"part 98 \(from 0\) of 3",
        ),
        (
            {
                "SLURM_ARRAY_TASK_ID": "1",
                "SLURM_ARRAY_TASK_COUNT": "3",
                "SLURM_ARRAY_TASK_MIN": "1",
                "JOB_COMPLETION_INDEX": "1",
                "JOB_COMPLETIONS": "2",
            },
            "both a SLURM array and a Kubernetes job",
        ),
    ],
)
def test_environments_that_make_no_sense_are_one_line(environment: dict[str, str], words: str) -> None:
    with pytest.raises(NstError, match=words) as error:
        parse_shard("auto", environment)
    assert "\n" not in str(error.value)


def test_only_torchruns_processes_share_out_a_machines_gpus() -> None:
    cpu, cuda = torch.device("cpu"), torch.device("cuda")
    assert choose_device(cpu, "auto", {"LOCAL_RANK": "3"}) == cpu
    assert choose_device(cuda, "1/4", {"LOCAL_RANK": "3"}) == cuda
    assert choose_device(cuda, "auto", {}) == cuda
    gpus = max(torch.cuda.device_count(), 1)
    assert choose_device(cuda, "auto", {"LOCAL_RANK": "3"}) == torch.device("cuda", 3 % gpus)
