"""Downloads from a real server that is sound, slow, wrong or gone."""

import hashlib
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from urllib.error import URLError
from urllib.request import Request

import pytest

from nst_features.cli.fetch_command import fetch_by_name
from nst_features.download import _SafeRedirects, fetch_weights
from nst_features.known_weights import KnownWeights
from nst_runtime.errors import NstError

CONTENT = bytes(range(256)) * 4000  # 1 MB
SHA256 = hashlib.sha256(CONTENT).hexdigest()


@dataclass
class Server:
    """A web server on this machine: what a path answers is its name."""

    address: str
    asked: list[str] = field(default_factory=list)
    half_is_sent: threading.Event = field(default_factory=threading.Event)

    def row(self, path: str, **changes: str) -> KnownWeights:
        row = KnownWeights("mine", "vgg19", "relu3_1", SHA256, "torchvision", 1.0, "MIT", "a test", self.address + path)
        return replace(row, **changes)  # type: ignore[arg-type]


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Server]:
    class Handler(BaseHTTPRequestHandler):
        def do_GET(self) -> None:
            found.asked.append(self.path)
            kind, _, rest = self.path[1:].partition("/")
            if kind == "moved":
                self.send_response(302)
                self.send_header("Location", rest.replace("HERE", found.address))
                self.end_headers()
            elif kind == "missing":
                self.send_error(404)
            else:
                self.send_file(kind)

        def send_file(self, kind: str) -> None:
            self.send_response(200)
            if kind != "unsized":
                self.send_header("Content-Length", str(len(CONTENT)))
            self.end_headers()
            half = len(CONTENT) // 2
            self.wfile.write(CONTENT[:half])
            found.half_is_sent.set()
            if kind == "waits":
                stop.wait(20)
            if kind != "breaks":
                self.wfile.write(CONTENT[half:])

        def log_message(self, format: str, *args: object) -> None:  # noqa: A002 (its name in the base class)
            """Say nothing."""

    monkeypatch.setenv("no_proxy", "*")
    stop = threading.Event()
    with ThreadingHTTPServer(("127.0.0.1", 0), Handler) as http:
        http.daemon_threads = True
        found = Server(f"http://127.0.0.1:{http.server_address[1]}")
        thread = threading.Thread(target=http.serve_forever, args=(0.01,))
        thread.start()
        yield found
        stop.set()
        http.shutdown()
        thread.join()


def refused(row: KnownWeights, folder: Path) -> NstError:
    """Return the error of a download that must leave nothing in `folder`."""
    with pytest.raises(NstError) as caught:
        fetch_weights(row, folder)
    assert not folder.exists() or not list(folder.iterdir())
    return caught.value


def test_a_file_comes_whole_and_is_told_as_it_comes(server: Server, tmp_path: Path) -> None:
    seen: list[tuple[int, int | None]] = []
    folder = tmp_path / "new" / "weights"
    path = fetch_weights(server.row("/sound/mine.pth"), folder, lambda done, total: seen.append((done, total)))
    assert path == folder / "mine.pth"
    assert path.read_bytes() == CONTENT
    assert [file.name for file in folder.iterdir()] == ["mine.pth"]
    assert seen[-1] == (len(CONTENT), len(CONTENT))
    assert [done for done, _ in seen] == sorted({done for done, _ in seen})
    assert len(seen) > 2
    assert fetch_weights(server.row("/sound/mine.pth"), folder) == path
    assert len(server.asked) == 1  # it was there


def test_a_server_need_not_say_how_much_it_sends(server: Server, tmp_path: Path) -> None:
    seen: list[int | None] = []
    row = server.row("/unsized/mine.pth", sha256=SHA256[:8])
    assert fetch_weights(row, tmp_path, lambda _, total: seen.append(total)).read_bytes() == CONTENT
    assert set(seen) == {None}


def test_another_file_than_the_registered_one_is_not_kept(server: Server, tmp_path: Path) -> None:
    wrong = "0" * 64
    error = refused(server.row("/sound/mine.pth", sha256=wrong), tmp_path / "weights")
    assert error.message == (
        f"{server.address}/sound/mine.pth sent another file than mine: its sha256 begins with {SHA256[:16]}, "
        f"not with {wrong[:16]}"
    )
    (tmp_path / "mine.pth").write_bytes(b"something else")
    with pytest.raises(NstError, match=r"mine\.pth is not mine: its sha256 does not begin with"):
        fetch_weights(server.row("/sound/mine.pth"), tmp_path)
    assert (tmp_path / "mine.pth").read_bytes() == b"something else"


