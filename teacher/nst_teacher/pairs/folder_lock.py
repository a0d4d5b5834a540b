"""Keep two processes from writing to the same folder."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

import portalocker

from nst_runtime.errors import NstError

LOCK_FILE = ".nst-lock"  # on Windows alone, where a folder itself cannot be opened
_NO_LOCKS = (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS)


@contextmanager
def locked(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Make `folder` if need be and hold it until the block ends; the system lets go when the process dies.

    Held `shared`, it is closed only to those who want it alone. Raises NstError when another process holds it or it
    cannot be made. Nothing is written, but for an empty LOCK_FILE on Windows. Where the file system has no locks, the
    folder is not held.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = _open(folder)
    except OSError as error:
        raise NstError(f"cannot write to {folder}: {error.strerror or error}", "choose another folder") from error
    try:
        _hold(handle, folder, portalocker.LockFlags.SHARED if shared else portalocker.LockFlags.EXCLUSIVE)
        yield
    finally:
        os.close(handle) if isinstance(handle, int) else handle.close()


def _open(folder: Path) -> int | IO[bytes]:
    """Return what stands for `folder` to be locked: the folder itself, or on Windows a file in it."""
    return (folder / LOCK_FILE).open("ab") if os.name == "nt" else os.open(folder, os.O_RDONLY)


def _hold(handle: int | IO[bytes], folder: Path, how: portalocker.LockFlags) -> None:
    try:
        portalocker.lock(handle, how | portalocker.LockFlags.NON_BLOCKING)
    except portalocker.LockException as error:
        reason = error.args[0]  # older versions of portalocker tell a held lock by the system's error alone
        if isinstance(error, portalocker.AlreadyLocked) or isinstance(reason, BlockingIOError):
            raise NstError(
                f"another process is writing to {folder}", "wait for it, or give another folder as `out`"
            ) from error
        if not isinstance(reason, OSError):
            raise NstError(f"cannot write to {folder}: {error}", "choose another folder") from error
        if reason.errno not in _NO_LOCKS:
            raise NstError(f"cannot write to {folder}: {reason.strerror or reason}", "choose another folder") from error
