"""The command web: the page that paints in a browser, served to this machine alone."""

import os
import sys
from functools import partial
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Annotated
from urllib.parse import unquote, urlsplit

import typer

from nst_runtime.cli.output import say
from nst_runtime.contracts.web_page import INDEX, find_page, page_files
from nst_runtime.errors import NstError

EPILOG = """\b
Examples:
  nst-runtime web
  nst-runtime web --dist bundle --port 8080
"""
HOST = "127.0.0.1"
TYPES = {
    ".css": "text/css; charset=utf-8",
    ".html": "text/html; charset=utf-8",
    ".jpg": "image/jpeg",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".mjs": "text/javascript; charset=utf-8",
    ".png": "image/png",
    ".svg": "image/svg+xml",
    ".txt": "text/plain; charset=utf-8",
    ".wasm": "application/wasm",
    ".webmanifest": "application/manifest+json",
}
# The first two isolate the page, which browsers ask of one that computes with several threads.
HEADERS = {
    "Cross-Origin-Opener-Policy": "same-origin",
    "Cross-Origin-Embedder-Policy": "require-corp",
    "Cross-Origin-Resource-Policy": "same-origin",
    "X-Content-Type-Options": "nosniff",
    "Referrer-Policy": "no-referrer",
    "Content-Security-Policy": "frame-ancestors 'none'",
}
NAMED_BY_HASH = "assets/"
KEPT, ASKED_FOR = "public, max-age=31536000, immutable", "no-cache"


def web(
    dist: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", show_default="web/dist here or in the checkout", help="The folder of the built page."
        ),
    ] = None,
    port: Annotated[
        int, typer.Option(min=0, max=65535, metavar="N", help="The port to listen on; 0 is any that is free.")
    ] = 8000,
) -> None:
    """Serve the page that paints in a browser, to this machine alone, until Ctrl-C.

    Prints its address. No picture leaves the browser.
    """
    server = new_server(find_page(dist), port)
    with server:
        print(f"http://{HOST}:{server.server_port}/", flush=True)
        say("press Ctrl-C to end")
        server.serve_forever()


def new_server(folder: Path, port: int) -> ThreadingHTTPServer:
    """Return a server of the page in `folder`, bound to the loopback `port`; raises NstError when that is taken.

    It serves the files that are there now, each by its exact path, and nothing else.
    """
    files = page_files(folder)
    try:
        return _Server((HOST, port), partial(_Handler, files))
    except OSError as error:
        raise NstError(
            f"cannot listen on port {port}: {os.strerror(error.errno or 0)}", "give another `port`, or 0 for any"
        ) from error


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away, as one does when its tab is closed."""
        if not isinstance(sys.exception(), ConnectionError):
            super().handle_error(request, client_address)  # type: ignore[arg-type]


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def __init__(self, files: dict[str, Path], *request: object) -> None:
        self._files = files
        super().__init__(*request)  # type: ignore[arg-type]

    def do_GET(self) -> None:
        """Answer with a file."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer with what there is to say of a file."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        name = unquote(urlsplit(self.path).path).removeprefix("/") or INDEX
        path = self._files.get(name)
        if path is None:
            self.send_error(HTTPStatus.NOT_FOUND)
            return
        self.send_response(HTTPStatus.OK)
        self.send_header("Content-Type", TYPES.get(path.suffix, "application/octet-stream"))
        self.send_header("Content-Length", str(path.stat().st_size))
        self.send_header("Cache-Control", KEPT if name.startswith(NAMED_BY_HASH) else ASKED_FOR)
        self.end_headers()
        if with_body:
            self.wfile.write(path.read_bytes())

    def end_headers(self) -> None:
        """End the headers of any answer, an error as well, with those that all have."""
        for header, value in HEADERS.items():
            self.send_header(header, value)
        super().end_headers()

    def log_message(self, *_: object) -> None:
        """Say nothing of each request."""
