"""What the machine lets this process use."""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator


def usable_cpus(root: Path = Path("/")) -> int:
    """Return how many processors this process may keep busy, at least 1.

    That is the CPU mask's count, or the cgroups' quota of processor time where that is less, rounded up: a container
    with 2 of 64 processors gets 2. `root` is the folder that ``proc`` and ``sys`` are in.
    """
    return max(1, math.ceil(min([_cpus_in_mask(), *_quotas(root)])))


def _cpus_in_mask() -> int:
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


def _quotas(root: Path) -> Iterator[float]:
    """Yield the quota, in processors, of every cgroup around this process that has one, both versions of cgroups."""
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, group = line.split(":", 2)
        if not controllers:
            for folder in _folders(root, ("", "unified"), group):
                yield from _quota_v2(folder)
        elif "cpu" in controllers.split(","):
            for folder in _folders(root, ("cpu", controllers), group):
                yield from _quota_v1(folder)


def _folders(root: Path, mounts: tuple[str, ...], group: str) -> Iterator[Path]:
    """Yield the folder of `group` and of every group above it, at all `mounts`; those that are not there as well.

    Inside a container the group's name may be the host's, which is not there; the folder at the top then is the
    container's own.
    """
    path = PurePosixPath(group.lstrip("/"))
    for mount in mounts:
        for parent in (path, *path.parents):
            yield root / "sys/fs/cgroup" / mount / parent


def _quota_v2(folder: Path) -> Iterator[float]:
    """Yield what ``cpu.max`` says, such as "150000 100000" or "max 100000": microseconds in each period of so many."""
    for line in _lines(folder / "cpu.max")[:1]:
        quota, period = line.split()
        if quota != "max":
            yield int(quota) / int(period)


def _quota_v1(folder: Path) -> Iterator[float]:
    """Yield what ``cpu.cfs_quota_us`` says, where −1 means no limit."""
    quota, period = _lines(folder / "cpu.cfs_quota_us")[:1], _lines(folder / "cpu.cfs_period_us")[:1]
    if quota and period and int(quota[0]) > 0:
        yield int(quota[0]) / int(period[0])


def _lines(file: Path) -> list[str]:
    try:
        return file.read_text().splitlines()
    except OSError:  # another system, or not for us to read
        return []
