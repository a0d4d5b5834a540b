"""PPM files and their family: comments in those written as text are taken out."""

import io
import re
from typing import BinaryIO

from nst_runtime.pictures.containers.prepared import Prepared

_AS_TEXT = (b"P1", b"P2", b"P3")
_COMMENT = re.compile(rb"#[^\r\n]*")


def prepare(stream: BinaryIO) -> Prepared:
    """Return the PPM `stream`, or, where it is written as text, a copy of it in memory without its comments.

    Pillow takes a time for comments that grows with the square of their number.
    """
    is_text = stream.read(2) in _AS_TEXT
    stream.seek(0)
    return Prepared(io.BytesIO(_COMMENT.sub(b"", stream.read())) if is_text else stream)
