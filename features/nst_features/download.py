"""Download a registered weights file, whole and checked or not at all. It loads no torch."""

import hashlib
from collections.abc import Callable
from http.client import HTTPException, HTTPMessage, HTTPResponse
from pathlib import Path
from typing import IO, Protocol
from urllib.error import HTTPError, URLError
from urllib.parse import urlsplit
from urllib.request import HTTPRedirectHandler, Request, build_opener

from nst_features.known_weights import KnownWeights
from nst_features.weights_folder import find_registered, how_to_get
from nst_runtime.contracts.files import replacing
from nst_runtime.errors import NstError

CHUNK_BYTES = 1 << 18
TIMEOUT_S = 30.0  # without a byte

Seen = Callable[[int, int | None], None]
"""Is told how many bytes have come, of how many, if the server says so."""


class _Target(Protocol):
    def write(self, data: bytes, /) -> int: ...


class _SafeRedirects(HTTPRedirectHandler):
    """Follow a server to another address by HTTPS, or by the scheme that it was asked by; not from HTTPS to less."""

    def redirect_request(
        self, req: Request, fp: IO[bytes], code: int, msg: str, headers: HTTPMessage, newurl: str
    ) -> Request | None:
        if urlsplit(newurl).scheme not in ("https", urlsplit(req.full_url).scheme):
            raise URLError(f"it redirects to {newurl}, which is not https")
        return super().redirect_request(req, fp, code, msg, headers, newurl)


def fetch_weights(row: KnownWeights, folder: Path, seen: Seen = lambda done, total: None) -> Path:
    """Return the file of `row` in `folder`, downloaded unless it is there.

    The folder is made. Raises NstError when the row has no address, the file that is there or comes has another hash,
    the server cannot be reached or breaks off, or the file cannot be written. A download that fails leaves nothing.
    """
    if not row.url:
        raise NstError(f"{row.name} cannot be downloaded as it is", how_to_get(row, folder))
    if (there := find_registered(row, [folder])) is not None:
        return there
    target = folder / row.file
    with _open(row, folder) as response, replacing(target) as temporary, temporary.open("wb") as file:
        sha256 = _copy(response, file, row, folder, seen)
        if not sha256.startswith(row.sha256):
            raise NstError(
                f"{row.url} sent another file than {row.name}: its sha256 begins with {sha256[:16]}, "
                f"not with {row.sha256[:16]}",
                "try again later, or from another network",
            )
    return target


def _open(row: KnownWeights, folder: Path) -> HTTPResponse:
    try:
        response: HTTPResponse = build_opener(_SafeRedirects).open(row.url, timeout=TIMEOUT_S)
    except (OSError, HTTPException) as error:
        raise _unreachable(row, folder, error) from error
    return response


def _copy(response: HTTPResponse, target: _Target, row: KnownWeights, folder: Path, seen: Seen) -> str:
    """Write what comes to `target` and return its SHA-256 in hex; only reading raises NstError."""
    digest, done, total = hashlib.sha256(), 0, response.length
    while chunk := _read(response, row, folder):
        target.write(chunk)
        digest.update(chunk)
        done += len(chunk)
        seen(done, total)
    if total is not None and done < total:
        raise _unreachable(row, folder, EOFError(f"it ended after {done} of {total} bytes"))
    return digest.hexdigest()


def _read(response: HTTPResponse, row: KnownWeights, folder: Path) -> bytes:
    try:
        return response.read(CHUNK_BYTES)
    except (OSError, HTTPException) as error:
        raise _unreachable(row, folder, error) from error


def _unreachable(row: KnownWeights, folder: Path, error: Exception) -> NstError:
    """Return what to say where a server cannot be reached, refuses, or breaks off."""
    reason = error if isinstance(error, HTTPError) else getattr(error, "reason", error)
    return NstError(
        f"cannot download {row.name} from {row.url}: {getattr(reason, 'strerror', None) or reason}",
        f"try again, or download that file elsewhere and put it into {folder}",
    )
