"""Decide what is read and where it is written, and refuse what would lose a picture, before anything is done."""

import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_runtime.errors import ImageError, NstError
from nst_runtime.jobs.places import Places, check_folder, is_same_file
from nst_runtime.jobs.sources import check_is_path, find_sources
from nst_runtime.jobs.targets import is_picture_name, pair_up, same_format
from nst_runtime.pictures.writable import ANIMATION_SUFFIXES
from nst_runtime.pictures.write import check_writable_suffix

STREAM = "-"


@dataclass(frozen=True)
class Job:
    """A picture to read and the file for its result; None for the standard input and output.

    `suffix` is the format on the standard output, such as ".png"; empty for the input's own. With `replaces_links` a
    link that has the target's name makes way for the file.
    """

    source: Path | None
    target: Path | None
    suffix: str = ""
    replaces_links: bool = False


@dataclass(frozen=True)
class Plan:
    """The `jobs` to do, and those whose results are `there` already, in `folder`; that is None for a single file.

    `first` is the picture that was given first, done or not; None for the standard input.
    """

    jobs: tuple[Job, ...]
    there: tuple[Job, ...] = ()
    folder: Path | None = None
    first: Path | None = None


def plan(
    inputs: Sequence[str], target: str, *, suffix: str = "", recursive: bool = False, overwrite: bool = False
) -> Plan:
    """Return what there is to do for `inputs` (files, folders, patterns, or ``-``) and `target`.

    `target` is a file for one picture; a folder if it is one, ends in a slash, or there are several pictures or a
    folder of them; or ``-``. In a folder, names stay, and ``.png`` is added to those whose format can only be read; or
    they end in `suffix`. ``.gif`` and ``.apng`` are for animations. What is there already is left as it is, unless
    `overwrite`; a single file is replaced.

    Raises NstError when something is missing, when a result would take the place of a picture that is read, when two
    would be one file, or nothing can be written to `target`. Nothing is written here.
    """
    folders = [Path(text) for text in inputs if Path(text).is_dir()]
    if recursive and not folders:
        raise NstError("`recursive` is for folders, and there is none to read", "leave it out")
    if STREAM in inputs:
        if len(inputs) > 1:
            raise NstError(f"{STREAM} is the standard input, which is one picture", "give it alone, or files alone")
        return Plan((_plan_one(None, target, suffix),))
    places = Places()
    sources = find_sources(inputs, places, recursive=recursive, apart_from=Path(target))
    if len(sources) == 1 and not folders and not _is_folder(target):
        return Plan((_plan_one(sources[0].path, target, suffix),), first=sources[0].path)
    _check_target_folder(target, folders, places, "a folder of pictures" if folders else f"{len(sources)} pictures")
    pairs, done = pair_up(sources, Path(target), suffix, places)
    there = set() if overwrite else done
    new = tuple(Job(*pair, replaces_links=True) for pair in pairs if pair not in there)
    return Plan(new, tuple(Job(*pair) for pair in pairs if pair in there), Path(target), pairs[0][0])


def refuse_targets(plan: Plan, others: Sequence[Path]) -> None:
    """Raise NstError where `plan` writes to one of the `others`, files that are read or kept besides the pictures."""
    places = Places()
    taken = {places.key(Path(os.path.realpath(other))): other for other in others}
    for job in plan.jobs:
        if job.target is not None and places.key(Path(os.path.realpath(job.target))) in taken:
            raise NstError(f"{job.target} is a file that is needed itself", "give another name to write to")


def _is_folder(target: str) -> bool:
    return target != STREAM and (Path(target).is_dir() or target.endswith(("/", os.sep)))


def _plan_one(source: Path | None, target: str, suffix: str) -> Job:
    """Return the job for one picture to a file or to the standard output."""
    if target == STREAM:
        return Job(source, None, suffix)
    check_is_path(target)
    path = Path(target)
    if _is_folder(target):
        raise NstError(
            f"a picture from the standard input has no name, and {target} is a folder",
            f"give a file name, such as {path / 'picture.png'}",
        )
    try:
        own = path.suffix.lower()
        if own not in ANIMATION_SUFFIXES:
            check_writable_suffix(path)
    except ImageError as error:
        raise ImageError(error.message, f"{error.hint}; a folder's name in a slash") from error
    if suffix and not same_format(own, suffix):
        raise NstError(f"{target} is not a {suffix} file", "its name says the format: leave `output_format` out")
    if source is not None and is_same_file(source, path):
        raise NstError(f"{target} is the picture that is read", "give another name to write to")
    check_folder(path.parent)
    return Job(source, path)


def _check_target_folder(target: str, folders: Sequence[Path], places: Places, pictures: str) -> None:
    """Raise NstError unless `pictures` can be written to the folder `target`, which is none of those read."""
    if target == STREAM:
        raise NstError(f"{pictures} cannot go to the standard output, which takes one", "give a folder to write to")
    check_is_path(target)
    folder = Path(target)
    if folder.exists() and not folder.is_dir():
        raise NstError(f"{pictures} cannot go to {target}, which is a file", "give a folder to write to")
    if not _is_folder(target) and is_picture_name(folder):
        raise NstError(
            f"{pictures} cannot go to {target}, which is a picture's name",
            "give a folder to write to; end it in a slash if that is its name",
        )
    if any(places.folder(read) == places.folder(folder) for read in folders):
        raise NstError(f"{target} is the folder of the pictures themselves", "give another folder to write to")
    check_folder(folder)
