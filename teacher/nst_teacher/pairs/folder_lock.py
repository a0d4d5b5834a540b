"""Keep two processes from writing to the same folder."""

import errno
import os
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nst_runtime.errors import NstError

try:
    import fcntl
except ImportError:  # Windows: no lock on folders
    fcntl = None  # type: ignore[assignment]


@contextmanager
def locked(folder: Path, *, shared: bool = False) -> Iterator[None]:
    """Make `folder` if need be and hold it until the block ends; the system lets go when the process dies.

    Held `shared`, it is closed only to those who want it alone. Raises NstError when another process holds it or it
    cannot be made. Nothing is written. Where the file system has no locks, the folder is not held.
    """
    try:
        folder.mkdir(parents=True, exist_ok=True)
        handle = None if fcntl is None else os.open(folder, os.O_RDONLY)
    except OSError as error:
        raise NstError(f"cannot write to {folder}: {error.strerror or error}", "choose another folder") from error
    try:
        if handle is not None:
            _hold(handle, folder, fcntl.LOCK_SH if shared else fcntl.LOCK_EX)
        yield
    finally:
        if handle is not None:
            os.close(handle)


def _hold(handle: int, folder: Path, how: int) -> None:
    try:
        fcntl.flock(handle, how | fcntl.LOCK_NB)
    except BlockingIOError as error:
        raise NstError(
            f"another process is writing to {folder}", "wait for it, or give another folder as `out`"
        ) from error
    except OSError as error:
        if error.errno not in (errno.ENOLCK, errno.ENOTSUP, errno.ENOSYS):
            raise NstError(f"cannot write to {folder}: {error.strerror or error}", "choose another folder") from error
