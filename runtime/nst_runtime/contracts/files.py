"""Write files whole or not at all, read JSON strictly, and name files by their hash."""

import errno
import hashlib
import json
import math
import os
import re
import secrets
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path, PurePosixPath, PureWindowsPath
from typing import Any, NoReturn

from nst_runtime.errors import NstError, PackError

Json = Any
"""What JSON holds: dict, list, str, int, float, bool or None."""

NAME_LIMIT_BYTES = 255  # of a file's name, on the usual disks
_SHA256 = re.compile(r"[0-9a-f]{64}")
_FULL = {errno.ENOSPC, errno.EDQUOT}
_FORBIDDEN = {errno.EACCES, errno.EPERM, errno.EROFS}


@contextmanager
def replacing(target: Path, *, follow_links: bool = True) -> Iterator[Path]:
    """Give a path beside `target` to write to; it takes `target`'s place when the block ends well.

    Until then, and for ever if the block raises, `target` keeps its old content. Parent folders are made. If `target`
    is a link, the file that it leads to is written; without `follow_links` a file takes the place of the link itself.
    Raises NstError when the disk is full, `target` is not a regular file or may not be written.
    """
    temporary: Path | None = None
    try:
        final = _writable(target, follow_links=follow_links)
        temporary = final.parent / f".nst-{secrets.token_hex(8)}.tmp"
        os.close(os.open(temporary, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o666))
        yield temporary
        flush_to_disk(temporary)
        if final.exists() and not final.is_symlink():
            shutil.copymode(final, temporary)
        temporary.replace(final)
    except OSError as error:
        raise NstError(*_why_not_written(target, error)) from error
    finally:
        if temporary is not None:
            with suppress(OSError):
                temporary.unlink(missing_ok=True)


def _writable(target: Path, *, follow_links: bool) -> Path:
    """Return the real path of `target`, its folder made."""
    final = Path(os.path.realpath(target) if follow_links else Path(os.path.realpath(target.parent), target.name))
    if final.is_symlink():
        return final
    if final.is_dir():
        raise NstError(f"{target} is a folder", f"give a file name, such as {target / 'result'}")
    if final.exists() and not final.is_file():
        raise NstError(f"{target} is not a regular file", "give the name of a file to write")
    final.parent.mkdir(parents=True, exist_ok=True)
    if final.exists() and not os.access(final, os.W_OK):
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES), str(final))
    return final


def flush_to_disk(path: Path) -> None:
    """Bring the file `path` to the disk; it is opened for writing, as Windows asks for."""
    handle = os.open(path, os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _why_not_written(target: Path, error: OSError) -> tuple[str, str]:
    if error.errno in _FULL:
        return f"cannot write {target}: the disk is full", "free some space or choose another folder"
    if error.errno in _FORBIDDEN:
        return f"cannot write {target}: no permission", "choose another folder"
    if error.errno in {errno.ENOTDIR, errno.EEXIST}:
        return f"cannot write {target}: a part of its path is a file, not a folder", "choose another path"
    return f"cannot write {target}: {error.strerror or error}", ""


def write_bytes(path: Path, data: bytes) -> None:
    """Write `data` to `path`, whole or not at all; raises NstError as `replacing` does."""
    with replacing(path) as temporary:
        temporary.write_bytes(data)


def write_text(path: Path, text: str) -> None:
    """Write `text` to `path` in UTF-8, line ends as they are; raises NstError as `replacing` does."""
    write_bytes(path, text.encode())


def write_json(path: Path, content: Json) -> None:
    """Write `content` to `path` as indented JSON; NaN and infinity, which JSON lacks, are a ValueError."""
    write_text(path, json.dumps(content, indent=2, ensure_ascii=False, allow_nan=False) + "\n")


def read_json(path: Path, *, limit_bytes: int = 64_000_000) -> Json:
    """Return what the JSON file `path` holds.

    Raises NstError when it is missing, larger than `limit_bytes`, no UTF-8 or no JSON; a key that comes twice, NaN,
    infinity, a number as large as 1e999 and a half of a character are not JSON here.
    """
    try:
        with path.open("rb") as file:
            data = file.read(limit_bytes + 1)
    except FileNotFoundError as error:
        raise NstError(f"no file {path}") from error
    except OSError as error:
        raise NstError(f"cannot read {path}: {error.strerror or error}") from error
    if len(data) > limit_bytes:
        raise NstError(f"{path} is larger than {limit_bytes} bytes; it is not a file of ours")
    return parse_json(data, str(path))


def parse_json(data: bytes, where: str) -> Json:
    """Return what the JSON text `data` holds; raises NstError, which names `where`, as `read_json` does."""
    try:
        content = json.loads(data, object_pairs_hook=_unique, parse_constant=_refuse_constant, parse_float=_finite)
        if b"\\u" in data:  # maybe the half of a character, which cannot be written again
            json.dumps(content, ensure_ascii=False).encode()
    except (ValueError, RecursionError) as error:
        raise NstError(f"{where} is not valid JSON ({' '.join(str(error).split())})", "make it again") from error
    return content


def _unique(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    content = dict(pairs)
    if len(content) < len(pairs):
        raise ValueError("a key comes twice")
    return content


def _finite(number: str) -> float:
    value = float(number)
    if not math.isfinite(value):
        raise ValueError(f"{number} is too large")
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise ValueError(f"{name} is not a JSON number")


def sha256_of_file(path: Path) -> str:
    """Return the SHA-256 of the file's bytes in hex; raises NstError when it cannot be read."""
    try:
        with path.open("rb") as file:
            return hashlib.file_digest(file, "sha256").hexdigest()
    except FileNotFoundError as error:
        raise NstError(f"no file {path}") from error
    except OSError as error:
        raise NstError(f"cannot read {path}: {error.strerror or error}") from error


def sha256_of_bytes(data: bytes) -> str:
    """Return the SHA-256 of `data` in hex."""
    return hashlib.sha256(data).hexdigest()


def check_sha256(*texts: str) -> None:
    """Raise ValueError unless each of `texts` is a SHA-256 in hex, as the functions above return it."""
    for text in texts:
        if not _SHA256.fullmatch(text):
            raise ValueError(f"{text!r} is not a sha256 in hex")


def is_relative_name(name: str) -> bool:
    """Tell whether `name` is a plain relative path with forward slashes that stays below its folder."""
    parts = PurePosixPath(name).parts
    plain = bool(parts) and "\\" not in name and "\0" not in name
    below = not name.startswith("/") and ".." not in parts and not PureWindowsPath(name).drive
    return plain and below and all(map(_is_storable, parts))


def _is_storable(part: str) -> bool:
    try:
        return len(part.encode()) <= NAME_LIMIT_BYTES
    except UnicodeEncodeError:
        return False


def path_inside(folder: Path, relative: str) -> Path:
    """Return `folder`/`relative`; raises PackError when that leaves `folder`, by ``..``, a root or a link."""
    path = folder / relative
    if not is_relative_name(relative) or not Path(os.path.realpath(path)).is_relative_to(os.path.realpath(folder)):
        raise PackError(f"{folder} names the file {relative!r}, which lies outside of it", "get it again")
    return path
