"""examples/camera_loop.py writes, for each frame, what `stylize` gives."""

import re
import select
import sys

import numpy as np
import pytest

from nst_runtime import Stylizer

from .running import Pixels, Run, Start


def test_frames_are_those_of_stylize(run: Run, photo: Pixels, stylizer: Stylizer) -> None:
    frames = [photo, photo[::-1], photo[:, ::-1]]
    result = run("camera_loop.py", 96, 72, "--style", "udnie", given=b"".join(frame.tobytes() for frame in frames))
    wanted = np.stack([stylizer.stylize(np.ascontiguousarray(frame), "udnie") for frame in frames])
    assert (wanted[0] != wanted[1]).any()
    assert result.code == 0
    np.testing.assert_array_equal(np.frombuffer(result.out, np.uint8).reshape(3, 72, 96, 3), wanted)
    assert re.fullmatch(r"3 frames, \d+\.\d per second\n", result.err)


def test_a_frame_that_is_cut_off(run: Run, photo: Pixels, stylizer: Stylizer) -> None:
    result = run("camera_loop.py", 96, 72, "--style", "udnie", given=photo.tobytes() + bytes(99))
    assert (result.code, result.out) == (1, stylizer.stylize(photo, "udnie").tobytes())
    assert result.err == "error: the last frame has 99 of 20736 bytes; send frames of 96×72 pixels, rgb24\n"


@pytest.mark.skipif(sys.platform == "win32", reason="select is for sockets there")
def test_a_player_that_is_closed_ends_it(start: Start, photo: Pixels) -> None:
    frame = photo[:24, :32].tobytes()  # small enough to stay in a buffer
    program = start("camera_loop.py", 32, 24, "--style", "udnie")
    assert program.stdin is not None and program.stdout is not None and program.stderr is not None
    program.stdin.write(frame)
    program.stdin.flush()
    readable, _, _ = select.select([program.stdout], [], [], 10)
    assert readable  # the first frame comes before the second is sent
    assert len(program.stdout.read(len(frame))) == len(frame)
    program.stdout.close()
    program.stdin.write(frame)
    program.stdin.flush()
    assert (program.wait(timeout=30), program.stderr.read()) == (0, b"")


@pytest.mark.parametrize(
    ("arguments", "code", "error"),
    [
        ((96, 72, "--style", "udni"), 1, "no style 'udni'; there are "),
        ((5, 5, "--style", "udnie"), 1, "a picture of 5×5 pixels is too small"),
        ((96, 0, "--style", "udnie"), 2, "WIDTH and HEIGHT are pixels, at least 1"),
    ],
)
def test_refusals(run: Run, arguments: tuple[str | int, ...], code: int, error: str) -> None:
    result = run("camera_loop.py", *arguments, given=bytes(75))
    assert (result.code, result.out) == (code, b"")
    assert result.err.splitlines()[-1].partition("error: ")[2].startswith(error)
