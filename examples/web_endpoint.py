"""Stylise pictures over HTTP, for this machine alone.

    python examples/web_endpoint.py --port 8000
    curl http://127.0.0.1:8000/styles
    curl --data-binary @photo.jpg "http://127.0.0.1:8000/stylize?style=waves&strength=0.8" --output waves.jpg

The picture comes back as JPEG, PNG or WebP, as it was sent; others come back as PNG. An error is JSON, `error` and
`hint`, with the status 400 (a wrong request), 404 (no such style), 413 (too large) or 415 (not a picture that can be
stylised). Each request has a thread, and one Stylizer serves all. A lock lets one picture at a time use all cores,
which bounds the memory.
"""

import argparse
import io
import json
import sys
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qsl

from nst_runtime import (
    ImageError,
    Look,
    NstError,
    Stylizer,
    TooManyPixelsError,
    encode_picture,
    read_picture_bytes,
)
from nst_runtime.pictures.formats import tell_kind

TYPES = {".jpg": "image/jpeg", ".png": "image/png", ".webp": "image/webp"}
LIMIT_BYTES, LIMIT_PIXELS = 20_000_000, 24_000_000
LOCK = threading.Lock()


class RefusedError(NstError):
    """A request that is answered with `status`."""

    def __init__(self, status: int, message: str, hint: str) -> None:
        super().__init__(message, hint)
        self.status = status


class Handler(BaseHTTPRequestHandler):
    """Answer requests; `stylizer` and the `titles` of its styles are the same for all."""

    timeout = 30  # seconds that a client may be silent
    stylizer: Stylizer
    titles: dict[str, str]

    def do_GET(self) -> None:
        """Send what was asked for, or what is wrong."""
        status, kind = 200, "application/json"
        try:
            kind, data = self._answer()
        except NstError as error:
            status = status_of(error)
            data = json.dumps({"error": error.message, "hint": error.hint}).encode()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(data)))
        self.end_headers()
        self.wfile.write(data)

    def do_POST(self) -> None:
        """Do the same."""
        self.do_GET()

    def _answer(self) -> tuple[str, bytes]:
        body = self._read_body() if self.command == "POST" else b""  # first: a client that still sends sees no answer
        path, _, query = self.path.partition("?")
        if (self.command, path) == ("GET", "/styles"):
            return "application/json", json.dumps(self.titles).encode()
        if (self.command, path) == ("POST", "/stylize"):
            return self._stylize(body, self._read_look(dict(parse_qsl(query))))
        raise RefusedError(404, f"there is no {self.command} {path}", "there are GET /styles and POST /stylize")

    def _read_body(self) -> bytes:
        length = self.headers.get("Content-Length", "")
        if not length.isdecimal():
            raise RefusedError(400, "the body's length is missing", "send the header Content-Length")
        if int(length) > LIMIT_BYTES:
            raise RefusedError(413, f"the body has {length} bytes, more than {LIMIT_BYTES}", "send a smaller picture")
        return self.rfile.read(int(length))

    def _read_look(self, query: dict[str, str]) -> Look:
        if "style" not in query or not query.keys() <= {"style", "strength"}:
            raise RefusedError(400, f"the query has {sorted(query)}", "give style, and strength if you like")
        if query["style"] not in self.titles:  # a path, which would reach files of this machine, is not one of them
            raise RefusedError(404, f"there is no style {query['style']!r}", "GET /styles lists them")
        try:
            return Look(query["style"], strength=float(query.get("strength", "1")))
        except ValueError as error:
            raise RefusedError(400, str(error), "strength goes from 0, the photo, over 1, the style, to 1.5") from error

    def _stylize(self, body: bytes, look: Look) -> tuple[str, bytes]:
        kind = tell_kind(io.BytesIO(body))
        suffix = kind.suffixes[0] if kind and kind.suffixes and kind.suffixes[0] in TYPES else ".png"
        with LOCK:
            picture = read_picture_bytes(body, "the body", max_pixels=LIMIT_PIXELS)
            return TYPES[suffix], encode_picture(self.stylizer.stylize(picture, look), suffix)


def status_of(error: NstError) -> int:
    """Return the status that goes with `error`."""
    if isinstance(error, RefusedError):
        return error.status
    if isinstance(error, TooManyPixelsError):
        return 413
    return 415 if isinstance(error, ImageError) else 500  # a damaged style file, or not enough memory


def main() -> int:
    """Read the command line, serve until Ctrl-C, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--port", type=int, default=8000, metavar="N", help="8000; 0 takes a free one")
    given = parser.parse_args()
    try:
        Handler.stylizer = Stylizer.load()
        Handler.titles = {style.name: style.record().info.title for style in Handler.stylizer.styles}
        with ThreadingHTTPServer(("127.0.0.1", given.port), Handler) as server:
            print(f"http://127.0.0.1:{server.server_port}", flush=True)
            server.serve_forever()
    except (NstError, OSError) as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
