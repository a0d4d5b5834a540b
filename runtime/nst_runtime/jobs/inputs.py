"""What a job reads: a picture's file, or the standard input, which is held in memory."""

from __future__ import annotations

import io
from contextlib import contextmanager
from dataclasses import dataclass
from typing import TYPE_CHECKING, BinaryIO

from nst_runtime.errors import ImageError, NstError, PackError
from nst_runtime.jobs.outcomes import STDIN
from nst_runtime.pictures.formats import tell_kind
from nst_runtime.pictures.read import open_file, read_picture, read_picture_bytes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from nst_runtime.jobs.plan import Job
    from nst_runtime.pictures.arrays import Picture

STREAM_LIMIT_BYTES = 2**30


@dataclass(frozen=True)
class Streams:
    """What jobs without a file read from and write to."""

    source: BinaryIO
    target: BinaryIO

    def write(self, data: bytes) -> None:
        """Write `data`; a stream without a buffer, as Python's stdout may be, takes as much at once as it likes."""
        left = memoryview(data)
        while left:
            left = left[self.target.write(left) or 0 :]
        self.target.flush()


@dataclass(frozen=True)
class Input:
    """A picture to read: its `name` for errors, and the `suffix` that goes with its format."""

    name: str
    suffix: str
    path: Path | None = None
    data: bytes = b""

    @contextmanager
    def open(self) -> Iterator[BinaryIO]:
        """Give the open file; raises ImageError as `open_file` does."""
        if self.path is None:
            yield io.BytesIO(self.data)
            return
        with open_file(self.path) as stream:
            yield stream

    def read(self, max_pixels: int) -> Picture:
        """Return the picture; raises what `read_picture` does."""
        if self.path is None:
            return read_picture_bytes(self.data, self.name, max_pixels=max_pixels)
        return read_picture(self.path, max_pixels=max_pixels)


def take_input(job: Job, streams: Streams | None) -> Input:
    """Return what `job` reads; raises ImageError where the standard input is too long, ValueError without streams."""
    if job.source is not None:
        return Input(str(job.source), job.source.suffix.lower(), job.source)
    data = given(streams).source.read(STREAM_LIMIT_BYTES + 1)
    if not data:
        raise ImageError(f"{STDIN} is empty (0 bytes)", "send a picture to it: < photo.jpg")
    if len(data) > STREAM_LIMIT_BYTES:
        raise ImageError(f"{STDIN} holds more than {STREAM_LIMIT_BYTES} bytes", "give one picture")
    kind = tell_kind(io.BytesIO(data))
    return Input(STDIN, kind.suffixes[0] if kind and kind.suffixes else "", data=data)


@contextmanager
def named(name: str) -> Iterator[None]:
    """Let errors of a picture name it, but for those that do already, and those of packs; raises ImageError."""
    try:
        yield
    except PackError:
        raise
    except NstError as error:
        if name in error.message or isinstance(error.__cause__, OSError):
            raise
        raise ImageError(f"{name}: {error.message}", error.hint) from error


def given(streams: Streams | None) -> Streams:
    """Return `streams`; raises ValueError where a job needs them and there are none."""
    if streams is None:
        raise ValueError("a job without a file needs streams")
    return streams
