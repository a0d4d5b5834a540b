"""A page on this machine that shows the picture of a run while it is made.

Nothing else is served than the page and the picture, and only to programs on this machine that ask for it by the
machine's own name: a page from elsewhere cannot read them by a name that it has made point here.
"""

import base64
import hashlib
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

from nst_runtime.errors import NstError
from nst_teacher.figures.so_far import SoFar

HOST = "127.0.0.1"
STYLE = "body{margin:1rem;font:1rem sans-serif;background:#222;color:#eee}img{max-width:100%;max-height:85vh}"
# Asks for the page again every second and shows its new middle; the last one stays when the run has ended.
SCRIPT = """
setInterval(async () => {
  try {
    const text = await (await fetch("/")).text()
    const found = new DOMParser().parseFromString(text, "text/html").querySelector("main")
    document.querySelector("main").replaceWith(found)
  } catch { document.title = "nst-teacher: ended" }
}, 1000)
"""
PAGE = """<!doctype html><meta charset="utf-8"><title>nst-teacher</title><style>{style}</style>
<main><p>{words}</p>{picture}</main><script>{script}</script>
"""


def _hash(text: str) -> str:
    return "'sha256-" + base64.b64encode(hashlib.sha256(text.encode()).digest()).decode() + "'"


POLICY = (
    f"default-src 'none'; img-src 'self'; connect-src 'self'; style-src {_hash(STYLE)}; script-src {_hash(SCRIPT)}; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'none'"
)


@contextmanager
def showing(so_far: SoFar, iterations: int, port: int | None = None, *, wanted: bool = True) -> Iterator[str | None]:
    """Serve the page of `so_far`, a run of `iterations`, while the block lasts, if that is `wanted`; give its address.

    `port` None is a free one. Raises NstError when the port is taken.
    """
    if not wanted:
        yield None
        return
    server = _open(so_far, iterations, port or 0)
    thread = threading.Thread(target=server.serve_forever, args=(0.1,), name="nst-preview", daemon=True)
    thread.start()
    try:
        yield f"http://{HOST}:{server.server_port}/"
    finally:
        server.shutdown()
        server.server_close()
        thread.join()


def _open(so_far: SoFar, iterations: int, port: int) -> ThreadingHTTPServer:
    class Handler(_Handler):
        run = so_far, iterations

    try:
        return _Server((HOST, port), Handler)
    except OSError as error:
        raise NstError(
            f"cannot serve a page at port {port}: {error.strerror or error}", "give another `preview_port`, or none"
        ) from error


class _Server(ThreadingHTTPServer):
    def handle_error(self, request: object, client_address: object) -> None:
        """Say nothing of a browser that went away in the middle: stderr is for the run."""


class _Handler(BaseHTTPRequestHandler):
    """Answers with the page, or the picture; everything else is not found."""

    run: tuple[SoFar, int]

    def do_GET(self) -> None:
        """Answer one request."""
        so_far, iterations = self.run
        own = {f"{name}:{self.connection.getsockname()[1]}" for name in (HOST, "localhost")}
        path = self.path.partition("?")[0]
        picture = so_far.encode() if path == "/picture.png" else None
        if self.headers.get("Host") not in own:
            self._answer(403, "text/plain", b"")
        elif path == "/":
            self._answer(200, "text/html; charset=utf-8", write_page(so_far, iterations).encode())
        elif picture is not None:
            self._answer(200, "image/png", picture)
        else:
            self._answer(404, "text/plain", b"")

    def _answer(self, status: int, kind: str, content: bytes) -> None:
        self.send_response(status)
        for name, value in {
            "Content-Type": kind,
            "Content-Length": str(len(content)),
            "Content-Security-Policy": POLICY,
            "X-Content-Type-Options": "nosniff",
            "Cache-Control": "no-store",
        }.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(content)

    def log_message(self, format: str, *arguments: object) -> None:  # noqa: A002 (the library's name)
        """Say nothing: stderr is for the run."""


def write_page(so_far: SoFar, iterations: int) -> str:
    """Return the page: the iteration, the losses after it, and the best picture so far."""
    words, picture = f"iteration 0 of {iterations}", ""
    if so_far.last is not None:
        losses = so_far.last.losses
        total, content, style = (float(value[0]) for value in (losses.total, losses.content, losses.style))
        number = so_far.last.iteration
        words = f"iteration {number} of {iterations}: loss {total:.4g}, content {content:.4g}, style {style:.4g}"
        picture = f'<img src="/picture.png?{number}" alt="the best picture so far">'
    return PAGE.format(style=STYLE, script=SCRIPT, words=words, picture=picture)
