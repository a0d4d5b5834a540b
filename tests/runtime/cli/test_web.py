"""``nst-runtime web``: the page on loopback, its headers, and nothing beside it."""

import http.client
import os
import signal
import socket
import struct
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from nst_runtime.cli.web import HEADERS, new_server
from nst_runtime.contracts import web_page

from ..running import Run, check_refusal, clean_environment, hear_ctrl_c

BUILD_IT = (
    "build it in a checkout of the project, with npm ci and npm run build in its web/, and give its web/dist as --dist"
)


@pytest.fixture
def page(tmp_path: Path) -> Path:
    """A built page, with a secret beside it and a link to that."""
    folder = tmp_path / "dist"
    (folder / "assets").mkdir(parents=True)
    (folder / "index.html").write_text("<!doctype html>the page")
    (folder / "precache.js").write_text("self.PRECACHE = {};")
    (folder / "assets" / "ort.wasm").write_bytes(b"\0asm")
    (folder / "assets" / "ort.mjs").write_text("export default 1")
    (folder / "pack ä.safetensors").write_bytes(b"numbers")
    (tmp_path / "secret.txt").write_text("secret")
    (folder / "link.txt").symlink_to(tmp_path / "secret.txt")
    return folder


@pytest.fixture
def port(page: Path) -> Iterator[int]:
    """The port that the page is served on."""
    with new_server(page, 0) as server:
        thread = threading.Thread(target=server.serve_forever)
        thread.start()
        yield server.server_port
        server.shutdown()
        thread.join()


def ask(port: int, path: str, method: str = "GET") -> tuple[int, dict[str, str], bytes]:
    """Return the status, the headers and the body that the server answers with."""
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=5)
    connection.putrequest(method, path, skip_accept_encoding=True)
    connection.endheaders()
    answer = connection.getresponse()
    found = answer.status, dict(answer.getheaders()), answer.read()
    connection.close()
    return found


@pytest.mark.parametrize(
    ("path", "kind", "body"),
    [
        ("/", "text/html; charset=utf-8", b"<!doctype html>the page"),
        ("/?threads=1", "text/html; charset=utf-8", b"<!doctype html>the page"),
        ("/assets/ort.wasm", "application/wasm", b"\0asm"),
        ("/assets/ort.mjs", "text/javascript; charset=utf-8", b"export default 1"),
        ("/pack%20%C3%A4.safetensors", "application/octet-stream", b"numbers"),
    ],
)
def test_files_and_kinds(port: int, path: str, kind: str, body: bytes) -> None:
    status, headers, found = ask(port, path)
    assert (status, headers["Content-Type"], found) == (200, kind, body)
    assert headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert headers["Cross-Origin-Embedder-Policy"] == "require-corp"
    assert headers["X-Content-Type-Options"] == "nosniff"
    assert ("immutable" in headers["Cache-Control"]) == path.startswith("/assets/")
    status, headers, found = ask(port, path, "HEAD")
    assert (status, headers["Content-Length"], found) == (200, str(len(body)), b"")


@pytest.mark.parametrize(
    "path",
    [
        "/../secret.txt",
        "/%2e%2e/secret.txt",
        "/assets/../../secret.txt",
        "/assets/..%2f..%2fsecret.txt",
        "//secret.txt",
        "/link.txt",
        "/assets",
        "/assets/",
        "/nothing",
        "/%00",
    ],
)
def test_nothing_beside_the_page(port: int, path: str) -> None:
    status, headers, body = ask(port, path)
    assert (status, headers["Cross-Origin-Opener-Policy"]) == (404, "same-origin")
    assert headers.items() >= HEADERS.items()
    assert b"secret" not in body.replace(b"secret.txt", b"")


def test_other_methods_are_refused(port: int) -> None:
    status, headers, _ = ask(port, "/", "POST")
    assert status == 501
    assert headers.items() >= HEADERS.items()


def test_only_this_machine_is_served(port: int) -> None:
    with pytest.raises(OSError, match="refused"):
        socket.create_connection(("127.0.0.2", port), timeout=2).close()


def test_no_page(run: Run, tmp_path: Path) -> None:
    line = check_refusal(run("web", "--dist", tmp_path))
    assert line == f"the built page is not in {tmp_path}; {BUILD_IT}"


def test_no_page_in_the_checkout(run: Run, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(web_page, "CHECKOUT", tmp_path / "checkout")
    here, other = (folder / "web" / "dist" for folder in (tmp_path, tmp_path / "checkout"))
    assert check_refusal(run("web")) == f"the built page is not in {here}; {BUILD_IT}"
    other.parent.mkdir(parents=True)
    assert check_refusal(run("web")) == f"the built page is not in {here}, nor in {other}; {BUILD_IT}"
    monkeypatch.chdir(tmp_path / "checkout")
    assert check_refusal(run("web")) == f"the built page is not in {other}; {BUILD_IT}"


def test_the_page_of_the_checkout(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(web_page, "CHECKOUT", tmp_path / "checkout")
    dist = tmp_path / "checkout" / "web" / "dist"
    dist.mkdir(parents=True)
    for name in ("index.html", "precache.js"):
        (dist / name).touch()
    assert web_page.find_page(None) == dist


def test_port_taken(run: Run, page: Path, port: int) -> None:
    line = check_refusal(run("web", "--dist", page, "--port", port))
    assert line == f"cannot listen on port {port}: {os.strerror(98)}; give another --port, or 0 for any"


def test_it_tells_its_address_and_ends_with_ctrl_c(page: Path) -> None:
    command = [sys.executable, "-m", "nst_runtime", "web", "--dist", str(page), "--port", "0"]
    with subprocess.Popen(
        command,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
        env=clean_environment(),
        preexec_fn=hear_ctrl_c,  # noqa: PLW1509 (it only sets a signal)
    ) as program:
        assert program.stdout is not None
        address = program.stdout.readline().strip()
        assert ask(int(address.removeprefix("http://127.0.0.1:").removesuffix("/")), "/")[0] == 200
        program.send_signal(signal.SIGINT)
        _, err = program.communicate(timeout=10)
    assert (program.returncode, err) == (130, "note: press Ctrl-C to end\ninterrupted\n")


def test_the_page_of_a_checkout_is_found_from_its_folder(page: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also where the package is installed elsewhere."""
    checkout = page.parent / "checkout"
    (checkout / "web").mkdir(parents=True)
    page.rename(checkout / "web" / "dist")
    monkeypatch.chdir(checkout)
    assert web_page.find_page(None) == checkout / "web" / "dist"


def test_a_browser_that_goes_away_is_not_an_error(page: Path, capfd: pytest.CaptureFixture[str]) -> None:
    (page / "large.bin").write_bytes(bytes(20_000_000))
    server = new_server(page, 0)
    with server:
        thread = threading.Thread(target=server.serve_forever, daemon=True)
        thread.start()
        for request in (b"", b"GET /large.bin HTTP/1.1\r\nHost: x\r\n\r\n"):
            with socket.create_connection(("127.0.0.1", server.server_port)) as client:
                client.sendall(request)
                client.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # closed by a reset
        time.sleep(0.2)
        server.shutdown()
        thread.join()
    assert capfd.readouterr().err == ""
