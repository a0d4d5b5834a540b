"""Damage inside the parts of PNG, TIFF, JPEG, RIFF and box files, whose frame stays right."""

import random
import struct
import zlib
from collections.abc import Callable
from dataclasses import dataclass
from functools import cache

from .mutations import ANY, EXTREMES, Mutation

PNG_SIGN = b"\x89PNG\r\n\x1a\n"
_SIDES = (0, 1, 2, 3, 17, 999, 1001, 8000, 30_000, 65_535, 65_536, 1 << 20, 0x7FFFFFFF, 0x80000000, 0xFFFFFFFF)


@dataclass(frozen=True)
class Part:
    """A chunk, a segment or a box: its type and its content."""

    kind: bytes
    content: bytes


ExtraPart = Callable[[random.Random], Part]


@cache
def _bomb() -> bytes:
    return zlib.compress(bytes(64_000_000), 9)


def _extra_chunk(r: random.Random) -> Part:
    """Return a chunk that a PNG may hold beside its pixels, with content that it should not have."""
    numbers = struct.pack(">8I", *(r.choice(EXTREMES) for _ in range(8)))
    contents = {
        b"gAMA": numbers[:4],
        b"cHRM": numbers,
        b"cICP": r.randbytes(4),
        b"iCCP": b"x\0\0" + r.choice((zlib.compress(r.randbytes(200)), r.randbytes(40), _bomb())),
        b"zTXt": b"Comment\0\0" + r.choice((zlib.compress(b"x"), _bomb())),
        b"iTXt": b"XML:com.adobe.xmp\0\1\0\0\0" + r.choice((zlib.compress(b"<x"), _bomb(), b"")),
        b"tEXt": r.choice((b"", b"Raw profile type exif\0\nexif\n  99\n4d4d", b"\0" * 30)),
        b"eXIf": r.choice((b"II*\0\x08\0\0\0", b"MM\0*" + numbers, b"")),
        b"pHYs": numbers[:9],
        b"sBIT": r.randbytes(4),
        b"tRNS": r.randbytes(r.choice((0, 1, 2, 6, 300))),
        b"PLTE": r.randbytes(r.choice((0, 3, 4, 768, 900))),
        b"acTL": numbers[:8],
        b"fcTL": numbers[:26],
        b"fdAT": numbers[:4] + zlib.compress(r.randbytes(100)),
        b"IDAT": zlib.compress(r.randbytes(100)),
        b"IEND": b"",
        b"sRGB": r.randbytes(1),
        r.randbytes(4): numbers,
    }
    kind = r.choice(list(contents))
    return Part(kind, contents[kind])


def png_parts(r: random.Random, data: bytes) -> bytes:
    """Change the chunks of a PNG; their lengths and sums are right again."""
    parts, at = [], 8
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        parts.append(Part(data[at + 4 : at + 8], data[at + 8 : at + 8 + length]))
        at += 12 + length
    parts = _change_parts(r, parts, _extra_chunk)
    return PNG_SIGN + b"".join(
        len(p.content).to_bytes(4, "big") + p.kind + p.content + zlib.crc32(p.kind + p.content).to_bytes(4, "big")
        for p in parts
    )


def png_head(r: random.Random, data: bytes) -> bytes:
    """Give a PNG other sides, another depth, color type or way of interlacing."""
    head = bytearray(data[16:29].ljust(13, b"\0"))
    for _ in range(r.choice((1, 2))):
        field = r.choice(("width", "height", "depth", "color", "packing", "filter", "interlace"))
        if field in {"width", "height"}:
            struct.pack_into(">I", head, 0 if field == "width" else 4, r.choice(_SIDES))
        else:
            place = {"depth": 8, "color": 9, "packing": 10, "filter": 11, "interlace": 12}[field]
            head[place] = r.choice((0, 1, 2, 3, 4, 6, 8, 16, 255))
    whole = b"IHDR" + bytes(head)
    return data[:12] + whole + zlib.crc32(whole).to_bytes(4, "big") + data[33:]


