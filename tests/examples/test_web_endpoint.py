"""examples/web_endpoint.py answers with what Stylizer gives, and with JSON that says what is wrong."""

import http.client
import io
import json
import signal
import struct
import sys
import zlib
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass

import numpy as np
import pytest
from PIL import Image

from nst_runtime import Look, Stylizer
from nst_runtime.pictures.write import encode_picture

from .running import Pixels, Start, Started


@dataclass(frozen=True)
class Endpoint:
    """The program, and the port it listens to."""

    program: Started
    port: int

    def ask(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str, bytes]:
        """Return the answer's status, content type and body."""
        connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=30)
        connection.request(method, path, body, {name.replace("_", "-"): value for name, value in headers.items()})
        answer = connection.getresponse()
        return answer.status, answer.headers["Content-Type"], answer.read()

    def refusal(self, method: str, path: str, body: bytes | None = None, **headers: str) -> tuple[int, str]:
        """Return the status, and the error and the hint on one line."""
        status, kind, data = self.ask(method, path, body, **headers)
        said = json.loads(data)
        assert (kind, said.keys()) == ("application/json", {"error", "hint"})
        return status, f"{said['error']}; {said['hint']}"


@pytest.fixture
def endpoint(start: Start) -> Endpoint:
    program = start("web_endpoint.py", "--port", 0)
    assert program.stdout is not None
    return Endpoint(program, int(program.stdout.readline().decode().removeprefix("http://127.0.0.1:")))


def huge_png() -> bytes:
    """Return a PNG that says it has 10000×10000 pixels, and has none."""
    head = struct.pack(">IIBBBBB", 10_000, 10_000, 8, 2, 0, 0, 0)
    chunks = ((b"IHDR", head), (b"IDAT", zlib.compress(b"")), (b"IEND", b""))
    return b"\x89PNG\r\n\x1a\n" + b"".join(
        struct.pack(">I", len(data)) + name + data + struct.pack(">I", zlib.crc32(name + data)) for name, data in chunks
    )


def opened(data: bytes) -> Pixels:
    return np.asarray(Image.open(io.BytesIO(data)))


def test_pictures(endpoint: Endpoint, photo: Pixels, stylizer: Stylizer) -> None:
    png, gentle = encode_picture(photo, "png"), stylizer.stylize(photo, Look("waves", strength=0.8))
    status, kind, data = endpoint.ask("POST", "/stylize?style=waves&strength=0.8", png)
    assert (status, kind) == (200, "image/png")
    np.testing.assert_array_equal(opened(data), gentle)
    with ThreadPoolExecutor(4) as pool:
        looks = ["waves", "klee", "waves", "klee"]
        answers = list(pool.map(lambda style: endpoint.ask("POST", f"/stylize?style={style}", png)[2], looks))
    for style, answer in zip(looks, answers, strict=True):
        np.testing.assert_array_equal(opened(answer), stylizer.stylize(photo, style))
    status, kind, data = endpoint.ask("POST", "/stylize?style=waves", encode_picture(photo, "bmp"))
    assert (status, kind) == (200, "image/png")
    np.testing.assert_array_equal(opened(data), opened(answers[0]))

    transparent = np.dstack([photo, np.arange(72 * 96, dtype=np.uint8).reshape(72, 96)])
    answer = endpoint.ask("POST", "/stylize?style=klee", encode_picture(transparent, "png"))[2]
    np.testing.assert_array_equal(opened(answer), stylizer.stylize(transparent, "klee"))
    status, kind, data = endpoint.ask("POST", "/stylize?style=klee", encode_picture(photo, "jpg"))
    assert (status, kind, Image.open(io.BytesIO(data)).format) == (200, "image/jpeg", "JPEG")


def test_styles_and_refusals(endpoint: Endpoint, photo: Pixels, stylizer: Stylizer) -> None:
    status, kind, data = endpoint.ask("GET", "/styles")
    assert (status, kind) == (200, "application/json")
    assert json.loads(data) == {style.name: style.record().info.title for style in stylizer.styles}

    png, refusal = encode_picture(photo, "png"), endpoint.refusal
    path = str(stylizer.library.find("waves").path)
    assert refusal("GET", "/") == (404, "there is no GET /; there are GET /styles and POST /stylize")
    assert refusal("POST", "/styles", png)[0] == 404
    assert refusal("POST", "/stylize?style=wave", png) == (404, "there is no style 'wave'; GET /styles lists them")
    assert refusal("POST", f"/stylize?style={path}", png)[0] == 404  # a path reaches nothing
    assert refusal("POST", "/stylize", png)[0] == 400
    assert refusal("POST", "/stylize?style=waves&strenght=0.5", png) == (
        400,
        "the query has ['strenght', 'style']; give style, and strength if you like",
    )
    for strength, error in {"7": "strength must be from 0 to 1.5, not 7.0", "x": "could not convert string"}.items():
        code, said = refusal("POST", f"/stylize?style=waves&strength={strength}", png)
        assert (code, said[: len(error)]) == (400, error)
    assert refusal("POST", "/stylize?style=waves", b"text") == (
        415,
        "the body is not a picture that can be read; use JPEG, PNG, WebP, AVIF, HEIC, TIFF, JPEG 2000, BMP, GIF or PPM",
    )
    assert refusal("POST", "/stylize?style=waves", b"")[0] == 415
    assert refusal("POST", "/stylize?style=waves", encode_picture(photo[:3], "png"))[0] == 415
    code, said = refusal("POST", "/stylize?style=waves", huge_png())
    assert (code, said[:78]) == (413, "the body has 10000×10000 = 100000000 pixels, over the limit of 24000000; make ")
    assert refusal("POST", "/stylize?style=waves", Content_Length="20000001") == (
        413,
        "the body has 20000001 bytes, more than 20000000; send a smaller picture",
    )
    assert refusal("POST", "/stylize?style=waves", Content_Length="-5")[0] == 400


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C for one process")
def test_its_end_and_a_port_that_is_taken(endpoint: Endpoint, start: Start) -> None:
    second = start("web_endpoint.py", "--port", endpoint.port)
    out, err = second.communicate(timeout=30)
    assert (second.returncode, out, err.count(b"\n")) == (1, b"", 1)
    assert err.startswith(b"error: ")
    endpoint.program.send_signal(signal.SIGINT)
    assert endpoint.program.wait(timeout=30) == 130
