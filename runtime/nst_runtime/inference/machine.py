"""What the machine lets this process use."""

from __future__ import annotations

import math
import os
from pathlib import Path, PurePosixPath
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

UNKNOWN_MEMORY_BYTES = 2 * 2**30
UNKNOWN_RESIDENT_BYTES = 120_000_000  # what Python, numpy and onnxruntime take


def usable_cpus(root: Path = Path("/")) -> int:
    """Return how many processors this process may keep busy, at least 1.

    That is the CPU mask's count, or the cgroups' quota of processor time where that is less, rounded up: a container
    with 2 of 64 processors gets 2. `root` is the folder that ``proc`` and ``sys`` are in.
    """
    return max(1, math.ceil(min([_cpus_in_mask(), *_quotas(root)])))


def usable_memory_bytes(root: Path = Path("/")) -> int:
    """Return how much memory this process can still have, in bytes.

    That is what the system says is available, or what the cgroups leave where that is less; pages of files, which the
    system gives up when it must, count as free. `UNKNOWN_MEMORY_BYTES` where no one says.
    """
    return max(0, min([*_available(root), *_left(root)], default=UNKNOWN_MEMORY_BYTES))


def resident_bytes(root: Path = Path("/")) -> int:
    """Return how much memory this process takes now, in bytes; `UNKNOWN_RESIDENT_BYTES` elsewhere than on Linux."""
    pages = _lines(root / "proc/self/statm")[:1]
    return int(pages[0].split()[1]) * os.sysconf("SC_PAGE_SIZE") if pages else UNKNOWN_RESIDENT_BYTES


def _available(root: Path) -> Iterator[int]:
    """Yield what ``MemAvailable`` says, in kB; elsewhere than on Linux a half of all memory, if the system says."""
    found = [line.split()[1] for line in _lines(root / "proc/meminfo") if line.startswith("MemAvailable:")]
    if found:
        yield int(found[0]) * 1024
    elif hasattr(os, "sysconf") and "SC_PHYS_PAGES" in os.sysconf_names:
        yield os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE") // 2


def _left(root: Path) -> Iterator[int]:
    """Yield what every cgroup around this process that has a limit leaves of it, both versions of cgroups."""
    for line in _lines(root / "proc/self/cgroup"):
        _, controllers, group = line.split(":", 2)
        if not controllers:
            for folder in _folders(root, ("", "unified"), group):
                yield from _left_in(folder, "memory.max", "memory.current", "inactive_file")
        elif "memory" in controllers.split(","):
            for folder in _folders(root, ("memory", controllers), group):
                yield from _left_in(folder, "memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def _left_in(folder: Path, limit: str, used: str, of_files: str) -> Iterator[int]:
    limits, uses = _lines(folder / limit)[:1], _lines(folder / used)[:1]
    if limits and uses and limits[0] != "max":
        pages = [line.split()[1] for line in _lines(folder / "memory.stat") if line.startswith(f"{of_files} ")]
        yield int(limits[0]) - int(uses[0]) + sum(map(int, pages))


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
