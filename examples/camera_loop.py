r"""Stylise raw frames from the standard input to the standard output, one after the other.

    ffmpeg -loglevel error -f v4l2 -framerate 30 -video_size 640x480 -i /dev/video0 -f rawvideo -pix_fmt rgb24 - \
      | python examples/camera_loop.py 640 480 --style udnie \
      | ffplay -loglevel error -f rawvideo -pixel_format rgb24 -video_size 640x480 -

A frame is WIDTH×HEIGHT pixels of three bytes, red, green and blue, row by row. On a Mac the camera is
`-f avfoundation -i 0`; a film is `-i film.mp4`, with `-vf scale=640:480`. Frames per second are told on stderr. The
program ends when the frames end or the player is closed. A last frame that is cut off is an error.
"""

import argparse
import os
import sys
import time
from collections.abc import Iterator
from typing import BinaryIO

import numpy as np

from nst_runtime import ImageError, Look, NstError, Stylizer
from nst_runtime.pictures.arrays import Pixels

TOLD_EVERY_SECONDS = 2.0


def read_frames(stream: BinaryIO, width: int, height: int) -> Iterator[Pixels]:
    """Yield the frames of `stream`, uint8 H×W×3, always in the same array: use one before you ask for the next."""
    frame = np.empty((height, width, 3), np.uint8)
    while got := stream.readinto(frame.data.cast("B")):  # type: ignore[attr-defined]
        if got < frame.nbytes:
            message = f"the last frame has {got} of {frame.nbytes} bytes"
            raise ImageError(message, f"send frames of {width}×{height} pixels, rgb24")
        yield frame


def run(stylizer: Stylizer, look: Look, frames: Iterator[Pixels], target: BinaryIO) -> None:
    """Write each of `frames`, painted with `look`, to `target`."""
    out: Pixels | None = None
    total, began, told = 0, time.monotonic(), time.monotonic()
    for total, frame in enumerate(frames, 1):
        out = stylizer.stylize(frame, look, out=out)  # a new array for the first frame, and the same for all others
        target.write(out.data)
        target.flush()
        if time.monotonic() - told >= TOLD_EVERY_SECONDS:
            told = time.monotonic()
            tell(total, told - began)
    tell(total, time.monotonic() - began)


def tell(frames: int, seconds: float) -> None:
    """Say on stderr how many frames there were, and how many per second."""
    print(f"{frames} frames, {frames / max(seconds, 1e-9):.1f} per second", file=sys.stderr)


def main() -> int:
    """Read the command line, stylise all frames, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("width", metavar="WIDTH", type=int)
    parser.add_argument("height", metavar="HEIGHT", type=int)
    parser.add_argument("--style", required=True, metavar="NAME")
    given = parser.parse_args()
    if given.width < 1 or given.height < 1:
        parser.error("WIDTH and HEIGHT are pixels, at least 1")
    try:
        stylizer, look = Stylizer.load(), Look(given.style)
        stylizer.prepare(look)  # before the camera waits for it
        run(stylizer, look, read_frames(sys.stdin.buffer, given.width, given.height), sys.stdout.buffer)
    except NstError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except BrokenPipeError:  # the player was closed
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    except KeyboardInterrupt:
        return 130
    return 0


if __name__ == "__main__":
    sys.exit(main())
