"""Do the jobs: read a picture, stylise it, write it; a bad picture stops none of the others."""

from __future__ import annotations

import errno
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path
from threading import Event
from time import perf_counter
from traceback import clear_frames
from typing import TYPE_CHECKING

from nst_runtime.errors import ImageError, NstError
from nst_runtime.jobs.animate import stylize_animation
from nst_runtime.jobs.by_rows import stylize_by_rows
from nst_runtime.jobs.inputs import Input, Streams, given, named, take_input
from nst_runtime.jobs.keeping import Keeping, check_keeping, size_kept
from nst_runtime.jobs.outcomes import STDIN, Outcome
from nst_runtime.pictures.collage import beside
from nst_runtime.pictures.read import MAX_PIXELS
from nst_runtime.pictures.write import WRITE_SUFFIXES, check_writable, encode_picture, has_quality, write_picture

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from nst_runtime.inference.regions import LookLike, Regions
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.plan import Job
    from nst_runtime.pictures.arrays import Picture

__all__ = ["STDIN", "Outcome", "Streams", "stylize_all", "stylize_job"]


def stylize_job(
    stylizer: Stylizer,
    job: Job,
    look: LookLike | Regions,
    *,
    max_pixels: int = MAX_PIXELS,
    keeping: Keeping = Keeping(),  # noqa: B008 (frozen)
    streams: Streams | None = None,
) -> tuple[str, ...]:
    """Stylise one picture, with its transparency and what it says about itself, and return the notes on it.

    Raises NstError, which names the picture, and leaves the target as it was; ValueError for a job without a file if
    there are no `streams`.
    """
    return _stylize(stylizer, job, look, max_pixels, keeping, streams).notes


def _stylize(
    stylizer: Stylizer, job: Job, look: LookLike | Regions, max_pixels: int, keeping: Keeping, streams: Streams | None
) -> Outcome:
    source = take_input(job, streams)
    paint = partial(_paint, stylizer, look=look, name=source.name, compare=keeping.compare)
    try:
        done = stylize_animation(job, source, paint, max_pixels, keeping, streams)
        with named(source.name):
            done = done or stylize_by_rows(stylizer, job, source, look, max_pixels, keeping)
        return done or _stylize_picture(job, source, paint, max_pixels, keeping, streams)
    except MemoryError as error:
        raise ImageError(f"not enough memory for {source.name}", "make it smaller") from error


def _stylize_picture(
    job: Job,
    source: Input,
    paint: Callable[[Picture], Picture],
    max_pixels: int,
    keeping: Keeping,
    streams: Streams | None,
) -> Outcome:
    picture = source.read(max_pixels)
    suffix = job.suffix or (source.suffix if source.suffix in WRITE_SUFFIXES else ".png")
    size = picture.rgb.shape[1], picture.rgb.shape[0]
    check_writable(job.target or Path(f"picture{suffix}"), *size_kept(keeping, *size))
    _write(job, paint(picture), suffix, keeping, streams)
    return Outcome(job, picture.notes, size=size)


def _paint(stylizer: Stylizer, picture: Picture, look: LookLike | Regions, name: str, *, compare: bool) -> Picture:
    with named(name):
        painted = stylizer.stylize(picture, look)
    return beside(picture, painted) if compare else painted


def _write(job: Job, picture: Picture, suffix: str, keeping: Keeping, streams: Streams | None) -> None:
    chosen = job.target.suffix.lower() if job.target else suffix
    quality = keeping.quality if has_quality(chosen) else None
    if job.target is not None:
        write_picture(
            job.target,
            picture,
            quality=quality,
            strip=keeping.strip,
            keep_profile=keeping.keep_profile,
            follow_links=not job.replaces_links,
        )
        return
    given(streams).write(
        encode_picture(picture, suffix, quality=quality, strip=keeping.strip, keep_profile=keeping.keep_profile)
    )


def stylize_all(
    stylizer: Stylizer,
    jobs: Sequence[Job],
    look: LookLike | Regions,
    *,
    max_pixels: int = MAX_PIXELS,
    keeping: Keeping = Keeping(),  # noqa: B008 (frozen)
    at_once: int = 1,
    streams: Streams | None = None,
) -> Iterator[Outcome]:
    """Stylise the pictures of `jobs` and yield what came of each, in their order: a bad one stops none.

    So many are worked on `at_once`, by threads, and as many are in memory; the results are the same to the bit. While
    one is waited for, later ones may be done, up to all of them. After one for which the disk has no room no other is
    begun. Raises PackError when there is no such style or its file is damaged, before any picture is read; NstError
    when `at_once` is below 1, or `keeping` asks for a quality that it cannot have.
    """
    if at_once < 1:
        raise NstError(f"`at_once` is at least 1, not {at_once}", "1 is one picture after the other")
    check_keeping(keeping, jobs)
    stylizer.prepare(look)
    is_full = Event()

    def work(job: Job) -> Outcome | None:
        if is_full.is_set():
            return None
        begun = perf_counter()
        try:
            outcome = _stylize(stylizer, job, look, max_pixels, keeping, streams)
        except NstError as error:
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in {errno.ENOSPC, errno.EDQUOT}:
                is_full.set()
            _let_go(error)
            return Outcome(job, error=error, seconds=perf_counter() - begun)
        return replace(outcome, seconds=perf_counter() - begun)

    yield from (outcome for outcome in _in_order(work, jobs, at_once) if outcome is not None)


def _in_order(work: Callable[[Job], Outcome | None], jobs: Sequence[Job], at_once: int) -> Iterator[Outcome | None]:
    """Yield what `work` returns for each of `jobs`; what is not begun when the caller stops is not done."""
    if at_once == 1:
        yield from map(work, jobs)
        return
    with ThreadPoolExecutor(at_once, "stylize") as pool:
        yield from pool.map(work, jobs)


def _let_go(error: BaseException | None) -> None:
    """Free the pictures that the traceback of `error`, and of what caused it, would hold in memory."""
    while error is not None:
        clear_frames(error.__traceback__)
        error = error.__cause__ or error.__context__
