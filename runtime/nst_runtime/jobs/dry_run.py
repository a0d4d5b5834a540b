"""Say what would be done, from the heads of the pictures' files alone."""

from collections.abc import Iterator
from pathlib import Path

from nst_runtime.errors import NstError
from nst_runtime.inference.regions import LookLike, Regions
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.jobs.by_rows import check_memory
from nst_runtime.jobs.inputs import named
from nst_runtime.jobs.keeping import Keeping, check_keeping, size_kept
from nst_runtime.jobs.outcomes import Outcome
from nst_runtime.jobs.places import check_folder
from nst_runtime.jobs.plan import Job, Plan
from nst_runtime.pictures.animations import check_frames
from nst_runtime.pictures.notes import ANIMATION_NOTE
from nst_runtime.pictures.read import MAX_PIXELS, Header, read_header
from nst_runtime.pictures.writable import ANIMATION_SUFFIXES, ONLY_ANIMATIONS, check_writable
from nst_runtime.pictures.write_animation import check_animation, not_moving

Painted = tuple[Stylizer, LookLike | Regions]
"""What paints, and with what."""


def foresee(
    plan: Plan,
    *,
    max_pixels: int = MAX_PIXELS,
    keeping: Keeping = Keeping(),  # noqa: B008 (frozen)
    painted: Painted | None = None,
) -> Iterator[Outcome]:
    """Yield for each job of `plan` what would come of it: made, skipped because its result is there, or refused.

    The jobs to do come first, then those whose results are there. No picture is decoded, and nothing is written: an
    error is what the head of a file and its target tell, such as another kind of file or too many pixels; and, where
    it is known with what they are `painted`, a side that is too short, masks that do not fit, or too little memory.
    Damage after the head shows only when the picture is read. The standard input is not read, and so counts as a
    picture that is made.

    Raises NstError as `stylize_all` does for `keeping`.
    """
    check_keeping(keeping, plan.jobs)
    yield from (_foresee(job, max_pixels, keeping, painted) for job in plan.jobs)
    yield from (Outcome(job, skipped=True, foreseen=True) for job in plan.there)


def _foresee(job: Job, max_pixels: int, keeping: Keeping, painted: Painted | None) -> Outcome:
    header = Header(0, 0)
    try:
        if job.source is not None:
            header = read_header(job.source, max_pixels=max_pixels)
            if painted is not None:
                _check_painted(job, job.source, header, max_pixels, keeping, painted)
        if job.target is not None:
            _check_target(job.target, header, keeping)
    except NstError as error:
        return Outcome(job, error=error, size=_size(header), foreseen=True)
    notes = tuple(note for note in header.notes if note != ANIMATION_NOTE or not _moves(job.target, header))
    return Outcome(job, notes, size=_size(header), foreseen=True)


def _moves(target: Path | None, header: Header) -> bool:
    return target is not None and target.suffix.lower() in ANIMATION_SUFFIXES and header.frames > 1


def _check_target(target: Path, header: Header, keeping: Keeping) -> None:
    suffix = target.suffix.lower()
    size = size_kept(keeping, header.width, header.height)
    if _moves(target, header):
        check_frames(header.frames, header.width, header.height, str(target))
        check_animation(suffix, *size)
    elif suffix in ONLY_ANIMATIONS:
        raise not_moving(str(target), suffix)
    else:
        check_writable(target, *size)
    check_folder(target.parent)


def _size(header: Header) -> tuple[int, int] | None:
    return (header.width, header.height) if header.width else None


def _check_painted(job: Job, source: Path, header: Header, max_pixels: int, keeping: Keeping, painted: Painted) -> None:
    stylizer, look = painted
    with named(str(source)):
        check_memory(stylizer, job, look, max_pixels, keeping)
        stylizer.check_look(look, header.height, header.width)
