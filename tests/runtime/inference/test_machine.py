"""How many processors a process may use, by its mask and by its cgroups."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nst_runtime.inference.machine import UNKNOWN_MEMORY_BYTES, usable_cpus, usable_memory_bytes

LINUX = pytest.mark.skipif(not hasattr(os, "sched_getaffinity"), reason="CPU masks are Linux's")


@pytest.fixture(autouse=True)
def sixteen_processors(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sched_getaffinity", lambda _: set(range(16)), raising=False)


def write(root: Path, files: dict[str, str]) -> Path:
    for name, text in files.items():
        file = root / name
        file.parent.mkdir(parents=True, exist_ok=True)
        file.write_text(text + "\n")
    return root


@pytest.mark.parametrize(
    ("quota", "cpus"),
    [("max 100000", 16), ("200000 100000", 2), ("150000 100000", 2), ("1000 100000", 1), ("3200000 100000", 16)],
)
def test_the_quota_of_cgroups_2_counts_in_processors_begun(tmp_path: Path, quota: str, cpus: int) -> None:
    files = {"proc/self/cgroup": "0::/a/job", "sys/fs/cgroup/a/job/cpu.max": quota}
    assert usable_cpus(write(tmp_path, files)) == cpus


@pytest.mark.parametrize(
    ("outer", "inner", "cpus"), [("300000", "max", 3), ("300000", "500000", 3), ("max", "200000", 2)]
)
def test_the_least_quota_on_the_way_up_counts(tmp_path: Path, outer: str, inner: str, cpus: int) -> None:
    files = {
        "proc/self/cgroup": "0::/a/job",
        "sys/fs/cgroup/a/cpu.max": f"{outer} 100000",
        "sys/fs/cgroup/a/job/cpu.max": f"{inner} 100000",
    }
    assert usable_cpus(write(tmp_path, files)) == cpus


@pytest.mark.parametrize("group", ["/", "/docker/0123", "/../../other"])
def test_a_container_whose_group_is_named_as_on_the_host_has_its_quota_at_the_top(tmp_path: Path, group: str) -> None:
    files = {"proc/self/cgroup": f"0::{group}", "sys/fs/cgroup/cpu.max": "400000 100000"}
    assert usable_cpus(write(tmp_path, files)) == 4


@pytest.mark.parametrize(
    ("controllers", "mount"), [("cpu,cpuacct", "cpu,cpuacct"), ("cpu,cpuacct", "cpu"), ("cpuacct,cpu", "cpuacct,cpu")]
)
@pytest.mark.parametrize("group", ["/", "/docker/0123"])
def test_the_quota_of_cgroups_1(tmp_path: Path, controllers: str, mount: str, group: str) -> None:
    files = {
        "proc/self/cgroup": f"7:memory:{group}\n3:{controllers}:{group}\n1:cpuset:{group}",
        f"sys/fs/cgroup/{mount}/cpu.cfs_quota_us": "250000",
        f"sys/fs/cgroup/{mount}/cpu.cfs_period_us": "100000",
    }
    assert usable_cpus(write(tmp_path, files)) == 3


def test_no_limit_of_cgroups_1_is_minus_1(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "3:cpu:/",
        "sys/fs/cgroup/cpu/cpu.cfs_quota_us": "-1",
        "sys/fs/cgroup/cpu/cpu.cfs_period_us": "100000",
    }
    assert usable_cpus(write(tmp_path, files)) == 16


def test_without_cgroups_the_mask_counts(tmp_path: Path) -> None:
    assert usable_cpus(tmp_path) == 16


def test_where_there_are_no_masks_the_processors_count(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delattr(os, "sched_getaffinity")
    monkeypatch.setattr(os, "cpu_count", lambda: 5)
    assert usable_cpus(tmp_path) == 5
    monkeypatch.setattr(os, "cpu_count", lambda: None)
    assert usable_cpus(tmp_path) == 1


@LINUX
def test_a_real_mask_counts() -> None:
    code = (
        "import os; os.sched_setaffinity(0, [min(os.sched_getaffinity(0))]); "
        "from nst_runtime.inference.machine import usable_cpus; print(usable_cpus())"
    )
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "1"


AVAILABLE = {"proc/meminfo": "MemTotal: 9000 kB\nMemFree: 100 kB\nMemAvailable: 8000 kB"}


def test_available_memory(tmp_path: Path) -> None:
    assert usable_memory_bytes(write(tmp_path, AVAILABLE)) == 8000 * 1024


@pytest.mark.parametrize(
    ("limit", "left"), [("max", 8_192_000), ("5000000", 2_400_000), ("900000000", 8_192_000), ("1000", 0)]
)
def test_what_cgroups_2_leave_of_their_limit(tmp_path: Path, limit: str, left: int) -> None:
    """Pages of files, of which there are 400 000 bytes, can be given up."""
    folder = "sys/fs/cgroup/a"
    files = {
        "proc/self/cgroup": "0::/a/job",
        f"{folder}/memory.max": limit,
        f"{folder}/memory.current": "3000000",
        f"{folder}/memory.stat": "anon 5\ninactive_file 400000\nactive_file 7",
    }
    assert usable_memory_bytes(write(tmp_path, AVAILABLE | files)) == left


def test_what_cgroups_1_leave_of_their_limit(tmp_path: Path) -> None:
    files = {
        "proc/self/cgroup": "5:memory:/docker/0123",
        "sys/fs/cgroup/memory/memory.limit_in_bytes": "5000000",
        "sys/fs/cgroup/memory/memory.usage_in_bytes": "3000000",
        "sys/fs/cgroup/memory/memory.stat": "inactive_file 1\ntotal_inactive_file 400000",
    }
    assert usable_memory_bytes(write(tmp_path, AVAILABLE | files)) == 2_400_000


def test_memory_on_other_systems(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(os, "sysconf_names", {"SC_PHYS_PAGES": 1}, raising=False)
    monkeypatch.setattr(os, "sysconf", {"SC_PHYS_PAGES": 100, "SC_PAGE_SIZE": 4096}.__getitem__, raising=False)
    assert usable_memory_bytes(tmp_path) == 204_800
    monkeypatch.setattr(os, "sysconf_names", {}, raising=False)
    assert usable_memory_bytes(tmp_path) == UNKNOWN_MEMORY_BYTES