def png_pixels(r: random.Random, data: bytes) -> bytes:
    """Give a PNG pixels that are too many, too few or filtered in unknown ways, well compressed."""
    start = data.find(b"IDAT") - 4
    if start < 8:
        return data
    length = int.from_bytes(data[start : start + 4], "big")
    raw = r.randbytes(r.choice((0, 1, 60, 3000)))
    content = r.choice((zlib.compress(raw), _bomb(), zlib.compress(raw)[:-4], raw))
    chunk = len(content).to_bytes(4, "big") + b"IDAT" + content + zlib.crc32(b"IDAT" + content).to_bytes(4, "big")
    return data[:start] + chunk + data[start + 12 + length :]


def jpeg_segments(r: random.Random, data: bytes) -> bytes:
    """Change the segments of a JPEG before its scan; their lengths are right again."""
    parts, at = [], 2
    while at + 4 <= len(data) and data[at] == 0xFF and data[at + 1] != 0xDA:
        length = int.from_bytes(data[at + 2 : at + 4], "big")
        parts.append(Part(data[at : at + 2], data[at + 4 : at + 2 + length]))
        at += 2 + max(2, length)
    parts = _change_parts(r, parts, _extra_segment)
    segments = (p.kind + min(0xFFFF, len(p.content) + 2).to_bytes(2, "big") + p.content[:65_533] for p in parts)
    return data[:2] + b"".join(segments) + data[at:]


def _extra_segment(r: random.Random) -> Part:
    numbers = struct.pack(">8I", *(r.choice(EXTREMES) for _ in range(8)))
    contents = {
        b"\xff\xe1": b"Exif\0\0" + r.choice((b"MM\0*\0\0\0\x08", b"II*\0" + numbers, b"")),
        b"\xff\xe2": r.choice((b"ICC_PROFILE\0", b"MPF\0")) + r.choice((b"", b"\1\1", b"\0\0", b"\2\1", numbers)),
        b"\xff\xed": b"Photoshop 3.0\0" + r.choice((b"", b"8BIM\x04\x04\0\0" + numbers)),
        b"\xff\xee": b"Adobe" + r.randbytes(7),
        b"\xff\xc0": b"\x08" + numbers[:4] + bytes((r.randrange(256),)) + r.randbytes(9),
        b"\xff\xc4": r.randbytes(30),
        b"\xff\xdd": r.randbytes(2),
        b"\xff\xdb": r.randbytes(65),
    }
    kind = r.choice(list(contents))
    return Part(kind, contents[kind])


def jpeg_sides(r: random.Random, data: bytes) -> bytes:
    """Give a JPEG other sides, another depth or number of layers."""
    start = max(data.find(b"\xff\xc0"), data.find(b"\xff\xc2"))
    if start < 0 or start + 10 > len(data):
        return data
    out = bytearray(data)
    if r.random() < 0.2:
        out[start + r.choice((4, 9))] = r.choice((0, 1, 2, 3, 4, 12, 255))
    else:
        struct.pack_into(">H", out, start + r.choice((5, 7)), r.choice(_SIDES) & 0xFFFF)
    return bytes(out)


def tiff_entries(r: random.Random, data: bytes) -> bytes:
    """Give an entry of a TIFF's first directory another tag, type, count or value, or send it to another directory."""
    order = "<" if data[:2] == b"II" else ">"
    is_big = len(data) > 16 and struct.unpack_from(order + "H", data, 2)[0] == 43
    offset, count, entry, number = ("Q", "Q", "HHQQ", "Q") if is_big else ("I", "H", "HHII", "I")
    try:
        (at,) = struct.unpack_from(order + offset, data, 8 if is_big else 4)
        (entries,) = struct.unpack_from(order + count, data, at)
        start = at + struct.calcsize(count)
        size = struct.calcsize(order + entry)
        chosen = start + size * r.randrange(entries)
        fields = list(struct.unpack_from(order + entry, data, chosen))
        out = bytearray(data)
        if r.random() < 0.1:
            struct.pack_into(order + number, out, start + size * entries, r.choice((at, start, len(data), 1)))
            return bytes(out)
        which = r.choice((0, 1, 2, 2, 3, 3, 3))
        odd = (0, 1, 2, 3, at, chosen, len(data) - 1, len(data), len(data) + 1, *EXTREMES)
        choices = (
            (254, 256, 257, 258, 259, 262, 277, 284, 317, 322, 330, 338, 339, 34_665, 34_675),
            range(20),
            odd,
            odd,
        )
        fields[which] = r.choice(choices[which])
        struct.pack_into(order + entry, out, chosen, *fields)
    except (struct.error, ValueError, OverflowError):
        return data
    return bytes(out)


