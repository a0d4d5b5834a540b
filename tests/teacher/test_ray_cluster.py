"""A real Ray cluster of two nodes on this machine: a node is killed, the driver is killed, the pairs are the same."""

import json
import os
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from threading import Event, Thread
from typing import Any, TypeAlias

import pytest
import torch

from nst_runtime.contracts.pairs import read_pairs
from nst_runtime.errors import NstError
from nst_runtime.pictures.write import write_picture
from nst_teacher.pairs import ray_cluster
from nst_teacher.pairs.generate import generate
from nst_teacher.pairs.job import Job, PairReady
from nst_teacher.pairs.ray_cluster import RayCluster
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan

from .conftest import Run, draw_photo, hash_files, sets

ray = pytest.importorskip("ray", reason="needs the extra 'ray': pip install -e '.[ray]'")
pytestmark = [pytest.mark.slow, pytest.mark.skipif(sys.platform == "win32", reason="Ray's clusters are for Unix")]
CPU = torch.device("cpu")
TwoNodes: TypeAlias = Any  # Ray has no types to speak of
PHOTOS, KILLS, NODE = 10, 20, {"num_cpus": 1, "object_store_memory": 100_000_000}


@pytest.fixture(scope="module")
def cluster() -> Iterator[TwoNodes]:
    """A cluster whose head has one processor; tests add nodes."""
    from ray.cluster_utils import Cluster

    os.environ["RAY_USAGE_STATS_ENABLED"] = "0"
    os.environ["RAY_memory_monitor_refresh_ms"] = "0"  # noqa: SIM112 (other programs' memory ends no worker)
    found = Cluster(initialize_head=True, head_node_args={**NODE, "include_dashboard": False})
    yield found
    ray.shutdown()
    found.shutdown()


@pytest.fixture
def job(photos: Path, style_picture: Path, tmp_path: Path) -> Job:
    for number in range(PHOTOS):
        write_picture(photos / f"photo_{number}.png", draw_photo(number, 64, 64))
    method = Method(network="random", plan=Plan(iterations=20), style_size_px=48)
    return Job("stripes", style_picture, photos, PHOTOS, 64, tmp_path / "pairs", method)


def make_here(job: Job, tmp_path: Path) -> dict[str, str]:
    """Return the files of a run in this process, one thread, as the workers have."""
    list(generate(replace(job, out=tmp_path / "here"), CPU))
    return hash_files(tmp_path / "here")


def workers_at_work() -> int:
    """Return how many of Ray's processes are stylising; each calls itself by what it does."""
    listed = subprocess.run(["ps", "-A", "-o", "command="], capture_output=True, text=True, check=True).stdout
    return listed.count("ray::RayWorker.stylise")


def test_a_node_that_is_killed_costs_no_pair(cluster: TwoNodes, job: Job, tmp_path: Path) -> None:
    """It dies while the workers of both nodes are at work."""
    second = cluster.add_node(**NODE)
    cluster.wait_for_nodes()
    job = replace(job, method=replace(job.method, plan=Plan(iterations=60)))
    ended, killed = Event(), Event()

    def kill_at_work() -> None:
        while not ended.wait(0.02):
            if workers_at_work() == 2:
                cluster.remove_node(second, allow_graceful=False)
                killed.set()
                return

    watcher = Thread(target=kill_at_work)
    watcher.start()
    made: Counter[str] = Counter()
    try:
        for event in generate(job, CPU, RayCluster(cluster.address)):
            if isinstance(event, PairReady):
                made[event.pair.id] += 1
    finally:
        ended.set()
        watcher.join()
    assert killed.is_set(), "the node was not killed in the middle"
    assert (len(made), set(made.values())) == (PHOTOS, {1})
    assert hash_files(job.out) == make_here(job, tmp_path)


def test_the_command_runs_on_the_cluster(
    cluster: TwoNodes, run: Run, generate_arguments: list[str | Path | int], tmp_path: Path
) -> None:
    """What Ray prints in the middle, about a machine that died say, does not come between the results."""
    from ray._private.worker import print_to_stdstream

    ended = Event()

    def print_at_work() -> None:
        while not ended.wait(0.02):
            if workers_at_work():
                print_to_stdstream({"lines": ["a node is dead"], "pid": "raylet", "is_err": False}, ignore_prefix=False)
                return

    watcher = Thread(target=print_at_work)
    watcher.start()
    try:
        result = run(
            *generate_arguments,
            *sets("machines.engine=ray", f"machines.ray_address={cluster.address}", "generate.batch=3"),
        )
    finally:
        ended.set()
        watcher.join()
    assert (result.code, result.out) == (0, f"{tmp_path / 'pairs' / 'pairs.json'}\n")
    assert "a node is dead" in result.err
    assert re.findall(r"^\[./4\]", result.err, re.MULTILINE) == ["[1/4]", "[2/4]", "[3/4]", "[4/4]"]
    assert len(read_pairs(tmp_path / "pairs").pairs) == 4
    few = run(*generate_arguments, "--fresh", *sets("machines.engine=ray", "machines.worker_cpus=99"))
    assert (few.code, few.message) == (
        1, "the Ray cluster has no 99 processors for a worker; give fewer machines.worker_cpus",
    )  # fmt: skip


@pytest.mark.parametrize("address", ["127.0.0.1:1", "127.0.0.1:99999", "no-such-host.invalid:6379"])
def test_an_address_without_a_cluster_is_one_line(address: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ray, "is_initialized", lambda: False)
    with pytest.raises(NstError, match=f"cannot reach a Ray cluster at {address}; start one with ray start --head"):
        ray_cluster.connect(address)


def test_a_driver_that_is_killed_goes_on_where_it_was(cluster: TwoNodes, job: Job, tmp_path: Path) -> None:
    arguments = [
        "generate", "--style", job.style, "--style-image", job.style_picture, "--content", job.content,
        "--count", PHOTOS, "--size", job.size_px, "--network", "random",
        *sets("style.style_size_px=48", "optimisation.iterations=20", "run.threads=1", "machines.engine=ray"),
        *sets(f"machines.ray_address={cluster.address}", f"generate.out={job.out}"),
    ]  # fmt: skip
    program = [sys.executable, Path(__file__).with_name("killing.py"), "kill", KILLS, 1, *arguments]
    done = subprocess.run([*map(str, program)], capture_output=True, text=True, timeout=3600, check=False)
    assert done.returncode == 0, done.stderr
    found = json.loads(done.stdout)
    assert (found["killed"], found["unbroken"], found["last"]) == (KILLS, 0, 0)
    assert any(0 < pairs < PHOTOS for pairs in found["pairs"]), "no kill fell into the work"
    assert hash_files(job.out) == hash_files(tmp_path / "pairs_unbroken") == make_here(job, tmp_path)
