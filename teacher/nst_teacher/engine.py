"""The engine: a style and a method, made ready once, stylise photos by the batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np
import torch

from nst_runtime.errors import NstError
from nst_runtime.images import Pixels, from_unit, resize_short_side, to_unit
from nst_teacher.memory import noticing_memory
from nst_teacher.method import Method, build_judges, complete
from nst_teacher.objective import Judge, Losses, Objective, StyleTarget
from nst_teacher.optimise import Iterate, optimise


@dataclass(frozen=True)
class Outcome:
    """A finished picture, uint8 H×W×3, with its losses before and after; `finite` is False where they are no numbers.

    `content` and `style` are the weighted terms of the loss `final`.
    """

    picture: Pixels
    initial: float
    final: float
    content: float
    style: float
    finite: bool


class Engine:
    """Stylises photos of one size at a time, B at once, each as if it were alone."""

    def __init__(self, method: Method, style: Pixels, device: torch.device) -> None:
        """Load the networks and measure `style` (uint8 H×W×3); raises NstError for weights, layers or sizes."""
        self.device = device
        judges = build_judges(method, device)
        self.method = complete(method, judges)
        small = fit_style(style, method.style_size_px)
        for judge in judges:
            check_size(judge, min(small.shape[:2]), "the style picture", "a larger --style-size")
        with noticing_memory():
            self.target = StyleTarget(judges, torch.from_numpy(to_unit(small)).to(device))
        self._large_enough: set[int] = set()

    def run(self, photos: Sequence[Pixels], seeds: Sequence[int]) -> Iterator[Iterate]:
        """Yield the iterates of `photos` (uint8 H×W×3, all of one size); `seeds` draw a start from noise.

        Raises NstError when the photos are too small for the layers and scales, or memory does not suffice.
        """
        self._check_photo_size(min(photos[0].shape[:2]))
        batch = torch.from_numpy(np.concatenate([to_unit(photo) for photo in photos])).to(self.device)
        with noticing_memory():
            objective = Objective(self.target, batch, self.method.term_weights)
            start = batch if self.method.start == "content" else draw_noise(batch, seeds)
            yield from optimise(objective, start, self.method.plan)

    def _check_photo_size(self, side_px: int) -> None:
        if side_px in self._large_enough:
            return
        for judge in self.target.judges:
            check_size(judge, side_px, "photos", "a larger --size")
        self._large_enough.add(side_px)


def fit_style(style: Pixels, short_side_px: int) -> Pixels:
    """Return `style` with a short side of `short_side_px`; a smaller picture stays as it is, its strokes sharp."""
    return resize_short_side(style, min(short_side_px, *style.shape[:2]))


def draw_noise(like: torch.Tensor, seeds: Sequence[int]) -> torch.Tensor:
    """Return uniform noise in [0, 1] of the shape of `like` B×3×H×W; each picture's comes from its own seed."""
    noise = [torch.rand(like.shape[1:], generator=torch.Generator().manual_seed(seed)) for seed in seeds]
    return torch.stack(noise).to(like)


def check_size(judge: Judge, side_px: int, what: str, remedy: str) -> None:
    """Raise NstError when `judge` cannot look at pictures of `side_px`: its deep layers would have no pixels left."""
    probe = judge.network.mean.new_zeros(1, 3, side_px, side_px, dtype=torch.float32)
    try:
        with torch.no_grad(), noticing_memory():
            judge.look(probe)
    except (RuntimeError, ValueError) as error:
        deepest = judge.style_layers[-1]
        raise NstError(
            f"{what} of {side_px} px are too small for {deepest} over {judge.scales} scales: "
            f"use {remedy}, fewer --scales or shallower --style-layers"
        ) from error


def outcomes(first: Losses, last: Iterate, content_weight: float) -> list[Outcome]:
    """Return what became of each picture of a batch: the one place where results are read back from the device."""
    pictures = last.image.float().cpu()
    finite = torch.isfinite(pictures).flatten(1).all(1)
    rows = torch.stack([first.total, last.losses.total, last.losses.content * content_weight, last.losses.style])
    results = []
    for index, (initial, final, content, style) in enumerate(rows.T.tolist()):
        sound = bool(finite[index]) and bool(np.isfinite([initial, final, content, style]).all())
        picture = from_unit(pictures[index : index + 1].nan_to_num().numpy())
        results.append(Outcome(picture, initial, final, content, style, sound))
    return results