def riff_parts(r: random.Random, data: bytes) -> bytes:
    """Change the chunks of a WebP; their lengths are right again."""
    parts, at = [], 12
    while at + 8 <= len(data):
        length = int.from_bytes(data[at + 4 : at + 8], "little")
        parts.append(Part(data[at : at + 4], data[at + 8 : at + 8 + length]))
        at += 8 + length + length % 2
    parts = _change_parts(r, parts, _extra_riff)
    body = b"WEBP" + b"".join(
        p.kind + len(p.content).to_bytes(4, "little") + p.content + bytes(len(p.content) % 2) for p in parts
    )
    return b"RIFF" + len(body).to_bytes(4, "little") + body


def _extra_riff(r: random.Random) -> Part:
    kind = r.choice((b"VP8X", b"ANIM", b"ANMF", b"ALPH", b"EXIF", b"XMP ", b"ICCP", b"VP8 ", b"VP8L"))
    return Part(kind, r.randbytes(r.choice((0, 6, 10, 40))))


def box_parts(r: random.Random, data: bytes) -> bytes:
    """Change the boxes of an AVIF, HEIC or JPEG 2000 file, the inner ones of ``meta`` too; their lengths are right."""
    boxes = _split_boxes(data)
    holders = [n for n, box in enumerate(boxes) if box.kind in {b"meta", b"jp2h"}]
    if holders and r.random() < 0.7:
        number = holders[0]
        box = boxes[number]
        skipped = 4 if box.kind == b"meta" else 0
        inner = _change_parts(r, _split_boxes(box.content[skipped:]), _extra_box)
        boxes[number] = Part(box.kind, box.content[:skipped] + _join_boxes(inner))
    else:
        boxes = _change_parts(r, boxes, _extra_box)
    return _join_boxes(boxes)


def _split_boxes(data: bytes) -> list[Part]:
    boxes, at = [], 0
    while at + 8 <= len(data):
        length = int.from_bytes(data[at : at + 4], "big")
        stop = at + length if length >= 8 else len(data)
        boxes.append(Part(data[at + 4 : at + 8], data[at + 8 : stop]))
        at = stop
    return boxes


def _join_boxes(boxes: list[Part]) -> bytes:
    return b"".join((len(b.content) + 8).to_bytes(4, "big") + b.kind + b.content for b in boxes)


def _extra_box(r: random.Random) -> Part:
    kind = r.choice((b"free", b"iloc", b"iprp", b"irot", b"imir", b"clap", b"colr", b"ihdr", b"Exif", b"pitm"))
    return Part(kind, r.randbytes(r.choice((0, 4, 15, 60))))


def _change_parts(r: random.Random, parts: list[Part], extra: ExtraPart) -> list[Part]:
    number = r.randrange(len(parts)) if parts else 0
    step = r.choice(("drop", "double", "exchange", "add", "content", "content", "content")) if parts else "add"
    if step == "drop":
        return parts[:number] + parts[number + 1 :]
    if step == "double":
        return parts[: number + 1] + [parts[number]] * r.choice((1, 1, 20)) + parts[number + 1 :]
    if step == "exchange":
        other = r.randrange(len(parts))
        parts[number], parts[other] = parts[other], parts[number]
        return parts
    if step == "add":
        return [*parts[:number], extra(r), *parts[number:]]
    chosen = parts[number]
    content = r.choice(ANY)(r, chosen.content) if chosen.content else r.randbytes(4)
    return [*parts[:number], Part(chosen.kind, content), *parts[number + 1 :]]


OWN: dict[str, tuple[Mutation, ...]] = {
    "png": (png_parts, png_parts, png_head, png_pixels),
    "jpeg": (jpeg_segments, jpeg_segments, jpeg_sides),
    "tiff": (tiff_entries,),
    "webp": (riff_parts,),
    "boxes": (box_parts,),
}
