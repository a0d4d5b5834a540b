"""The engine: a style and a method, made ready once, stylise photos by the batch."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from functools import partial

import numpy as np
import torch
from torch.nn import functional as F

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Floats, Pixels, from_unit, to_unit
from nst_teacher.engine.balance import balance
from nst_teacher.engine.compiled import CompiledLoss
from nst_teacher.engine.judges import build_judges, complete, weigh_terms
from nst_teacher.engine.memory import noticing_memory
from nst_teacher.engine.style_picture import Photos, StylePicture, as_parts, follows_photos, measured_size, prepare
from nst_teacher.objective.objective import GatysJudge, Losses, Objective, StylePart, StyleTarget
from nst_teacher.optimise.optimise import Evaluate, Iterate, optimise
from nst_teacher.pictures.color import grey, with_colours_of
from nst_teacher.pictures.framing import Size, coarse_to_fine, fit_style, split_evenly
from nst_teacher.pictures.masks import feather
from nst_teacher.pictures.photos import SMALLEST_SIDE_PX
from nst_teacher.pictures.starts import BankStart, draw_noise, draw_statistics, read_start
from nst_teacher.settings.method import Method

__all__ = ["Engine", "Outcome", "StylePicture", "check_size", "draw_noise", "fit_style", "outcomes"]


@dataclass(frozen=True)
class Outcome:
    """A finished picture, uint8 H×W×3, with its losses before and after; `finite` is False where they are not numbers.

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

    def __init__(
        self,
        method: Method,
        style: Pixels | Sequence[StylePicture],
        device: torch.device,
        compiled: CompiledLoss | None = None,
    ) -> None:
        """Load the networks and measure `style`: a picture (uint8 H×W×3), or several to be blended.

        `compiled` evaluates the loss in place of the plain code. Raises NstError for weights, layers or sizes. Where
        the method has the style follow the photos' size or colours, it is measured for each batch again.
        """
        self.device, self.compiled = device, compiled
        self.styles = (StylePicture(style),) if isinstance(style, np.ndarray) else tuple(style)
        for picture in self.styles:
            _check_sides(picture.rgb)
        judges = build_judges(method, device)
        self.method = complete(method, judges)
        self.judges = judges
        bank = method.start_bank
        self._bank = None if bank is None else BankStart(bank, method.start_pack, torch.get_num_threads())
        self._targets: dict[tuple[Size, ...], StyleTarget] = {}
        self._large_enough: set[int] = set()
        if not follows_photos(method):
            self.target = self._measure((1, 1), (1, 1), None)

    def run(
        self, photos: Sequence[Pixels], seeds: Sequence[int], regions: Sequence[Floats] | None = None
    ) -> Iterator[Iterate]:
        """Yield the iterates of `photos` (uint8 H×W×3, all of one size); `seeds` draw a start from noise.

        `regions` (float32 K×H×W for each photo, see `pictures.masks`) say which part of a photo gets the style of
        which region of the style pictures. A coarse-to-fine plan yields small pictures first. Raises NstError when the
        photos are too small for the layers and scales, or memory does not suffice.
        """
        full = photos[0].shape[0], photos[0].shape[1]
        sizes = coarse_to_fine(full, self.method.plan.smallest_px)
        self._check_photo_size(min(sizes[0]))
        batch = torch.from_numpy(np.concatenate([to_unit(photo) for photo in photos])).to(self.device)
        guides = None if regions is None else torch.from_numpy(np.stack(regions)).to(self.device)
        with noticing_memory():
            done, image = 0, None
            for size, iterations in zip(sizes, split_evenly(self.method.plan.iterations, len(sizes)), strict=True):
                stage = Photos(tuple(photos), _resized(batch, size), full)
                evaluate, objective = self._objective(stage, guides)
                if image is None:
                    start = self._start(stage, objective.style, seeds)
                else:
                    start = _resized(image, size, bounded=self.method.plan.bounded)
                for iterate in optimise(evaluate, start, replace(self.method.plan, iterations=iterations)):
                    image = iterate.image
                    if iterate.iteration or not done:
                        yield replace(iterate, iteration=done + iterate.iteration, image=self._shown(image, stage))
                done += iterations

    def _objective(self, photos: Photos, guides: torch.Tensor | None) -> tuple[Evaluate, Objective]:
        """Return what is minimised over pictures of the size of `photos`, and the objective beneath it."""
        method = self.method
        target = self._measure(photos.size, photos.full_size, photos)
        regions = None
        if guides is not None:
            regions = feather(F.interpolate(guides, photos.size, mode="bilinear", antialias=True), self._feather_px)
        monochrome = method.colour == "luminance"
        content = grey(photos.batch) if monochrome else photos.batch
        objective = Objective(target, content, weigh_terms(method), regions)
        if method.balance == "auto":
            balance(objective, content, method.balance_ratio)
        evaluate: Evaluate = objective if self.compiled is None else partial(self.compiled, objective)
        return (lambda image: evaluate(grey(image))) if monochrome else evaluate, objective

    @property
    def _style_size(self) -> str:
        """The setting that says how large a style picture is measured."""
        if self.method.style_scale is not None:
            return "`style_scale`"
        return "`style_size_px`" if self.method.framing == "own" else "`size`"

    @property
    def _feather_px(self) -> float:
        return self.method.mask_feather_px

    def _measure(self, size: Size, full: Size, photos: Photos | None) -> StyleTarget:
        """Return the style's target for photos of `size`: the one there is already wherever that is possible."""
        sizes = tuple(measured_size(style, self.method, size, full) for style in self.styles)
        if sizes in self._targets:
            return self._targets[sizes]
        smallest = min(min(measured) for measured in sizes)
        whole = smallest == min(min(style.rgb.shape[:2]) for style in self.styles)
        for judge in self.judges:
            check_size(judge, smallest, "style pictures", f"a larger {'picture' if whole else self._style_size}")
        with noticing_memory(f"use a smaller {self._style_size}"):
            parts = [
                prepare(style, self.method, measured, photos, self.device)
                for style, measured in zip(self.styles, sizes, strict=True)
            ]
            target = StyleTarget(self.judges, as_parts(parts, 1 if photos is None else len(photos.batch)))
        if self.method.colour == "style":
            self._targets[sizes] = target
        return target

    def _start(self, photos: Photos, target: StyleTarget, seeds: Sequence[int]) -> torch.Tensor:
        kind, batch = self.method.start, photos.batch
        if kind == "content":
            return batch
        if kind == "noise":
            return draw_noise(batch, seeds)
        if kind == "zeros":
            return torch.zeros_like(batch)
        if kind == "file" and self.method.start_picture is not None:
            return read_start(self.method.start_picture, batch)
        if self._bank is not None:
            return self._bank.paint(batch)
        return draw_statistics(batch, self._part(photos).images, seeds)

    def _part(self, photos: Photos) -> StylePart:
        size = measured_size(self.styles[0], self.method, photos.size, photos.full_size)
        return prepare(self.styles[0], self.method, size, photos, self.device)

    def _shown(self, image: torch.Tensor, photos: Photos) -> torch.Tensor:
        return with_colours_of(image, photos.batch) if self.method.colour == "luminance" else image

    def _check_photo_size(self, side_px: int) -> None:
        if side_px in self._large_enough:
            return
        for judge in self.judges:
            check_size(judge, side_px, "photos", "a larger `size`")
        self._large_enough.add(side_px)


