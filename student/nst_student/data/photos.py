"""Training photographs, kept in memory, and the crops that each step sees."""

from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from functools import cached_property
from pathlib import Path
from typing import Any

import numpy as np
import torch

from nst_features.device import send
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import resize_short_side
from nst_runtime.pictures.read import list_pictures, read_picture
from nst_student.data.batches import Pixels, drawn, stacked
from nst_student.data.pictures import SIDE_MULTIPLE_PX

# Multiples of the golden ratio less their whole part fill [0, 1) evenly, wherever one stops.
GOLDEN_RATIO = (1 + 5**0.5) / 2
HARD_EVERY = 10


@dataclass(frozen=True)
class Crops:
    """Square crops out of H×W×3 uint8 pictures, half of them mirrored; one in `hard_every` of `hard` ones, if any.

    What a step sees follows from the seed and the step's number alone. Crops are put on `device`.
    """

    pictures: list[Pixels]
    size_px: int
    seed: int
    hard: list[Pixels] = field(default_factory=list)
    hard_every: int = HARD_EVERY
    device: torch.device | None = None

    def batch(self, step: int, count: int) -> tuple[torch.Tensor]:
        """Return the crops of `step`, a float32 tensor count×3×size×size in [0, 1]."""
        places, random = self._places(step, count)
        return (stacked([self._crop(self._on_device[place], random) for place in places]),)

    def are_hard(self, step: int, count: int) -> torch.Tensor:
        """Return which of the crops of `step` are of hard pictures, a boolean for each."""
        places, _ = self._places(step, count)
        hard = torch.tensor([place >= len(self.pictures) for place in places])
        return hard if self.device is None else send(hard, self.device)

    def recipe(self) -> dict[str, Any]:
        """Return how many photographs and hard pictures there are and how large the crops."""
        return {"photos": len(self.pictures), "hard_pictures": len(self.hard), "crop_px": self.size_px}

    @cached_property
    def _on_device(self) -> list[torch.Tensor]:
        """All pictures, photographs first, where the training computes: a card waits for whatever comes to it."""
        return [torch.from_numpy(picture).to(self.device) for picture in (*self.pictures, *self.hard)]

    def _places(self, step: int, count: int) -> tuple[list[int], np.random.Generator]:
        """Return the places of the pictures that `step` sees, photographs first, and what draws their crops."""
        random = np.random.default_rng((self.seed, 1, step))
        order = drawn(self.seed, len(self.pictures), step, count)
        return [self._maybe_hard(place, random) for place in order], random

    def _maybe_hard(self, place: int, random: np.random.Generator) -> int:
        if self.hard and not random.integers(self.hard_every):
            return len(self.pictures) + int(random.integers(len(self.hard)))
        return place

    def _crop(self, picture: torch.Tensor, random: np.random.Generator) -> torch.Tensor:
        height, width = picture.shape[:2]
        top = int(random.integers(height - self.size_px + 1))
        left = int(random.integers(width - self.size_px + 1))
        mirrored = bool(random.integers(2))
        crop = picture[top : top + self.size_px, left : left + self.size_px]
        return crop.flip(1) if mirrored else crop


def square_crops(
    photos: Sequence[Pixels],
    size_px: int | None,
    seed: int,
    device: torch.device,
    hard: Sequence[Pixels] = (),
) -> Crops:
    """Return the crops of `photos` and `hard` pictures, of the smallest one's short side where `size_px` is None.

    Sides are multiples of 16 px. Raises NstError for another size, or one larger than a picture.
    """
    smallest = min(min(photo.shape[:2]) for photo in (*photos, *hard))
    size_px = size_px or smallest // SIDE_MULTIPLE_PX * SIDE_MULTIPLE_PX
    check_crop_px(size_px)
    if size_px > smallest:
        raise NstError(
            f"`crop_px` is {size_px}, but a picture's short side is {smallest}",
            f"set `crop_px` to {smallest // SIDE_MULTIPLE_PX * SIDE_MULTIPLE_PX} or less, or use larger pictures",
        )
    return Crops(list(photos), size_px, seed, list(hard), device=device)


def check_crop_px(size_px: int | None) -> None:
    """Raise NstError when crops cannot have sides of `size_px`, whatever the photographs are."""
    if size_px is not None and (size_px < SIDE_MULTIPLE_PX or size_px % SIDE_MULTIPLE_PX):
        nearest = max(1, round(size_px / SIDE_MULTIPLE_PX)) * SIDE_MULTIPLE_PX
        raise NstError(
            f"`crop_px` is {size_px}, not a multiple of {SIDE_MULTIPLE_PX}", f"set `crop_px` to {nearest}, for example"
        )


def load_photos(
    folder: Path,
    *,
    short_sides_px: tuple[int, int],
    limit: int | None = None,
    skipped: Callable[[Path, NstError], None],
) -> list[Pixels]:
    """Return the pictures of `folder` as H×W×3 uint8, their short sides evenly spread over a range.

    Smooth and detailed pictures of the same things train a network that draws its strokes on both. The first
    `limit` by name, or all. A damaged picture goes to `skipped` and training goes on without it. Raises
    NstError when none can be used.
    """
    smallest, largest = short_sides_px

    def load(place: int, path: Path) -> Pixels | NstError:
        short_side_px = smallest + round((largest - smallest) * (place * GOLDEN_RATIO % 1))
        try:
            return resize_short_side(read_picture(path).rgb, short_side_px)
        except NstError as error:
            return error

    paths = list_pictures(folder)[:limit]
    with ThreadPoolExecutor() as pool:
        loaded = list(pool.map(load, range(len(paths)), paths))
    for path, result in zip(paths, loaded, strict=True):
        if isinstance(result, NstError):
            skipped(path, result)
    photos = [result for result in loaded if not isinstance(result, NstError)]
    if not photos:
        raise NstError(f"{folder} holds no picture that can be read", "give a folder of photographs in `content`")
    return photos