@pytest.mark.parametrize(
    ("path", "reason"),
    [
        ("/missing/mine.pth", "HTTP Error 404: Not Found"),
        ("/breaks/mine.pth", f"it ended after {len(CONTENT) // 2} of {len(CONTENT)} bytes"),
        ("/moved/ftp://elsewhere/mine.pth", "it redirects to ftp://elsewhere/mine.pth, which is not https"),
        ("/moved/file:///etc/passwd", "HTTP Error 302: Found - Redirection to url 'file:///etc/passwd' is not allowed"),
    ],
)
def test_a_server_that_refuses_or_breaks_off(server: Server, tmp_path: Path, path: str, reason: str) -> None:
    folder = tmp_path / "weights"
    error = refused(server.row(path), folder)
    assert error.message == f"cannot download mine from {server.address}{path}: {reason}"
    assert error.hint == f"try again, or download that file elsewhere and put it into {folder}"


def test_nobody_answers(server: Server, tmp_path: Path) -> None:
    with ThreadingHTTPServer(("127.0.0.1", 0), BaseHTTPRequestHandler) as gone:
        address = f"http://127.0.0.1:{gone.server_address[1]}/mine.pth"
    error = refused(server.row("", url=address), tmp_path / "weights")
    assert error.message == f"cannot download mine from {address}: Connection refused"


def test_redirects_stay_with_https_or_with_what_was_asked(server: Server, tmp_path: Path) -> None:
    assert fetch_weights(server.row("/moved/HERE/sound/mine.pth"), tmp_path).read_bytes() == CONTENT

    def follow(start: str, end: str) -> str:
        request = _SafeRedirects().redirect_request(Request(start), None, 302, "", {}, end)  # type: ignore[arg-type]
        assert request is not None
        return request.full_url

    assert follow("https://one/a", "https://two/b") == "https://two/b"
    assert follow("http://one/a", "https://two/b") == "https://two/b"
    with pytest.raises(URLError, match="it redirects to http://two/b, which is not https"):
        follow("https://one/a", "http://two/b")


def test_a_folder_that_cannot_be_written(server: Server, tmp_path: Path) -> None:
    (tmp_path / "taken").write_text("a file")
    with pytest.raises(NstError, match=r"cannot write \S+mine\.pth: a part of its path is a file, not a folder"):
        fetch_weights(server.row("/sound/mine.pth"), tmp_path / "taken" / "weights")
    assert (tmp_path / "taken").read_text() == "a file"


CHILD = """
import resource, signal, sys
from pathlib import Path
from nst_features.download import fetch_weights
from nst_features.known_weights import KnownWeights
from nst_runtime.errors import NstError
signal.signal(signal.SIGINT, signal.default_int_handler)  # which is switched off in the background of a shell
limit = int(sys.argv[4])
resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit))
row = KnownWeights("mine", "vgg19", "relu3_1", sys.argv[2], "torchvision", 1.0, "MIT", "a test", sys.argv[1])
try:
    fetch_weights(row, Path(sys.argv[3]))
except NstError as error:
    print(error.message)
"""


def child(server: Server, path: str, folder: Path, limit_bytes: int) -> "subprocess.Popen[str]":
    """Download in a process of its own, which may write files of `limit_bytes` at most."""
    arguments = [server.address + path, SHA256, str(folder), str(limit_bytes)]
    return subprocess.Popen(
        [sys.executable, "-c", CHILD, *arguments], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    )


@pytest.mark.skipif(sys.platform == "win32", reason="it has no such limits")
def test_no_space_for_the_file(server: Server, tmp_path: Path) -> None:
    out, _ = child(server, "/sound/mine.pth", tmp_path, len(CONTENT) // 3).communicate(timeout=30)
    assert out == f"cannot write {tmp_path / 'mine.pth'}: File too large\n"
    assert not list(tmp_path.iterdir())


@pytest.mark.skipif(sys.platform == "win32", reason="it sends no such signals")
def test_ctrl_c_leaves_nothing(server: Server, tmp_path: Path) -> None:
    program = child(server, "/waits/mine.pth", tmp_path, 2 * len(CONTENT))
    assert server.half_is_sent.wait(30)
    while not any(path.stat().st_size for path in tmp_path.iterdir()):
        assert program.poll() is None
    program.send_signal(signal.SIGINT)
    _, err = program.communicate(timeout=30)
    assert err.rstrip().endswith("KeyboardInterrupt")
    assert not list(tmp_path.iterdir())


def test_the_program_takes_a_name_and_says_where_the_file_comes_from(
    server: Server, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    rows = (server.row("/sound/mine.pth"), server.row("/sound/mine2.pth", name="other"))
    assert fetch_by_name("other", tmp_path, rows) == tmp_path / "mine2.pth"
    assert capsys.readouterr().err == f"note: other comes from {server.address}/sound/mine2.pth, 1.0 MiB\n"
    assert (tmp_path / "mine2.pth").read_bytes() == CONTENT
    with pytest.raises(NstError, match="no weights file vgg19_torchvision and no registered weights of that name"):
        fetch_by_name("vgg19_torchvision", tmp_path, rows)
