"""Replace a folder of ours, such as a pack, whole or not at all."""

import os
import secrets
import shutil
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from pathlib import Path

from nst_runtime.contracts.files import flush_to_disk, read_json
from nst_runtime.contracts.packs import FORMAT, MANIFEST, STYLES_FOLDER
from nst_runtime.errors import NstError

_OLD_FOLDER = "banks"  # of format 1
_SUFFIXES = {".onnx", ".safetensors"}
STALE_AFTER_S = 3600.0


def replacing_pack(target: Path) -> AbstractContextManager[Path]:
    """Give a new folder for a pack, as `replacing_folder` does, that replaces a pack or an empty folder alone."""
    return replacing_folder(target, "pack", _check_replaceable)


@contextmanager
def replacing_folder(target: Path, what: str, check: Callable[[Path, Path], None]) -> Iterator[Path]:
    """Give a new folder beside `target` to write to; it takes `target`'s place when the block ends well.

    Until then, and for ever if the block raises, `target` is as it was. Should the machine fail in the instant
    between the two renames, the old folder lies beside it and the next call puts it back. `what` it is called in
    errors. If there is something, `check` gets its real path and `target`, and raises NstError if it must stay. Raises
    NstError when the folder cannot be written.
    """
    final = Path(os.path.realpath(target))
    fresh = final.with_name(f".{final.name}.new-{secrets.token_hex(6)}")
    try:
        final.parent.mkdir(parents=True, exist_ok=True)
        _tidy(final)
        if final.exists():
            check(final, target)
        fresh.mkdir()
        yield fresh
        _flush(fresh)
        _swap(final, fresh)
    except OSError as error:
        raise NstError(
            f"cannot write the {what} {target}: {error.strerror or error}",
            "free the way, or give another folder as `out`",
        ) from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)


def _previous(final: Path) -> Path:
    return final.with_name(f".{final.name}.previous")


def _swap(final: Path, fresh: Path) -> None:
    previous = _previous(final)
    if final.exists():
        final.rename(previous)
    try:
        fresh.rename(final)
    except OSError:
        if previous.exists():
            previous.rename(final)
        raise
    shutil.rmtree(previous, ignore_errors=True)


def _tidy(final: Path) -> None:
    """Put right what a killed export left behind: a pack moved away and not replaced, folders half-written."""
    previous = _previous(final)
    if previous.exists():
        if final.exists():
            shutil.rmtree(previous, ignore_errors=True)
        else:
            previous.rename(final)
    for leftover in final.parent.glob(f".{final.name}.new-*"):
        if time.time() - leftover.stat().st_mtime > STALE_AFTER_S:
            shutil.rmtree(leftover, ignore_errors=True)


def _check_replaceable(final: Path, target: Path) -> None:
    if not final.is_dir():
        raise NstError(f"{target} is a file", "give a folder for the pack as `out`")
    foreign = [path for path in sorted(final.rglob("*")) if not _is_part(path.relative_to(final))]
    if foreign:
        raise NstError(
            f"{target} holds {foreign[0].relative_to(final)}, which is not a part of a pack",
            "give another folder as `out`",
        )
    manifest = final / MANIFEST
    if any(final.iterdir()) and not (manifest.is_file() and _names_a_pack(manifest)):
        raise NstError(f"{target} is not empty and not a style pack", "give another folder as `out`")


def _is_part(path: Path) -> bool:
    if path.parent == Path():
        return path.name in {MANIFEST, STYLES_FOLDER, _OLD_FOLDER} or path.suffix in _SUFFIXES
    return path.parent in {Path(STYLES_FOLDER), Path(_OLD_FOLDER)} and path.suffix in _SUFFIXES


def _names_a_pack(manifest: Path) -> bool:
    try:
        content = read_json(manifest)
    except NstError:
        return False
    return isinstance(content, dict) and content.get("format") == FORMAT


def _flush(folder: Path) -> None:
    """Bring the files of `folder` to the disk before it gets its name."""
    for path in folder.rglob("*"):
        if path.is_file():
            flush_to_disk(path)
