"""Read and write lists of tags as TIFF files and EXIF blocks hold them, however damaged or hostile."""

import struct
from collections.abc import Iterable
from dataclasses import dataclass
from typing import BinaryIO

_BYTES_OF_TYPE = {1: 1, 2: 1, 3: 2, 4: 4, 5: 8, 6: 1, 7: 1, 8: 2, 9: 4, 10: 8, 11: 4, 12: 8, 13: 4, 16: 8, 17: 8, 18: 8}
_MOST_TAGS = 65_535
_INTEGERS = {1: "B", 3: "H", 4: "L", 13: "L", 16: "Q", 18: "Q"}


@dataclass(frozen=True)
class Tag:
    """A tag's number, its TIFF type, its value as the `size` bytes that begin at `offset` of the stream."""

    number: int
    type: int
    offset: int
    size: int


@dataclass(frozen=True)
class TagList:
    """The tags of one list by number, and where the next list begins, 0 for none.

    `unfit` are the places of the entries that are left out, each with its count of values at 4 bytes from there.
    """

    tags: dict[int, Tag]
    following: int
    unfit: tuple[int, ...]


class TiffReader:
    """Reads the lists of tags in `stream`, a TIFF file or an EXIF block, which may be damaged.

    Tags that lead out of the stream are left out, and so are those that with the ones before are larger than it: they
    overlap, to use up memory. `order` is "<" or ">", `first` the place of the first list. Raises ValueError or
    struct.error where there is no such list at all.
    """

    def __init__(self, stream: BinaryIO) -> None:
        self._stream = stream
        self._size = stream.seek(0, 2)
        stream.seek(0)
        head = stream.read(16)
        if head[:2] not in {b"II", b"MM"} or not {42, 43} & set(head[2:4]):
            raise ValueError("not a list of tags")
        self.order = "<" if head[:2] == b"II" else ">"
        self._big = 43 in head[2:4]
        self.count_bytes = 8 if self._big else 4
        self.first = struct.unpack_from(self.order + ("Q" if self._big else "L"), head, 8 if self._big else 4)[0]

    def read_list(self, offset: int) -> TagList:
        """Return the list that begins at `offset`."""
        count_code, entry_code, inline = ("Q", "HHQ8s", 8) if self._big else ("H", "HHL4s", 4)
        entry_size = struct.calcsize(self.order + entry_code)
        start = offset + struct.calcsize(self.order + count_code)
        count = self._unpack(count_code, offset)[0]
        tags: dict[int, Tag] = {}
        unfit: list[int] = []
        total = 0
        for at in range(start, start + min(count, self._size // entry_size, _MOST_TAGS) * entry_size, entry_size):
            number, kind, values, field = self._unpack(entry_code, at)
            size = values * _BYTES_OF_TYPE.get(kind, 0)
            place = at + entry_size - inline if size <= inline else self._address(field)
            if not size or number in tags:
                continue
            if place + size > self._size or total + size > self._size:
                unfit.append(at)
                continue
            total += size
            tags[number] = Tag(number, kind, place, size)
        following = self.read_bytes(start + count * entry_size, inline)
        return TagList(tags, self._address(following) if len(following) == inline else 0, tuple(unfit))

    def _address(self, field: bytes) -> int:
        return int.from_bytes(field, "little" if self.order == "<" else "big")

    def _unpack(self, code: str, offset: int) -> tuple[int, int, int, bytes]:
        found: tuple[int, int, int, bytes] = struct.unpack(
            self.order + code, self.read_bytes(offset, struct.calcsize(self.order + code))
        )
        return found

    def read_bytes(self, offset: int, size: int) -> bytes:
        """Return `size` bytes from `offset` on, fewer where the stream ends."""
        if offset >= self._size:
            return b""
        self._stream.seek(offset)
        return self._stream.read(size)

    def value(self, tag: Tag) -> bytes:
        """Return the value of `tag` as it lies in the stream."""
        return self.read_bytes(tag.offset, tag.size)

    def integers(self, tag: Tag | None, limit: int = 16) -> tuple[int, ...]:
        """Return the first `limit` whole numbers that `tag` holds, none where it holds no such numbers."""
        code = _INTEGERS.get(tag.type) if tag else None
        if tag is None or code is None:
            return ()
        count = min(limit, tag.size // _BYTES_OF_TYPE[tag.type])
        return struct.unpack(
            f"{self.order}{count}{code}", self.read_bytes(tag.offset, count * _BYTES_OF_TYPE[tag.type])
        )

    def integer(self, tag: Tag | None, missing: int = 0) -> int:
        """Return the whole number that `tag` holds, `missing` where it holds none."""
        return next(iter(self.integers(tag, 1)), missing)


Value = tuple[int, int, bytes]
"""A tag to write: its number, its type, its value's bytes in the block's byte order."""


def write_list(values: Iterable[Value], order: str, offset: int) -> bytes:
    """Return the list of tags `values` as it stands at `offset` of a block of the byte `order`, "<" or ">"."""
    entries, data = b"", b""
    ordered = sorted(values)
    data_start = offset + 2 + 12 * len(ordered) + 4
    for number, kind, value in ordered:
        entries += struct.pack(order + "HHL", number, kind, len(value) // _BYTES_OF_TYPE[kind])
        if len(value) <= 4:
            entries += value.ljust(4, b"\0")
        else:
            entries += struct.pack(order + "L", data_start + len(data))
            data += value + b"\0" * (len(value) % 2)
    return struct.pack(order + "H", len(ordered)) + entries + bytes(4) + data


def list_size(values: Iterable[Value]) -> int:
    """Return how many bytes `write_list` makes of `values`."""
    return len(write_list(values, "<", 0))
