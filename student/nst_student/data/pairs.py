"""The teacher's pairs, and how a bank sees them: whole, as the teacher did."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nst_runtime.contracts.files import path_inside, sha256_of_file
from nst_runtime.contracts.pairs import read_pairs
from nst_runtime.errors import NstError
from nst_runtime.pictures.read import read_picture
from nst_student.data.batches import Pixels, drawn, stacked

PixelPair = tuple[Pixels, Pixels]


@dataclass(frozen=True)
class WholePairs:
    """Photographs and what the teacher made of them, equally large H×W×3 uint8 pictures, never cropped or mirrored.

    Instance norms give a crop other features than the same place has in the whole picture, and the teacher would have
    painted a mirrored photograph otherwise. A bank cannot meet such a target; it learns the mean of many, a blur.
    """

    pairs: list[PixelPair]
    seed: int
    multiple_px: int
    device: torch.device | None = None

    def batch(self, step: int, count: int) -> tuple[torch.Tensor, torch.Tensor]:
        """Return the photographs of `step` and their targets, each a float32 tensor count×3×H×W in [0, 1].

        Rows and columns beyond a multiple of `multiple_px`, which is what encoders take, are left out.
        """
        chosen = [self.pairs[index] for index in drawn(self.seed, len(self.pairs), step, count)]
        height, width = (side // self.multiple_px * self.multiple_px for side in chosen[0][0].shape[:2])
        photo, target = (
            stacked([torch.from_numpy(member[:height, :width]) for member in side]).to(self.device)
            for side in zip(*chosen, strict=True)
        )
        return photo, target

    def are_hard(self, step: int, count: int) -> torch.Tensor:
        """Return `count` times no: the teacher paints photographs alone."""
        return torch.zeros(count, dtype=torch.bool, device=self.device)

    def recipe(self) -> dict[str, Any]:
        """Return how many pairs there are."""
        return {"photos": len(self.pairs)}


def load_pairs(folder: Path) -> list[PixelPair]:
    """Return the teacher's pairs in `folder` as (photo, target), all of them equally large.

    Raises NstError when there are none, or when a picture is missing, is not the one that the teacher wrote, or differs
    in size.
    """
    pairs: list[PixelPair] = []
    for pair in read_pairs(folder).pairs:
        for name, sha256 in ((pair.content, pair.content_sha256), (pair.target, pair.target_sha256)):
            if sha256_of_file(path_inside(folder, name)) != sha256:
                raise NstError(f"{folder / name} is damaged or was changed", "run nst-teacher generate again")
        photo, target = read_picture(folder / pair.content).rgb, read_picture(folder / pair.target).rgb
        pairs.append((photo, target))
        for picture, name in ((photo, pair.content), (target, pair.target)):
            if picture.shape != pairs[0][0].shape:
                raise NstError(f"{folder / name} differs in size from the others", "run nst-teacher generate again")
    if not pairs:
        raise NstError(f"{folder} has no pairs", "run nst-teacher generate again")
    return pairs
