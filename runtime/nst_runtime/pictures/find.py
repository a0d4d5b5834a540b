"""Find the pictures in folders."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import NoReturn

from nst_runtime.errors import ImageError
from nst_runtime.pictures.formats import PICTURE_SUFFIXES, tell_kind


def list_pictures(folder: Path, *, recursive: bool = False) -> list[Path]:
    """Return the pictures in `folder`, with `recursive` in its subfolders too, sorted by path.

    That is files with a picture's suffix, in any case, also of photographs that cannot be read (`PICTURE_SUFFIXES`),
    and files without a suffix that begin as a picture does. Hidden files and folders stay out; links to folders are not
    followed. Raises ImageError when `folder` is not a folder, or it or one of its subfolders cannot be read.
    """
    if not folder.is_dir():
        raise ImageError(f"no folder {folder}" if not folder.exists() else f"{folder} is a file, not a folder")
    return sorted(path for path in _files(folder, recursive=recursive) if _is_picture(path))


def _files(folder: Path, *, recursive: bool) -> Iterator[Path]:
    for place, folders, names in os.walk(folder, onerror=_refuse):
        folders[:] = [name for name in folders if recursive and not name.startswith(".")]
        yield from (Path(place) / name for name in names if not name.startswith("."))


def _refuse(error: OSError) -> NoReturn:
    raise ImageError(f"cannot read the folder {error.filename}: {error.strerror}", "check who may read it") from error


def _is_picture(path: Path) -> bool:
    suffix = path.suffix.lower()
    try:
        return path.is_file() and (suffix in PICTURE_SUFFIXES if suffix else _begins_as_picture(path))
    except OSError:  # no right to ask; what reads it will say so
        return suffix in PICTURE_SUFFIXES


def _begins_as_picture(path: Path) -> bool:
    try:
        with path.open("rb") as stream:
            kind = tell_kind(stream)
    except OSError:
        return False
    return kind is not None and bool(kind.suffixes)
