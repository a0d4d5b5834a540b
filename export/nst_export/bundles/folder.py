"""The folder of a bundle, for apps or for a web host: what is in it, and whether it may be replaced."""

from collections.abc import Callable, Collection, Sequence
from pathlib import Path
from typing import TypeVar

from nst_runtime.contracts.files import read_json, sha256_of_file
from nst_runtime.contracts.packs import PackFile
from nst_runtime.contracts.versions import read_headed
from nst_runtime.errors import NstError

Record = TypeVar("Record")
MANIFEST = "bundle.json"
OTHER = "give another folder as `out`"


def files_in(folder: Path) -> tuple[PackFile, ...]:
    """Return the files of `folder` with their sizes and hashes, by name, without its bundle.json."""
    paths = sorted(path for path in folder.rglob("*") if path.is_file() and path != folder / MANIFEST)
    return tuple(
        PackFile(path.relative_to(folder).as_posix(), sha256_of_file(path), path.stat().st_size) for path in paths
    )


def read_manifest(record: type[Record], folder: Path, *, form: str, version: int, what: str, again: str) -> Record:
    """Return what bundle.json in `folder` says, which is of the format `form` in `version`.

    In errors `what` says what that is, and `again` how to write it. Raises NstError when it is missing, damaged or of
    another format.
    """
    path = folder / MANIFEST
    return read_headed(
        record, read_json(path), form=form, version=version, what=what, where=str(path), again=again, mend=again
    )


def require_replaceable(
    final: Path,
    target: Path,
    what: str,
    listed: Callable[[Path], Sequence[PackFile]],
    stay: Collection[str] = (),
) -> None:
    """Raise NstError unless `final`, which `target` leads to, is an empty folder or a bundle with nothing besides.

    `what` says in errors what the bundle is for. `listed` returns the files that its bundle.json lists, and raises
    NstError where that is not of this kind. The files `stay` may be there as well.
    """
    if not final.is_dir():
        raise NstError(f"{target} is a file", OTHER)
    found = {path.relative_to(final).as_posix() for path in final.rglob("*") if not path.is_dir() or path.is_symlink()}
    found -= set(stay)
    if not found:
        return
    try:
        known = {file.file for file in listed(final)} | {MANIFEST}
    except NstError as error:
        raise NstError(f"{target} is not empty and not a bundle for {what}", OTHER) from error
    if foreign := sorted(found - known):
        raise NstError(f"{target} holds {foreign[0]}, which is not a part of a bundle", OTHER)
