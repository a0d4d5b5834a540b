"""A folder is held against other processes: alone, or shared by many."""

import errno
import subprocess
import sys
from pathlib import Path

import portalocker
import pytest

from nst_runtime.errors import NstError
from nst_teacher.pairs.folder_lock import locked

IN_USE = "another process is writing to {}; wait for it, or give another folder as `out`"
HOLD = """
import sys
from pathlib import Path
from nst_teacher.pairs.folder_lock import locked
with locked(Path(sys.argv[1]), shared=sys.argv[2] == "shared"):
    print("held", flush=True)
    sys.stdin.read()
"""


def is_refused(folder: Path, *, shared: bool) -> bool:
    try:
        with locked(folder, shared=shared):
            return False
    except NstError as error:
        assert str(error) == IN_USE.format(folder)
        return True


@pytest.mark.parametrize(("how", "refused"), [("shared", (False, True)), ("alone", (True, True))])
def test_another_process_holds_it(tmp_path: Path, how: str, refused: tuple[bool, bool]) -> None:
    folder = tmp_path / "new" / "pairs"
    program = [sys.executable, "-c", HOLD, str(folder), how]
    with subprocess.Popen(program, stdin=subprocess.PIPE, stdout=subprocess.PIPE, text=True) as holder:
        assert holder.stdout is not None
        assert holder.stdout.readline() == "held\n"
        assert tuple(is_refused(folder, shared=shared) for shared in (True, False)) == refused
        holder.kill()
    assert not is_refused(folder, shared=False), "the system lets go of it with the process"


def test_it_is_free_after_the_block_and_nothing_is_written(tmp_path: Path) -> None:
    with pytest.raises(ZeroDivisionError), locked(tmp_path):
        raise ZeroDivisionError
    with locked(tmp_path, shared=True), locked(tmp_path, shared=True):
        assert is_refused(tmp_path, shared=False)
    assert not is_refused(tmp_path, shared=False)
    assert sys.platform == "win32" or not list(tmp_path.iterdir())


def test_a_folder_that_cannot_be_made(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    with pytest.raises(NstError, match=r"cannot write to .*file: .*; choose another folder"), locked(tmp_path / "file"):
        pass


@pytest.mark.parametrize(("number", "held"), [(errno.ENOLCK, True), (errno.ENOTSUP, True), (errno.EIO, False)])
def test_a_file_system_without_locks(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, number: int, *, held: bool
) -> None:
    """No file system here lacks locks or has a broken disk, so portalocker's own error stands for theirs."""

    def fail(handle: object, flags: object) -> None:
        raise portalocker.LockException(OSError(number, "no luck"))

    monkeypatch.setattr(portalocker, "lock", fail)
    if held:
        with locked(tmp_path):
            return
    with pytest.raises(NstError, match=r"cannot write to .*: no luck; choose another folder"), locked(tmp_path):
        pass
