"""Split a job among processes that never talk to each other: a photo's name says whose it is."""

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

import torch

from nst_runtime.errors import NstError

MOST_SHARDS = 100_000
BY_HAND = "set `shard` to i/n, such as 1/4 … 4/4"


@dataclass(frozen=True)
class Shard:
    """Part `index` (from 0) of `count` equal parts of a job."""

    index: int
    count: int

    def holds(self, photo: Path) -> bool:
        """Tell whether `photo` belongs to this shard; its file name alone decides, so new photos move none."""
        digest = hashlib.sha256(photo.name.encode(errors="surrogateescape")).digest()
        return int.from_bytes(digest[:8], "big") % self.count == self.index

    @property
    def whole(self) -> bool:
        """Whether this shard is all of the job."""
        return self.count == 1

    def __str__(self) -> str:
        """Return it as people write it, counted from 1: ``2/8``."""
        return f"{self.index + 1}/{self.count}"


WHOLE = Shard(0, 1)


def parse_shard(text: str, environment: Mapping[str, str]) -> Shard:
    """Return the shard that `text` names: ``2/8`` is the second of eight, ``auto`` what `environment` says.

    Raises NstError for anything else.
    """
    if text == "auto":
        return shard_of_environment(environment)
    match = re.fullmatch(r"(\d{1,6})/(\d{1,6})", text)
    if match is None:
        raise NstError(f"`shard` {text!r} is not a part of a job", "give i/n, such as 1/4 … 4/4, or auto")
    place, count = map(int, match.groups())
    if not 1 <= place <= count <= MOST_SHARDS:
        raise NstError(
            f"`shard` {text} is not a part of a job: shards are counted from 1 to n, n up to {MOST_SHARDS}",
            "give i/n, such as 1/4 … 4/4",
        )
    return Shard(place - 1, count)


def shard_of_environment(environment: Mapping[str, str]) -> Shard:
    """Return the shard that a launcher's variables name.

    torchrun: RANK, WORLD_SIZE. SLURM arrays: SLURM_ARRAY_TASK_ID, …_COUNT, …_MIN, …_STEP. Kubernetes' indexed jobs:
    JOB_COMPLETION_INDEX, and JOB_COMPLETIONS, which the job's description must set. torchrun within a task of one of
    the others splits that task's part further. Raises NstError when there are none, or they make no sense.
    """
    outer = [shard for shard in (_slurm(environment), _kubernetes(environment)) if shard is not None]
    if len(outer) > 1:
        raise NstError("`shard` auto: this is both a SLURM array and a Kubernetes job", BY_HAND)
    found = [*outer, *([inner] if (inner := _torchrun(environment)) is not None else [])]
    if not found:
        raise NstError("`shard` auto: no torchrun, SLURM array or Kubernetes indexed job started this process", BY_HAND)
    whole = WHOLE
    for shard in found:
        whole = Shard(whole.index * shard.count + shard.index, whole.count * shard.count)
    return whole


def choose_device(device: torch.device, shard: str, environment: Mapping[str, str]) -> torch.device:
    """Return the GPU that is this process's own when torchrun started several on a machine, else `device`."""
    if shard != "auto" or device.type != "cuda" or "LOCAL_RANK" not in environment:
        return device
    return torch.device("cuda", _number(environment, "LOCAL_RANK") % max(torch.cuda.device_count(), 1))


def _torchrun(environment: Mapping[str, str]) -> Shard | None:
    if "RANK" not in environment or "WORLD_SIZE" not in environment:
        return None
    return _checked(_number(environment, "RANK"), _number(environment, "WORLD_SIZE"), "RANK and WORLD_SIZE")


def _slurm(environment: Mapping[str, str]) -> Shard | None:
    if "SLURM_ARRAY_TASK_ID" not in environment:
        return None
    first = _number(environment, "SLURM_ARRAY_TASK_MIN")
    step = _number(environment, "SLURM_ARRAY_TASK_STEP", "1")
    index, rest = divmod(_number(environment, "SLURM_ARRAY_TASK_ID") - first, max(step, 1))
    if rest:
        raise NstError("`shard` auto: the SLURM array has gaps", "number its tasks evenly, such as 0-7")
    return _checked(index, _number(environment, "SLURM_ARRAY_TASK_COUNT"), "the SLURM array's variables")


def _kubernetes(environment: Mapping[str, str]) -> Shard | None:
    if "JOB_COMPLETION_INDEX" not in environment:
        return None
    index, count = _number(environment, "JOB_COMPLETION_INDEX"), _number(environment, "JOB_COMPLETIONS")
    return _checked(index, count, "JOB_COMPLETION_INDEX and JOB_COMPLETIONS")


def _number(environment: Mapping[str, str], name: str, usual: str | None = None) -> int:
    text = environment.get(name, usual)
    if text is None:
        raise NstError(f"`shard` auto: {name} is not set", f"set it to the number of parts, or {BY_HAND}")
    if re.fullmatch(r"\d{1,9}", text) is None:
        raise NstError(f"`shard` auto: {name} is {text!r}, which is not a number", BY_HAND)
    return int(text)


def _checked(index: int, count: int, source: str) -> Shard:
    if not 0 <= index < count <= MOST_SHARDS:
        raise NstError(f"`shard` auto: {source} name part {index} (from 0) of {count}", BY_HAND)
    return Shard(index, count)
