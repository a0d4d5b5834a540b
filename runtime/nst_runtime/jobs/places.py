"""Tell places in folders apart, whatever links lead there and however their names are spelled."""

import os
import unicodedata
from collections.abc import Hashable
from pathlib import Path

from nst_runtime.errors import NstError


class Places:
    """Keys for paths: two paths have one key if a file written to one could be the file at the other.

    Links and ``..`` in the folder are followed, the last part of a path is not. Names that differ in upper and lower
    case, or in how their accents are stored, count as one: on many file systems they are.
    """

    def __init__(self) -> None:
        self._folders: dict[Path, Hashable] = {}

    def key(self, path: Path) -> Hashable:
        """Return the key of the file `path`, which need not exist."""
        return self.folder(path.parent), fold(path.name)

    def folder(self, path: Path) -> Hashable:
        """Return the key of the folder `path`, which need not exist."""
        if path not in self._folders:
            self._folders[path] = _folder_key(path)
        return self._folders[path]


def _folder_key(path: Path) -> Hashable:
    try:
        status = path.stat()
    except OSError:
        return fold(os.path.realpath(path))
    return (status.st_dev, status.st_ino) if status.st_ino else fold(os.path.realpath(path))


def fold(name: str) -> str:
    """Return `name` as file systems compare it that take upper and lower case, and both forms of accents, for one."""
    return unicodedata.normalize("NFC", unicodedata.normalize("NFC", name).casefold())


def is_same_file(one: Path, other: Path) -> bool:
    """Tell whether both paths lead to one file: by name, link, ``..``, hard link, or the case of letters."""
    try:
        return one.samefile(other)
    except OSError:
        return False


def check_folder(folder: Path) -> None:
    """Raise NstError unless files can be written in `folder`, or it can be made, as far as that can be told before."""
    there = next(path for path in (folder, *folder.parents) if os.path.lexists(path))
    if not there.is_dir():
        raise NstError(f"cannot write in {folder}: {there} is not a folder", "choose another folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise NstError(f"cannot write in {folder}: no permission", "choose another folder")
