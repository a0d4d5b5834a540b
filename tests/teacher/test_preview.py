"""The page that shows a picture while it is made: to this machine alone, the picture and the losses, nothing else."""

import http.client
import re
import socket
import struct
import subprocess
import sys
from io import BytesIO
from pathlib import Path
from urllib.parse import urlsplit

import numpy as np
import pytest
import torch
from PIL import Image

from nst_runtime.errors import NstError
from nst_teacher.figures.preview import POLICY, SCRIPT, STYLE, showing
from nst_teacher.figures.so_far import SoFar
from nst_teacher.objective.objective import Losses
from nst_teacher.optimise.optimise import Iterate

from .conftest import sets


def get(address: str, path: str, host: str | None = None) -> tuple[int, http.client.HTTPMessage, bytes]:
    place = urlsplit(address)
    connection = http.client.HTTPConnection(place.hostname or "", place.port, timeout=20)
    connection.request("GET", path, headers={} if host is None else {"Host": host})
    answer = connection.getresponse()
    return answer.status, answer.headers, answer.read()


@pytest.fixture
def so_far(tmp_path: Path) -> SoFar:
    found = SoFar(tmp_path / "out.png")
    found.begin((6, 8), None)
    return found


def look(so_far: SoFar, number: int, grey: float, total: float) -> None:
    losses = Losses(*(torch.tensor([value]) for value in (total, 2.5, 0.125, 0.0)))
    so_far.look(Iterate(number, torch.full((1, 3, 6, 8), grey), losses))


def test_the_page_shows_iteration_and_losses_and_the_best_picture(so_far: SoFar) -> None:
    with showing(so_far, 60) as address:
        assert address is not None
        status, headers, page = get(address, "/")
        assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
        assert b"<p>iteration 0 of 60</p></main>" in page
        assert get(address, "/picture.png")[0] == 404
        look(so_far, 1, 0.4, 3.0)
        look(so_far, 2, 0.8, 5.0)
        assert b"<p>iteration 2 of 60: loss 5, content 2.5, style 0.125</p>" in get(address, "/")[2]
        status, headers, content = get(address, "/picture.png?2")
        assert (status, headers["Content-Type"]) == (200, "image/png")
        assert np.unique(np.asarray(Image.open(BytesIO(content)))).tolist() == [102]
        assert not so_far.out.exists()
    with pytest.raises(ConnectionError):
        get(address, "/")


def test_nothing_else_is_served_and_to_nobody_else(so_far: SoFar) -> None:
    look(so_far, 1, 0.4, 3.0)
    with showing(so_far, 60) as address:
        assert address is not None
        assert address.startswith("http://127.0.0.1:")
        for path in ("/out.png", "/../pyproject.toml", "/picture.png/", "/favicon.ico"):
            assert (get(address, path)[0], get(address, path)[2]) == (404, b"")
        port = urlsplit(address).port
        for path in ("/", "/picture.png"):
            assert (get(address, path, f"evil.example:{port}")[0], get(address, path, "evil.example")[2]) == (403, b"")
            assert get(address, path, f"localhost:{port}")[0] == 200
            assert get(address, path)[1]["Content-Security-Policy"] == POLICY


def test_the_policy_lets_the_pages_own_script_and_style_run(so_far: SoFar) -> None:
    import base64
    import hashlib

    with showing(so_far, 60) as address:
        page = get(address or "", "/")[2].decode()
    for tag, own in (("script", SCRIPT), ("style", STYLE)):
        found = re.search(f"<{tag}>(.*)</{tag}>", page, re.DOTALL)
        assert found is not None
        assert found[1] == own
        digest = base64.b64encode(hashlib.sha256(found[1].encode()).digest()).decode()
        assert f"{tag}-src 'sha256-{digest}'" in POLICY
    assert POLICY.startswith("default-src 'none'; ")


def test_a_browser_that_goes_away_is_not_talked_about(so_far: SoFar, capfd: pytest.CaptureFixture[str]) -> None:
    with showing(so_far, 60) as address:
        place = urlsplit(address or "")
        with socket.create_connection((place.hostname, place.port or 0)) as connection:
            connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))  # ends it by a reset
            connection.sendall(b"GET / HTTP/1.0\r\n")
        assert get(address or "", "/")[0] == 200
    assert capfd.readouterr().err == ""


def test_a_port_that_is_taken_is_one_line(so_far: SoFar) -> None:
    with showing(so_far, 60) as address:
        port = urlsplit(address or "").port
        with pytest.raises(NstError, match=f"cannot serve a page at port {port}: .*; give another `preview_port`"):
            showing(so_far, 60, port).__enter__()


def test_without_being_asked_for_there_is_no_page(so_far: SoFar) -> None:
    with showing(so_far, 60, wanted=False) as address:
        assert address is None


def test_stylize_says_where_the_page_is_and_shows_the_run(photos: Path, style_picture: Path, tmp_path: Path) -> None:
    out = tmp_path / "out.png"
    arguments = [
        "stylize", photos / "photo_0.png", style_picture, out, "--network", "random", "--size", 32,
        "--iterations", 1000000, *sets("stylize.preview=true", "run.threads=1"),
    ]  # fmt: skip
    program = [sys.executable, "-c", "import nst_teacher; nst_teacher.main()", *map(str, arguments)]
    with subprocess.Popen(program, stderr=subprocess.PIPE, stdout=subprocess.DEVNULL, text=True) as process:
        assert process.stderr is not None
        try:
            assert process.stderr.readline() == "note: loading torch\n"
            address = process.stderr.readline().removeprefix("note: the picture so far is at ").strip()
            page = ""
            while "picture.png" not in page:
                page = get(address, "/")[2].decode()
            assert re.search(r"iteration [1-9]\d* of 1000000: loss [\d.e-]+, content", page)
            picture = Image.open(BytesIO(get(address, "/picture.png")[2]))
            assert picture.size == (41, 32)
        finally:
            process.kill()
