"""Stylise a batch in a process that may hardly grow: a program of its own, which prints what became of it as JSON."""

import json
import resource
from pathlib import Path

import numpy as np
import torch

from nst_teacher.engine.engine import Engine
from nst_teacher.pairs.batches import Batcher, Loaded, Stylised
from nst_teacher.pairs.job import BatchHalved
from nst_teacher.pictures.photos import Photo
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan

PICTURES, SIZE_PX = 12, 128
ROOM_BYTES = 150_000_000


def main() -> None:
    """Warm up on one picture, forbid the process to grow by more than its share, and run all."""
    torch.set_num_threads(1)
    random = np.random.default_rng(0)
    batch = [
        Loaded(
            Photo(Path(f"{number}.png"), "0" * 64, str(number), number),
            random.integers(0, 256, (SIZE_PX, SIZE_PX, 3), np.uint8),
        )
        for number in range(PICTURES)
    ]
    engine = Engine(Method(network="random", plan=Plan(iterations=2)), batch[0].pixels, torch.device("cpu"))
    list(Batcher(engine, 1).run(batch[:1]))
    grown = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    resource.setrlimit(resource.RLIMIT_AS, (grown + ROOM_BYTES, grown + ROOM_BYTES))
    steps = list(Batcher(engine, PICTURES).run(batch))
    halved = [[step.pictures, step.now] for step in steps if isinstance(step, BatchHalved)]
    print(json.dumps({"halved": halved, "pictures": sum(isinstance(step, Stylised) for step in steps)}))  # noqa: T201


if __name__ == "__main__":
    main()
