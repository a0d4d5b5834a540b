"""The best picture of a run so far, to be written at any moment: when the run is interrupted, or every so often."""

from pathlib import Path

import torch
from torch.nn import functional as F

from nst_runtime.pictures.arrays import Pixels, from_unit
from nst_runtime.pictures.write import encode_picture, write_picture
from nst_teacher.optimise.optimise import Iterate
from nst_teacher.pictures.framing import Size


class SoFar:
    """Follows the iterates of one picture and keeps the one of lowest loss; nothing is read back until it is written.

    Of a coarse-to-fine plan only iterates of one size compare: the best of the size in work is kept. `last` is the one
    that was looked at last, None before the first is done. Another thread may read what is there at any moment.
    """

    def __init__(self, out: Path) -> None:
        """Keep nothing yet; `out` is the file to write."""
        self.out = out
        self.last: Iterate | None = None
        self._size: Size = (0, 0)
        self._profile: bytes | None = None
        self._best: tuple[torch.Tensor, torch.Tensor] | None = None

    @property
    def iteration(self) -> int:
        """The number of the last iterate, 0 before the first is done."""
        return 0 if self.last is None else self.last.iteration

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
        self._best, self.last = (image, loss), iterate

    def write(self) -> bool:
        """Write the best picture, whole, in place of the file, and tell whether there was one of finite loss.

        A picture of a coarse size is enlarged. Raises NstError when the file cannot be written.
        """
        pixels = self._read()
        if pixels is None:
            return False
        write_picture(self.out, pixels, profile=self._profile)
        return True

    def encode(self) -> bytes | None:
        """Return the best picture as a PNG file, or None where `write` would write none."""
        pixels = self._read()
        return None if pixels is None else encode_picture(pixels, ".png")

    def _read(self) -> Pixels | None:
        best = self._best
        if best is None or not bool(torch.isfinite(best[1]).all()):
            return None
        return self._pixels(best[0])

    def _pixels(self, image: torch.Tensor) -> Pixels:
        if tuple(image.shape[2:]) != self._size:
            image = F.interpolate(image, self._size, mode="bicubic", antialias=True)
        return from_unit(image.float().nan_to_num().cpu().numpy())
