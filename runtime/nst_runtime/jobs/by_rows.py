"""Pictures that are too large to be held: read, painted and written a few rows at a time."""

from __future__ import annotations

from contextlib import ExitStack, contextmanager
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.errors import ImageError
from nst_runtime.inference.large import allowed_bytes
from nst_runtime.jobs.outcomes import Outcome
from nst_runtime.pictures.read import read_header
from nst_runtime.pictures.rows.open_rows import open_rows
from nst_runtime.pictures.rows.row_picture import RowPicture
from nst_runtime.pictures.rows.write_rows import can_write_rows, write_rows
from nst_runtime.pictures.writable import check_writable

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from pathlib import Path

    from nst_runtime.inference.regions import LookLike, Regions
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.keeping import Keeping
    from nst_runtime.jobs.plan import Job
    from nst_runtime.pictures.arrays import Pixels

HELD_BYTES = 10  # for each pixel of a picture that is read and written as a whole


def stylize_by_rows(
    stylizer: Stylizer, job: Job, look: LookLike | Regions, max_pixels: int, keeping: Keeping
) -> Outcome | None:
    """Stylise a picture whose pixels would take more than the memory there is; None for all others.

    Raises ImageError where `memory` is given and the formats are read or written as a whole; what reading, painting and
    writing raise, and then the target stays as it was.
    """
    if job.source is None or job.target is None:
        return None
    with opened_if_large(stylizer, job.source, max_pixels, _whole_target(job.target, keeping)) as picture:
        if picture is None:
            return None
        height, width, _ = picture.shape
        check_writable(job.target, width, height)
        with ExitStack() as stack:
            rows: Iterable[Pixels] = stylizer.stylize_rows(picture, look)
            if picture.has_alpha:
                again = stack.enter_context(open_rows(job.source, max_pixels=max_pixels))
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


@contextmanager
def opened_if_large(
    stylizer: Stylizer, source: Path, max_pixels: int, whole_because: str = ""
) -> Iterator[RowPicture | None]:
    """Give the picture in the file `source` to be read by rows, None where there is memory to hold it.

    `whole_because` says why it must be held all the same. Raises ImageError where `memory` is given and it must be, and
    what `read_header` does.
    """
    header = read_header(source, max_pixels=max_pixels)
    needed = header.width * header.height * HELD_BYTES
    left = stylizer.network.memory_left()
    if needed <= allowed_bytes(left):
        yield None
        return
    with open_rows(source, max_pixels=max_pixels) as picture:
        reason = whole_because if isinstance(picture, RowPicture) else picture.reason
        if reason and left is not None:
            megabytes = (needed + stylizer.network.base_bytes) // 10**6 + 1
            raise ImageError(
                f"{source} takes {megabytes} MB, more than `memory` allows: {reason}",
                "give more, or take PNG or TIFF for both, which go a few rows at a time",
            )
        yield picture if isinstance(picture, RowPicture) and not reason else None


def _whole_target(target: Path, keeping: Keeping) -> str:
    """Return why what is written to `target` is held as a whole, "" where it is not."""
    if keeping.compare:
        return "photo and picture side by side are held as a whole"
    suffix = target.suffix.lower()
    return "" if can_write_rows(suffix) else f"{suffix} is written as a whole"


def _with_alpha(rows: Iterable[Pixels], picture: RowPicture) -> Iterator[Pixels]:
    top = 0
    for block in rows:
        alpha = picture.alpha(slice(top, top + len(block)))
        yield block if alpha is None else np.dstack([block, alpha])
        top += len(block)