def _resized(image: torch.Tensor, size: Size, *, bounded: bool = True) -> torch.Tensor:
    if tuple(image.shape[2:]) == size:
        return image
    resized = F.interpolate(image, size, mode="bicubic", antialias=True)
    return resized.clamp(0, 1) if bounded else resized


def _check_sides(rgb: Pixels) -> None:
    height, width = rgb.shape[:2]
    if min(height, width) < SMALLEST_SIDE_PX:
        raise NstError(
            f"the style picture is {width}×{height} px; both sides need at least {SMALLEST_SIDE_PX}",
            "give a larger picture",
        )


def check_size(judge: GatysJudge, side_px: int, what: str, remedy: str) -> None:
    """Raise NstError when `judge` cannot look at pictures of `side_px`: its deep layers would have no pixels left."""
    probe = judge.network.mean.new_zeros(1, 3, side_px, side_px, dtype=torch.float32)
    try:
        with torch.no_grad(), noticing_memory():
            judge.look(probe)
    except (RuntimeError, ValueError) as error:
        deepest = judge.style_layers[-1]
        raise NstError(
            f"{what} of {side_px} px are too small for {deepest} over {judge.scales} scales",
            f"use {remedy}, fewer `scales` or shallower `style_layers`",
        ) from error


def outcomes(first: Losses, last: Iterate, content_weight: float) -> list[Outcome]:
    """Return the outcome of each picture of a batch: the one place where results are read back from the device."""
    pictures = last.image.float().cpu()
    finite = torch.isfinite(pictures).flatten(1).all(1)
    rows = torch.stack([first.total, last.losses.total, last.losses.content * content_weight, last.losses.style])
    results = []
    for index, (initial, final, content, style) in enumerate(rows.T.tolist()):
        sound = bool(finite[index]) and bool(np.isfinite([initial, final, content, style]).all())
        picture = from_unit(pictures[index : index + 1].nan_to_num().numpy())
        results.append(Outcome(picture, initial, final, content, style, sound))
    return results
