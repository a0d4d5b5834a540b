"""JPEG files that end too early: completed where all of the picture is there, refused where a part of it is missing."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import numpy.typing as npt
from PIL import Image

CUT_NOTE = "the last bytes of the file are missing: a spot at the lower right may be wrong"
TAIL_BYTES = 16
"""So many zeros at the end of a file are not picture: it was not written, or not loaded, to its end."""

_END = b"\xff\xd9"
_MOST_LOST_PIXELS = 1024  # what a few bytes may hold, where a picture is smooth
_VISIBLE = 4  # of 255
_BLOCK = 8
_FRAMES = set(range(0xC0, 0xD0)) - {0xC4, 0xC8, 0xCC}
_PROGRESSIVE = {0xC2, 0xC6, 0xCA, 0xCE}
_SCAN = 0xDA
_WITHOUT_LENGTH = range(0xD0, 0xDA)
_BESIDE_THE_PICTURE = {0xE0, 0xE1, 0xE2, 0xED, 0xFE}
_Mask = npt.NDArray[np.bool_]
_Colors = npt.NDArray[np.uint8]


def complete(data: bytes, decode: Callable[[bytes], Image.Image]) -> tuple[Image.Image, int] | None:
    """Return the picture of a JPEG file's `data` that ends too early, by `decode`, and how many pixels may be wrong.

    The decoder fills what is missing with grey and does not say so. So the file is decoded twice, with different bytes
    after its end: what comes out different was not in the file. That may be a corner of at most 1024 pixels and an
    eighth of the picture, which the last bytes can hold; None where more is missing. Where just the last bits of
    numbers are missing, as in a progressive file, it may be a sixteenth; flat blocks, which have none, do not count.
    """
    data = (data.rstrip(b"\0") if data.endswith(bytes(TAIL_BYTES)) else data).removesuffix(b"\xff")
    scans = _read_scans(data)
    if not scans.are_all_there:
        return None
    image = decode(data + _END)
    colors, other = (np.asarray(i).reshape(i.height, i.width, -1) for i in (image, decode(data + _other_end() + _END)))
    lost = _lost(colors, other, scans.rows_at_once)
    most = min(_MOST_LOST_PIXELS, lost.size // 8)
    if scans.refines_last:
        lost &= _is_busy(colors)
        most = max(most, lost.size // 16)
    lost_pixels = int(np.count_nonzero(lost))
    return (image, lost_pixels) if lost_pixels <= most else None


def _other_end() -> bytes:
    """Return bytes that the decoder takes for picture, after any of the restart markers as well."""
    noise = bytes(np.random.default_rng(0).integers(1, 255, 96, dtype=np.uint8))
    return noise + b"".join(bytes((0xFF, 0xD0 + count % 8)) + noise for count in range(16))


def _lost(colors: _Colors, other: _Colors, rows_at_once: int) -> _Mask:
    """Return which pixels (H×W) lie from the first that differs to the picture's last, in the order of decoding."""
    differs: _Mask = (np.abs(colors.astype(np.int16) - other) > _VISIBLE).any(axis=2)
    differs[rows_at_once - 1 :: rows_at_once] = False  # colors bleed into the last row before a difference
    lost: _Mask = np.zeros_like(differs)
    rows = np.flatnonzero(differs.any(axis=1))
    if rows.size:
        top = int(rows[0]) // rows_at_once * rows_at_once
        below = top + rows_at_once
        lost[below:] = True
        lost[top:below, int(np.flatnonzero(differs[top:below].any(axis=0))[0]) :] = True
    return lost


def _is_busy(colors: _Colors) -> _Mask:
    """Return which pixels (H×W) lie in blocks of 8×8 that are not flat."""
    height, width = colors.shape[:2]
    padded = np.pad(colors.max(axis=2).astype(np.int16), ((0, -height % _BLOCK), (0, -width % _BLOCK)), mode="edge")
    blocks = padded.reshape(padded.shape[0] // _BLOCK, _BLOCK, padded.shape[1] // _BLOCK, _BLOCK)
    busy = blocks.max(axis=(1, 3)) - blocks.min(axis=(1, 3)) > _VISIBLE
    each: _Mask = np.repeat(np.repeat(busy, _BLOCK, axis=0), _BLOCK, axis=1)[:height, :width]
    return each


def without_metadata(data: bytes) -> bytes:
    """Return the JPEG `data` without what lies beside the picture: EXIF, profile, previews, comments."""
    kept = [data[:2]]
    for segment in _segments(data):
        if segment.marker not in _BESIDE_THE_PICTURE:
            kept.append(data[segment.start : segment.end])
        if segment.marker == _SCAN:
            return b"".join(kept) + data[segment.end :]
    return data


@dataclass(frozen=True)
class _Segment:
    marker: int
    start: int
    end: int


def _segments(data: bytes) -> Iterator[_Segment]:
    """Yield the segments of `data` after the first marker; what lies between them is passed over."""
    at = data.find(b"\xff", 2)
    while 0 <= at <= len(data) - 4:
        marker, end = data[at + 1], at + 2
        if marker == 0xFF:
            end = at + 1
        elif marker >= 0xC0 and marker not in _WITHOUT_LENGTH:
            end += int.from_bytes(data[at + 2 : at + 4], "big")
            yield _Segment(marker, at, end)
        at = data.find(b"\xff", end)


@dataclass
class _Scans:
    """What the scans of a JPEG hold: `missing` are the coefficients, 64 a component, whose last bits are in none."""

    missing: dict[int, set[int]] = field(default_factory=dict)
    rows_at_once: int = _BLOCK
    progressive: bool = False
    refines_last: bool = False

    @property
    def are_all_there(self) -> bool:
        return bool(self.missing) and not any(self.missing.values())

    def begin(self, marker: int, frame: bytes) -> None:
        components = [frame[at : at + 3] for at in range(6, len(frame) - 2, 3)]
        self.progressive = marker in _PROGRESSIVE
        self.missing = {component[0]: set(range(64)) for component in components}
        self.rows_at_once = _BLOCK * max(1, *(component[1] & 15 for component in components))

    def add(self, scan: bytes) -> None:
        count = scan[0]
        first, last, bits = scan[1 + 2 * count : 4 + 2 * count] if self.progressive else (0, 63, 0)
        self.refines_last = bits >> 4 > 0
        if bits & 15 == 0:
            for component in scan[1 : 1 + 2 * count : 2]:
                self.missing.get(component, set()).difference_update(range(first, last + 1))


def _read_scans(data: bytes) -> _Scans:
    scans = _Scans()
    for segment in _segments(data):
        content = data[segment.start + 4 : segment.end]
        if segment.marker in _FRAMES and not scans.missing:
            scans.begin(segment.marker, content)
        elif segment.marker == _SCAN and content:
            scans.add(content)
    return scans
