"""The best picture of a run so far, to be written at any moment: when the run is interrupted, or every so often."""

from pathlib import Path

import torch
from torch.nn import functional as F

from nst_runtime.pictures.arrays import Pixels, from_unit
from nst_runtime.pictures.write import write_picture
from nst_teacher.optimise.optimise import Iterate
from nst_teacher.pictures.framing import Size


class SoFar:
    """Follows the iterates of one picture and keeps the one of lowest loss; nothing is read back until it is written.

    Of a coarse-to-fine plan only iterates of one size compare: the best of the size in work is kept. `iteration` is
    the last that was looked at, 0 before the first is done.
    """

    def __init__(self, out: Path) -> None:
        """Keep nothing yet; `out` is the file to write."""
        self.out, self.iteration = out, 0
        self._size: Size = (0, 0)
        self._profile: bytes | None = None
        self._best: tuple[torch.Tensor, torch.Tensor] | None = None

    def begin(self, size: Size, profile: bytes | None) -> None:
        """Write pictures of `size` (height, width in px) with the colour `profile` from now on."""
        self._size, self._profile = size, profile

    def look(self, iterate: Iterate) -> None:
        """Keep `iterate`, of a batch of one, if it is the best; the start, iterate 0, does not count."""
        if not iterate.iteration:
            return
        image, loss = iterate.image, iterate.losses.total
        if self._best is not None and self._best[0].shape == image.shape:
            before, lowest = self._best
            better = (loss < lowest) | ~torch.isfinite(lowest)
            image = torch.where(better.view(-1, 1, 1, 1), image, before)
            loss = torch.where(better, loss, lowest)
        self._best, self.iteration = (image, loss), iterate.iteration

    def write(self) -> bool:
        """Write the best picture, whole, in place of the file, and tell whether there was one of finite loss.

        A picture of a coarse size is enlarged. Raises NstError when the file cannot be written.
        """
        if self._best is None or not bool(torch.isfinite(self._best[1]).all()):
            return False
        write_picture(self.out, self._pixels(self._best[0]), profile=self._profile)
        return True

    def _pixels(self, image: torch.Tensor) -> Pixels:
        if tuple(image.shape[2:]) != self._size:
            image = F.interpolate(image, self._size, mode="bicubic", antialias=True)
        return from_unit(image.float().nan_to_num().cpu().numpy())
