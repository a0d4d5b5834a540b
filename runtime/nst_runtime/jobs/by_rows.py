"""Pictures that are too large to be held: read, painted and written a few rows at a time."""

from __future__ import annotations

import math
from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.errors import ImageError
from nst_runtime.inference.large import allowed_bytes
from nst_runtime.inference.network import WORK_BYTES
from nst_runtime.inference.regions import looks_of
from nst_runtime.jobs.inputs import Input
from nst_runtime.jobs.outcomes import Outcome
from nst_runtime.pictures.read import header_of
from nst_runtime.pictures.rows.open_rows import open_rows
from nst_runtime.pictures.rows.row_picture import RowPicture
from nst_runtime.pictures.rows.write_rows import can_write_rows, write_rows
from nst_runtime.pictures.writable import check_writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from nst_runtime.inference.regions import LookLike, Regions
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.keeping import Keeping
    from nst_runtime.jobs.plan import Job
    from nst_runtime.pictures.arrays import Pixels
    from nst_runtime.pictures.read import Header

# Bytes for each pixel of a picture that is held as a whole: as it is read and written, and as it is painted.
HELD_BYTES, PAINTED_BYTES = 10, 6


def stylize_by_rows(
    stylizer: Stylizer, job: Job, source: Input, look: LookLike | Regions, max_pixels: int, keeping: Keeping
) -> Outcome | None:
    """Stylise a picture whose pixels would take more than the memory there is; None for all others.

    Raises ImageError where `memory_bytes` is given and the picture must be held all the same; what reading, painting
    and writing raise, and then the target stays as it was.
    """
    with opened_if_large(stylizer, source, look, max_pixels, _whole_target(job, keeping)) as picture:
        if picture is None or job.target is None:
            return None
        height, width, _ = picture.shape
        check_writable(job.target, width, height)
        with ExitStack() as stack:
            rows: Iterable[Pixels] = stylizer.stylize_rows(picture, look)
            if picture.has_alpha and source.path is not None:
                again = stack.enter_context(open_rows(source.path, max_pixels=max_pixels))
                rows = _with_alpha(rows, again) if isinstance(again, RowPicture) else rows
            write_rows(
                job.target,
                picture.shape,
                rows,
                alpha=picture.has_alpha,
                metadata=picture.metadata,
                profile=picture.profile if keeping.keep_profile else None,
                strip=keeping.strip,
                follow_links=not job.replaces_links,
            )
        return Outcome(job, picture.notes, size=(width, height))


def check_memory(stylizer: Stylizer, job: Job, look: LookLike | Regions, max_pixels: int, keeping: Keeping) -> None:
    """Raise ImageError as `stylize_by_rows` does before it paints."""
    if job.source is not None:
        source = Input(str(job.source), job.source.suffix.lower(), job.source)
        with opened_if_large(stylizer, source, look, max_pixels, _whole_target(job, keeping)):
            return


@contextmanager
def opened_if_large(
    stylizer: Stylizer, source: Input, look: LookLike | Regions, max_pixels: int, whole_because: str = ""
) -> Iterator[RowPicture | None]:
    """Give the picture in `source` to be read by rows, None where there is memory to hold it.

    `whole_because` says why it must be held all the same. Raises ImageError where `memory_bytes` is given and it must
    be, and what `read_header` does.
    """
    with source.open() as stream:
        header = header_of(stream, source.name, max_pixels=max_pixels)
    needed = header.width * header.height * HELD_BYTES
    if needed <= allowed_bytes(stylizer.network.memory_left()):
        yield None
        return
    if source.path is None:
        _refuse(stylizer, source.name, header, look, "it is held as a whole")
        yield None
        return
    with open_rows(source.path, max_pixels=max_pixels) as picture:
        reason = whole_because if isinstance(picture, RowPicture) else picture.reason
        if reason:
            _refuse(stylizer, source.name, header, look, reason)
        yield picture if isinstance(picture, RowPicture) and not reason else None


def _refuse(stylizer: Stylizer, name: str, header: Header, look: LookLike | Regions, reason: str) -> None:
    """Raise ImageError where `memory_bytes` is given: `reason` says why a picture must be held for which it lacks."""
    network = stylizer.network
    if network.memory_left() is None:
        return
    pixels = header.width * header.height
    painting = [network.needed_bytes(each, header.width, pixels * PAINTED_BYTES) for each in looks_of(look)]
    needed = max([network.base_bytes + WORK_BYTES + pixels * HELD_BYTES, *painting])
    raise ImageError(
        f"{name} takes {math.ceil(needed / 10**6)} MB, more than `memory_bytes` allows: {reason}",
        "give more, or take PNG or TIFF for both, which go a few rows at a time",
    )


def _whole_target(job: Job, keeping: Keeping) -> str:
    """Return why what `job` writes is held as a whole, "" where it is not."""
    if keeping.compare:
        return "photo and picture side by side are held as a whole"
    if job.target is None:
        return "a picture for the standard output is held as a whole"
    suffix = job.target.suffix.lower()
    return "" if can_write_rows(suffix) else f"{suffix} is written as a whole"


def _with_alpha(rows: Iterable[Pixels], picture: RowPicture) -> Iterator[Pixels]:
    top = 0
    for block in rows:
        alpha = picture.alpha(slice(top, top + len(block)))
        yield block if alpha is None else np.dstack([block, alpha])
        top += len(block)
