"""Training photographs, kept in memory, and the crops that each step sees."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import numpy.typing as npt
import torch

from nst_runtime.errors import NstError
from nst_runtime.images import list_pictures, read_picture, resize_short_side

# Multiples of the golden ratio less their whole part fill [0, 1) evenly, wherever one stops.
GOLDEN_RATIO = (1 + 5**0.5) / 2

Pixels = npt.NDArray[np.uint8]


@dataclass(frozen=True)
class Crops:
    """Square crops out of a list of pictures; what a step sees follows from the seed and the step's number alone.

    `pictures` holds groups of equally large H×W×3 uint8 pictures (a photo alone, or a photo and its target), which
    are cropped and mirrored together.
    """

    pictures: list[tuple[Pixels, ...]]
    size_px: int
    seed: int

    def batch(self, step: int, count: int) -> tuple[torch.Tensor, ...]:
        """Return the crops of `step`: for each member of a group a float32 tensor count×3×size×size in [0, 1].

        Pictures come in random order and none twice before each has come once.
        """
        start = step * count
        chosen = [self._chosen(position) for position in range(start, start + count)]
        random = np.random.default_rng((self.seed, 1, step))
        crops = [self._crop(self.pictures[index], random) for index in chosen]
        return tuple(
            torch.from_numpy(np.stack(member)).permute(0, 3, 1, 2).float().div_(255).contiguous()
            for member in zip(*crops, strict=True)
        )

    def _chosen(self, position: int) -> int:
        epoch, place = divmod(position, len(self.pictures))
        order = np.random.default_rng((self.seed, 0, epoch)).permutation(len(self.pictures))
        return int(order[place])

    def _crop(self, group: tuple[Pixels, ...], random: np.random.Generator) -> list[Pixels]:
        height, width = group[0].shape[:2]
        top = int(random.integers(height - self.size_px + 1))
        left = int(random.integers(width - self.size_px + 1))
        mirrored = bool(random.integers(2))
        window = (slice(top, top + self.size_px), slice(left, left + self.size_px))
        return [member[window][:, ::-1] if mirrored else member[window] for member in group]


def load_photos(
    folder: Path,
    *,
    short_sides_px: tuple[int, int],
    limit: int | None = None,
    skipped: Callable[[Path, NstError], None],
) -> list[tuple[Pixels, ...]]:
    """Return the pictures of `folder`, each as a group of one, their short sides evenly spread over a range.

    Smooth and detailed pictures of the same things train a network that draws its strokes on both. The first
    `limit` by name, or all. A damaged picture goes to `skipped` and training goes on without it. Raises
    NstError when none can be used.
    """
    smallest, largest = short_sides_px

    def load(place: int, path: Path) -> tuple[Pixels, ...] | NstError:
        short_side_px = smallest + round((largest - smallest) * (place * GOLDEN_RATIO % 1))
        try:
            return (resize_short_side(read_picture(path).rgb, short_side_px),)
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
        raise NstError(f"{folder} holds no usable picture; give a folder of photographs with --content")
    return photos
