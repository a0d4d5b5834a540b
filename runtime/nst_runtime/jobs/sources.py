"""Find the pictures that are meant: by files, folders, and patterns such as ``*.jpg``."""

import glob
import os
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_runtime.errors import ImageError, NstError
from nst_runtime.jobs.places import Places
from nst_runtime.pictures.read import list_pictures


@dataclass(frozen=True)
class Source:
    """A picture to read, and its path `below` the folder that was given: its name alone if it was given itself."""

    path: Path
    below: Path


def find_sources(inputs: Sequence[str], places: Places, *, recursive: bool, apart_from: Path) -> list[Source]:
    """Return the pictures that `inputs` stand for, in their order, each once.

    A folder stands for the pictures in it, with `recursive` in its subfolders too, but not in the folder `apart_from`:
    results of an earlier run may lie there. A pattern that is not the name of a file stands for the pictures that it
    matches. Raises NstError when there are none, or something is missing.
    """
    found = [source for text in inputs for source in _find(text, places, recursive, apart_from)]
    if not found:
        hint = "" if recursive else "subfolders are searched with `recursive`"
        raise ImageError(f"no pictures in {', '.join(inputs)}", hint)
    return list(dict.fromkeys(found))


def _find(text: str, places: Places, recursive: bool, apart_from: Path) -> Iterator[Source]:
    path = Path(text)
    if path.is_dir():
        for picture in list_pictures(path, recursive=recursive):
            below = picture.relative_to(path)
            if not _leads_through(apart_from, path, below, places):
                yield Source(picture, below)
    elif os.path.lexists(text):
        yield Source(path, Path(path.name))
    else:
        yield from (Source(match, Path(match.name)) for match in _match(text))


def _leads_through(wanted: Path, root: Path, below: Path, places: Places) -> bool:
    """Tell whether the folder `wanted` is one of those between `root` and the file `below` it."""
    return any(places.folder(root / part) == places.folder(wanted) for part in below.parents if part != Path())


def _match(pattern: str) -> list[Path]:
    check_is_path(pattern)
    if not glob.has_magic(pattern):
        raise ImageError(f"no picture or folder at {pattern}")
    matches = [Path(match) for match in sorted(glob.glob(pattern, recursive=True))]  # noqa: PTH207 (any path)
    pictures = {picture for folder in {match.parent for match in matches} for picture in list_pictures(folder)}
    found = [match for match in matches if match in pictures]
    if not found:
        raise ImageError(f"no picture matches {pattern}")
    return found


def check_is_path(text: str) -> None:
    """Raise NstError when `text` is empty or an address on the web."""
    if not text:
        raise NstError("an empty text is not the name of a file", "check the variable that it comes from")
    if re.match(r"[A-Za-z][A-Za-z0-9+.-]+://", text):
        raise NstError(f"{text} is a web address, not a file", "download pictures first, and write to a file or folder")
