"""Write pictures a few rows at a time, whole or not at all."""

import io
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO, Protocol

import numpy as np
from PIL import Image

from nst_runtime.contracts.files import replacing
from nst_runtime.errors import ImageError
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.metadata.record import Metadata
from nst_runtime.pictures.rows.png_writer import PngWriter
from nst_runtime.pictures.rows.sources import rows_at_once
from nst_runtime.pictures.rows.tiff_writer import TiffWriter
from nst_runtime.pictures.saving import Saving, save, saving_for
from nst_runtime.pictures.writable import WRITE_FORMATS, check_writable

_FORMATS = {"PNG", "TIFF"}
_SUFFIXES = tuple(suffix for suffix, kind in WRITE_FORMATS.items() if kind.name in _FORMATS)


class _RowWriter(Protocol):
    def write(self, image: Image.Image) -> None: ...

    def finish(self) -> None: ...


def can_write_rows(suffix: str) -> bool:
    """Tell whether pictures under `suffix`, lower case with its dot, can be written a few rows at a time."""
    return suffix in _SUFFIXES


def write_rows(
    path: Path | str,
    shape: tuple[int, ...],
    blocks: Iterable[Pixels],
    *,
    alpha: bool = False,
    metadata: Metadata | None = None,
    profile: bytes | None = None,
    strip: bool = False,
    follow_links: bool = True,
) -> None:
    """Write the picture of `shape`, height and width first, whose rows are the `blocks`, whole or not at all.

    Each of the `blocks` is uint8 h×width×3, sRGB, or h×width×4 with `alpha`; they come from the top to the bottom, and
    one at a time is held. The file is the one that `write_picture` writes of such a picture with this `metadata` and
    `profile`; `strip` and `follow_links` are as there. `path` ends in .png, .tif or .tiff.

    Raises ImageError for other suffixes and for a size that the format cannot have, NstError when the file cannot be
    written, ValueError and TypeError where the `blocks` are not rows of the picture or are not all of it.
    """
    path = Path(path)
    height, width = shape[:2]
    suffix = check_writable(path, width, height)
    if not can_write_rows(suffix):
        raise ImageError(f"{path} cannot be written a few rows at a time", f"end the name in {', '.join(_SUFFIXES)}")
    saving = saving_for(suffix, None if strip else metadata, profile=profile)
    with replacing(path, follow_links=follow_links) as temporary, temporary.open("wb") as stream:
        writer = _writer(stream, saving, height, Image.new("RGBA" if alpha else "RGB", (width, 1)))
        for rows in _pieces(blocks, height, width, 4 if alpha else 3):
            writer.write(saving.colored(Image.fromarray(rows)))
        writer.finish()


def _writer(stream: IO[bytes], saving: Saving, height: int, row: Image.Image) -> _RowWriter:
    head = io.BytesIO()
    save(head, row, saving)
    if saving.format.name == "TIFF":
        return TiffWriter(stream, head.getvalue(), height)
    return PngWriter(stream, head.getvalue(), height, saving.options["compress_level"])


def _pieces(blocks: Iterable[Pixels], height: int, width: int, channels: int) -> Iterator[Pixels]:
    """Yield the rows of `blocks`, not too many at once; raises ValueError unless they are `height` in all."""
    seen = 0
    for block in blocks:
        if not isinstance(block, np.ndarray) or block.dtype != np.uint8:
            raise TypeError("expected blocks of rows as numpy arrays of uint8")
        if block.ndim != 3 or block.shape[1:] != (width, channels):
            raise ValueError(f"expected a block of rows h×{width}×{channels}, got {block.shape}")
        seen += len(block)
        if seen > height:
            raise ValueError(f"the blocks have more than the {height} rows of the picture")
        step = rows_at_once(width)
        yield from (block[top : top + step] for top in range(0, len(block), step))
    if seen < height:
        raise ValueError(f"the blocks have {seen} rows, the picture {height}")
