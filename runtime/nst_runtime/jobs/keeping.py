"""How results are written: how much they may lose, and what of the photograph's file they keep."""

from collections.abc import Sequence
from dataclasses import dataclass

from nst_runtime.errors import ImageError
from nst_runtime.jobs.plan import Job
from nst_runtime.pictures.collage import GAP_PX
from nst_runtime.pictures.writable import check_quality, has_quality


@dataclass(frozen=True)
class Keeping:
    """How results are written, as `write_picture` does it.

    `quality` is 1 to 100 for JPEG, WebP and AVIF, None for the photograph's own; other formats in a folder are written
    as ever. `strip`: nothing of what a file says about itself is kept. `keep_profile`: in the photograph's own colors.
    Animations are in sRGB and say nothing about themselves in any case. `compare`: the photograph stands on the left.
    """

    quality: int | None = None
    strip: bool = False
    keep_profile: bool = False
    compare: bool = False


def size_kept(keeping: Keeping, width: int, height: int) -> tuple[int, int]:
    """Return the width and height of what is written of a picture of `width`×`height` pixels."""
    return (2 * width + GAP_PX, height) if keeping.compare else (width, height)


def check_keeping(keeping: Keeping, jobs: Sequence[Job]) -> None:
    """Raise ImageError when the quality is not 1 to 100, or none of `jobs` writes a format that has one."""
    check_quality(".jpg", keeping.quality)
    suffixes = {job.target.suffix.lower() if job.target else job.suffix for job in jobs}
    if keeping.quality is None or not suffixes or any(not suffix or has_quality(suffix) for suffix in suffixes):
        return
    hint = "leave it out, or write .jpg, .webp or .avif"
    raise ImageError(f"{', '.join(sorted(suffixes))} has no `quality`", hint)
