"""Do the jobs: read a picture, stylise it, write it; a bad picture stops none of the others."""

from __future__ import annotations

import errno
import io
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from nst_runtime.errors import ImageError, NstError, PackError
from nst_runtime.pictures.formats import tell_kind
from nst_runtime.pictures.read import MAX_PIXELS, read_picture, read_picture_bytes
from nst_runtime.pictures.write import WRITE_SUFFIXES, check_writable, encode_picture, write_picture

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from nst_runtime.inference.regions import LookLike, Regions
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.plan import Job
    from nst_runtime.pictures.arrays import Picture

STREAM_LIMIT_BYTES = 2**30
STDIN = "the standard input"


@dataclass(frozen=True)
class Streams:
    """What jobs without a file read from and write to."""

    source: BinaryIO
    target: BinaryIO


@dataclass(frozen=True)
class Outcome:
    """What came of a job: `notes` on what of the picture's file was not used; `error` is None if it was written."""

    job: Job
    notes: tuple[str, ...] = ()
    error: NstError | None = None


def stylize_job(
    stylizer: Stylizer,
    job: Job,
    look: LookLike | Regions,
    *,
    max_pixels: int = MAX_PIXELS,
    streams: Streams | None = None,
) -> tuple[str, ...]:
    """Stylise one picture, with its transparency and what it says about itself, and return the notes on it.

    Raises NstError, which names the picture, and leaves the target as it was; ValueError for a job without a file if
    there are no `streams`.
    """
    name = STDIN if job.source is None else str(job.source)
    try:
        picture, own = _read(job, max_pixels, streams)
        suffix = job.suffix or (own if own in WRITE_SUFFIXES else ".png")
        check_writable(job.target or Path(f"picture{suffix}"), *picture.rgb.shape[1::-1])
        _write(job, _paint(stylizer, picture, look, name), suffix, streams)
    except MemoryError as error:
        raise ImageError(f"not enough memory for {name}", "make it smaller") from error
    return picture.notes


def _read(job: Job, max_pixels: int, streams: Streams | None) -> tuple[Picture, str]:
    """Return the job's picture and the suffix that goes with its format."""
    if job.source is not None:
        return read_picture(job.source, max_pixels=max_pixels), job.source.suffix.lower()
    data = _given(streams).source.read(STREAM_LIMIT_BYTES + 1)
    if len(data) > STREAM_LIMIT_BYTES:
        raise ImageError(f"{STDIN} holds more than {STREAM_LIMIT_BYTES} bytes", "give one picture")
    kind = tell_kind(io.BytesIO(data))
    return read_picture_bytes(data, STDIN, max_pixels=max_pixels), kind.suffixes[0] if kind and kind.suffixes else ""


def _paint(stylizer: Stylizer, picture: Picture, look: LookLike | Regions, name: str) -> Picture:
    try:
        return stylizer.stylize(picture, look)
    except PackError:
        raise
    except NstError as error:
        raise ImageError(f"{name}: {error.message}", error.hint) from error


def _write(job: Job, picture: Picture, suffix: str, streams: Streams | None) -> None:
    if job.target is not None:
        write_picture(job.target, picture, follow_links=not job.replaces_links)
        return
    stream = _given(streams).target
    stream.write(encode_picture(picture, suffix))
    stream.flush()


def _given(streams: Streams | None) -> Streams:
    if streams is None:
        raise ValueError("a job without a file needs streams")
    return streams


def stylize_all(
    stylizer: Stylizer,
    jobs: Sequence[Job],
    look: LookLike | Regions,
    *,
    max_pixels: int = MAX_PIXELS,
    streams: Streams | None = None,
) -> Iterator[Outcome]:
    """Stylise the pictures of `jobs` one after another and yield what came of each: a bad one stops none.

    After one for which the disk has no room the others are not tried. Raises PackError when there is no such style or
    its file is damaged, before any picture is read.
    """
    stylizer.prepare(look)
    for job in jobs:
        try:
            notes = stylize_job(stylizer, job, look, max_pixels=max_pixels, streams=streams)
        except NstError as error:
            yield Outcome(job, error=error)
            if isinstance(error.__cause__, OSError) and error.__cause__.errno in {errno.ENOSPC, errno.EDQUOT}:
                return
        else:
            yield Outcome(job, notes)
