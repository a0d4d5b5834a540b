"""What a picture says about itself beside its pixels: what is kept of it when another picture is made from it."""

import math
from dataclasses import dataclass
from typing import BinaryIO, Literal

from PIL import Image

from nst_runtime.pictures.metadata.exif import LIMIT_BYTES, keep_exif, keep_tags
from nst_runtime.pictures.metadata.xmp import keep_xmp

Dpi = tuple[float, float]
_LARGEST_IPTC = 65_000  # a JPEG holds no more in one segment
_PREVIEWS = {200, 201, 202}  # of record 2 of IPTC


@dataclass(frozen=True)
class Metadata:
    """What is kept of a picture's own words; it says nothing about a place, and nothing that only its file had.

    `exif`: a block that begins with its byte order; `xmp`: a packet in UTF-8; `iptc`: datasets as they stand in
    Photoshop's resource 0x0404; each empty where there is none. `dpi`: pixels an inch across and down, or None.
    """

    exif: bytes = b""
    xmp: bytes = b""
    iptc: bytes = b""
    dpi: Dpi | None = None


def keep_metadata(image: Image.Image, stream: BinaryIO) -> Metadata | None:
    """Return what is worth keeping of the opened `image`, whose file is `stream`; None where there is nothing.

    Place, thumbnail, orientation and maker's note are left out, and so is what is damaged or too large.
    """
    exif = keep_tags(stream) if image.format == "TIFF" else keep_exif(exif_of(image))
    made_up = image.format in {"JPEG", "MPO"} and image.info.get("jfif_unit") not in {1, 2}  # Pillow's 72, or EXIF's
    dpi = None if made_up else keep_dpi(image.info.get("dpi"))
    kept = Metadata(exif, keep_xmp(xmp_of(image)), keep_iptc(_iptc_of(image)), dpi)
    return None if kept == Metadata() else kept


def exif_of(image: Image.Image) -> bytes:
    """Return the EXIF block of the opened `image` as its file has it, empty for none."""
    block = image.info.get("exif")
    if isinstance(block, bytes):
        return block
    text = image.info.get("Raw profile type exif")  # as ImageMagick writes it into a PNG: two lines, then hex digits
    if not isinstance(text, str) or len(text) > 3 * LIMIT_BYTES:
        return b""
    try:
        return bytes.fromhex("".join(text.split("\n")[3:]))
    except ValueError:
        return b""


def xmp_of(image: Image.Image) -> bytes:
    """Return the XMP packet of the opened `image` as its file has it, empty for none."""
    packet = image.info.get("xmp") or image.info.get("XML:com.adobe.xmp")
    if packet is None:  # as older versions of Pillow leave it
        packet = _tag(image, 700) or _jpeg_segment(image, b"http://ns.adobe.com/xap/1.0/\0")
    return packet.encode() if isinstance(packet, str) else packet if isinstance(packet, bytes) else b""


def _tag(image: Image.Image, number: int) -> object:
    return getattr(image, "tag_v2", {}).get(number)


def _jpeg_segment(image: Image.Image, start: bytes) -> bytes:
    found = (content for _, content in getattr(image, "applist", []) if content.startswith(start))
    return next(found, b"").removeprefix(start)


def _iptc_of(image: Image.Image) -> bytes:
    resources = image.info.get("photoshop")
    datasets = resources.get(0x0404) if isinstance(resources, dict) else _tag(image, 33_723)
    if isinstance(datasets, tuple):  # some programs store bytes as numbers of four bytes
        order: Literal["little", "big"] = "little" if image.tag_v2.prefix == b"II" else "big"  # type: ignore[attr-defined]
        datasets = b"".join(number.to_bytes(4, order) for number in datasets if isinstance(number, int))
    return datasets if isinstance(datasets, bytes) else b""


def keep_iptc(datasets: bytes) -> bytes:
    """Return the IPTC `datasets` without previews, or nothing where they are damaged or too large."""
    kept, at = b"", 0
    if len(datasets) > _LARGEST_IPTC:
        return b""
    while datasets[at : at + 1] == b"\x1c":
        size = int.from_bytes(datasets[at + 3 : at + 5], "big")
        end = at + 5 + size
        if size > 0x7FFF or end > len(datasets):
            return b""
        if not (datasets[at + 1] == 2 and datasets[at + 2] in _PREVIEWS):
            kept += datasets[at:end]
        at = end
    return b"" if datasets[at:].strip(b"\0") else kept


def keep_dpi(dpi: object) -> Dpi | None:
    """Return `dpi` as two numbers, or None unless it is a resolution that a picture can have."""
    try:
        across, down = (float(value) for value in dpi)  # type: ignore[attr-defined]
    except (TypeError, ValueError, ZeroDivisionError):
        return None
    return (across, down) if all(math.isfinite(value) and 1 <= value <= 65_535 for value in (across, down)) else None
