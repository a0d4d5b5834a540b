"""Stylise files: one to one, or all pictures of a folder into another."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_runtime.errors import ImageError, NstError, TooManyPixelsError
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.read import MAX_PIXELS, list_pictures, read_picture
from nst_runtime.pictures.write import WRITE_SUFFIXES, check_writable_suffix, write_picture


@dataclass(frozen=True)
class Job:
    """A picture to read and the file that its stylised version goes to."""

    source: Path
    target: Path


@dataclass(frozen=True)
class Outcome:
    """What became of a job: `error` is None where the target was written."""

    job: Job
    error: NstError | None = None


def plan_file(source: Path, target: Path) -> Job:
    """Return the job for one file; raises NstError when there is none, or no picture can be written to `target`.

    Source and target may be the same file: it is replaced when all is done.
    """
    if not source.exists():
        raise ImageError(f"no picture or folder at {source}")
    if target.is_dir():
        raise NstError(f"{target} is a folder; for one picture give a file name, such as {target / source.name}")
    check_writable_suffix(target)
    return Job(source, target)


def plan_folder(source: Path, target: Path) -> list[Job]:
    """Return the jobs for the pictures of the folder `source`, told by their suffix, into the folder `target`.

    Names stay; ``.png`` is added to those whose format can only be read. Raises NstError when `source` has no
    pictures, or `target` is a file or the same folder.
    """
    if target.exists() and not target.is_dir():
        raise NstError(f"{target} is a file; for a folder of pictures give a folder to write to")
    if target.resolve() == source.resolve():
        raise NstError(f"{target} is the folder of the pictures themselves; give another folder to write to")
    pictures = list_pictures(source)
    if not pictures:
        raise NstError(f"{source} holds no pictures; subfolders are not searched")
    return [Job(picture, target / _written_name(picture)) for picture in pictures]


def _written_name(picture: Path) -> str:
    return picture.name if picture.suffix.lower() in WRITE_SUFFIXES else f"{picture.name}.png"


def stylize_file(stylizer: Stylizer, job: Job, style: str, *, max_pixels: int = MAX_PIXELS) -> None:
    """Stylise one picture, its transparency carried through; raises NstError and leaves the target as it was."""
    try:
        picture = read_picture(job.source, max_pixels=max_pixels)
        _check_size(stylizer, picture, job.source)
        write_picture(job.target, Picture(stylizer.stylize(picture.rgb, style), picture.alpha))
    except TooManyPixelsError as error:
        trusted = f"or, if you trust it, raise the limit with --max-pixels {error.pixels}"
        raise ImageError(f"{error}, {trusted}") from error
    except MemoryError as error:
        raise ImageError(f"not enough memory for {job.source}; make it smaller") from error


def _check_size(stylizer: Stylizer, picture: Picture, source: Path) -> None:
    try:
        stylizer.check_size(picture.rgb)
    except ImageError as error:
        raise ImageError(f"{source}: {error}") from error


def stylize_all(
    stylizer: Stylizer, jobs: Sequence[Job], style: str, *, max_pixels: int = MAX_PIXELS
) -> Iterator[Outcome]:
    """Stylise the pictures of `jobs` one after another and yield what became of each: a bad one stops none.

    Raises PackError when there is no such style or its bank is damaged, before any picture is read.
    """
    stylizer.bank(style)
    for job in jobs:
        try:
            stylize_file(stylizer, job, style, max_pixels=max_pixels)
        except NstError as error:
            yield Outcome(job, error)
        else:
            yield Outcome(job)
