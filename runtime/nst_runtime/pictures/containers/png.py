"""PNG files: passes over damaged chunks beside the picture, and reads the colors that Pillow does not apply."""

import struct
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from typing import BinaryIO

from nst_runtime.pictures.color import icc
from nst_runtime.pictures.color.png_chunks import colors_of
from nst_runtime.pictures.containers.prepared import Prepared
from nst_runtime.pictures.containers.spliced import splice

SIGNATURE = b"\x89PNG\r\n\x1a\n"
_LARGEST_CHUNK = 8_000_000  # beside the picture
_LARGEST_TEXT = 1_000_000  # Pillow refuses the picture from there on
_LARGEST_TEXTS = 8_000_000
_LENGTHS = {b"gAMA": 4, b"cHRM": 32, b"pHYs": 9, b"sRGB": 1, b"cICP": 4, b"acTL": 8, b"fcTL": 26}
_TRANSPARENT_LENGTHS = {0: (2,), 2: (6,), 3: range(1, 257)}  # by color type
_PASSED_BY = {b"fdAT"}  # pictures after the first


@dataclass(frozen=True)
class Chunk:
    """A chunk of a PNG: its `kind`, where it begins, and the `length` of its data."""

    kind: bytes
    start: int  # of its eight bytes of length and kind
    length: int

    @property
    def is_critical(self) -> bool:
        """Tell whether the picture cannot be shown without the chunk."""
        return self.kind[:1].isupper()


def prepare(stream: BinaryIO) -> Prepared:
    """Return the PNG `stream` without damaged ancillary chunks, and its colors by cICP, iCCP, sRGB, gAMA and cHRM.

    The first of those wins, in this order (PNG, third edition, 4.3). Ancillary chunks are left out where their
    checksum, length or compressed data is wrong, or where they are too large; critical ones stay as they are.
    """
    chunks = list(walk(stream))
    header = chunk_data(stream, chunks[0]) if chunks and chunks[0].kind == b"IHDR" else b""
    color_type = header[9] if len(header) == 13 else 2
    sound: dict[bytes, bytes] = {}
    lost: list[Chunk] = []
    texts = 0
    for chunk in chunks:
        if chunk.is_critical or chunk.kind in _PASSED_BY:
            continue
        is_text = chunk.kind.endswith(b"Xt")
        is_too_much = texts > _LARGEST_TEXTS if is_text else chunk.kind == b"iCCP" and b"iCCP" in sound
        content = None if is_too_much else _content(stream, chunk, color_type)
        texts += len(content or b"") if is_text else 0
        if content is None or texts > _LARGEST_TEXTS:
            lost.append(chunk)
        else:
            sound.setdefault(chunk.kind, content)
            if chunk.kind == b"iCCP" and len(content) > _LARGEST_TEXT:
                lost.append(chunk)
    colors = colors_of(sound, grey=color_type in {0, 4})
    return Prepared(_without(stream, chunks, lost), profile=colors.profile, notes=colors.notes + _note(lost, sound))


def walk(stream: BinaryIO) -> Iterator[Chunk]:
    """Yield the chunks of the PNG `stream`, up to its end or to what is not a chunk."""
    at = len(SIGNATURE)
    while True:
        stream.seek(at)
        head = stream.read(8)
        if len(head) < 8 or not head[4:].isalpha():
            return
        chunk = Chunk(head[4:], at, int.from_bytes(head[:4], "big"))
        yield chunk
        if chunk.kind == b"IEND":
            return
        at += 12 + chunk.length


def chunk_data(stream: BinaryIO, chunk: Chunk) -> bytes:
    """Return the data of the `chunk`, less of it where the file ends."""
    stream.seek(chunk.start + 8)
    return stream.read(chunk.length)


def _content(stream: BinaryIO, chunk: Chunk, color_type: int) -> bytes | None:
    """Return what an ancillary chunk holds, unpacked where it is packed; None where it is damaged or too large."""
    if chunk.length > _LARGEST_CHUNK:
        return None
    stream.seek(chunk.start + 4)
    kind_and_data, checksum = stream.read(4 + chunk.length), stream.read(4)
    if zlib.crc32(kind_and_data).to_bytes(4, "big") != checksum:
        return None
    data = kind_and_data[4:]
    if chunk.kind in _LENGTHS:
        return data if len(data) == _LENGTHS[chunk.kind] else None
    if chunk.kind == b"tRNS":
        return data if len(data) in _TRANSPARENT_LENGTHS.get(color_type, ()) else None
    return _unpacked(chunk.kind, data)


def _unpacked(kind: bytes, data: bytes) -> bytes | None:
    keyword, _, rest = data.partition(b"\0")
    if kind == b"tEXt":
        return data if len(data) <= _LARGEST_TEXT else None
    if kind == b"iTXt":
        packed = rest[:1] != b"\0"
        parts = rest[2:].split(b"\0", 2)
        if len(parts) < 3 or (packed and rest[1:2] != b"\0"):
            return None
        return _inflate(parts[2], _LARGEST_TEXT) if packed else data if len(data) <= _LARGEST_TEXT else None
    if kind in {b"zTXt", b"iCCP"}:
        limit = icc.LIMIT_BYTES if kind == b"iCCP" else _LARGEST_TEXT
        return _inflate(rest[1:], limit) if keyword and rest[:1] == b"\0" else None
    return data


def _inflate(packed: bytes, limit: int) -> bytes | None:
    inflater = zlib.decompressobj()
    try:
        content = inflater.decompress(packed, limit)
    except zlib.error:
        return None
    return content if inflater.eof else None


def _without(stream: BinaryIO, chunks: list[Chunk], lost: list[Chunk]) -> BinaryIO:
    """Return `stream` rewound, without the chunks `lost`."""
    stream.seek(0)
    if not lost:
        return stream
    left_out = {chunk.start for chunk in lost}
    kept = [range(chunk.start, chunk.start + 12 + chunk.length) for chunk in chunks if chunk.start not in left_out]
    return splice(stream, [SIGNATURE, *kept])


def _note(lost: list[Chunk], sound: dict[bytes, bytes]) -> tuple[str, ...]:
    names = sorted({chunk.kind.decode("ascii") for chunk in lost if chunk.kind not in sound})
    return (f"damaged parts beside the picture are passed over ({', '.join(names)})",) if names else ()


def header_data(width: int, height: int, bits: int, color_type: int) -> bytes:
    """Return the data of IHDR for a picture that is not interlaced."""
    return struct.pack(">IIBBBBB", width, height, bits, color_type, 0, 0, 0)


def write_chunk(kind: bytes, data: bytes) -> bytes:
    """Return a chunk of the `kind` with its length and checksum."""
    return b"".join((len(data).to_bytes(4, "big"), kind, data, zlib.crc32(data, zlib.crc32(kind)).to_bytes(4, "big")))
