"""How many processors a process may use, by its mask and by its cgroups."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from nst_runtime.inference.machine import usable_cpus

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
