"""What kind of file a picture is, told by its first bytes; which kinds can be read, by what, and what to do else."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import BinaryIO

HEAD_BYTES = 1024  # what is enough to tell a kind
READABLE = "use JPEG, PNG, WebP, AVIF, HEIC, TIFF, JPEG 2000, BMP, GIF or PPM"


@dataclass(frozen=True)
class Kind:
    """A kind of file: its `name`, its `suffixes`, and the `module` and `opener` that read it, "" where none does.

    `advice` is what to do where nothing reads it, or where the module is not installed.
    """

    name: str
    suffixes: tuple[str, ...] = ()
    module: str = ""
    opener: str = ""
    advice: str = "save it as a PNG or a JPEG"


def _box_brands(head: bytes) -> set[bytes]:
    """Return the brands of an ISO media file (HEIC, AVIF, CR3, MP4), from its first box."""
    if head[4:8] != b"ftyp":
        return set()
    box = head[: max(16, int.from_bytes(head[:4], "big"))]
    return {box[8:12]} | {box[at : at + 4] for at in range(16, len(box) - 3, 4)}


def _branded(*brands: bytes) -> Callable[[bytes], bool]:
    return lambda head: not _box_brands(head).isdisjoint(brands)


def _starts(*starts: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(starts)


def _is_riff(kind: bytes) -> Callable[[bytes], bool]:
    return lambda head: head.startswith(b"RIFF") and head[8:12] == kind


def _is_ppm(head: bytes) -> bool:
    return head[:1] == b"P" and head[1:2] in {b"1", b"2", b"3", b"4", b"5", b"6", b"f"} and head[2:3].isspace()


def _holds_tag(*tags: bytes) -> Callable[[bytes], bool]:
    return lambda head: (
        head.lstrip(b"\xef\xbb\xbf \t\r\n").startswith(b"<") and any(tag in head.lower() for tag in tags)
    )


_TIFF_STARTS = (b"II*\0", b"MM\0*", b"II+\0", b"MM\0+", b"II\0*", b"MM*\0")
_RAW = Kind("a camera's RAW file", advice="develop it first, and save a TIFF or a JPEG")
_HEIC = Kind("HEIC", (".heic", ".heif", ".hif"), "pi_heif", "HeifImageFile", "pip install 'nst-stylebank[heic]'")
_AVIF = Kind("AVIF", (".avif",), "PIL.AvifImagePlugin", "AvifImageFile", "pip install 'pillow>=11.3'")
_JPEG_XL = Kind("JPEG XL", (".jxl",), advice="save it as a PNG or a JPEG (djxl IN.jxl OUT.png)")
_JPEG_2000 = Kind("JPEG 2000", (".jp2", ".j2k", ".jpf", ".jpx"), "PIL.Jpeg2KImagePlugin", "Jpeg2KImageFile")

# In this order: the first that fits is it.
_KINDS: tuple[tuple[Kind, Callable[[bytes], bool]], ...] = (
    (
        Kind("JPEG", (".jpg", ".jpeg", ".jpe", ".jfif", ".jif"), "PIL.JpegImagePlugin", "jpeg_factory"),
        _starts(b"\xff\xd8\xff"),
    ),
    (Kind("PNG", (".png", ".apng"), "PIL.PngImagePlugin", "PngImageFile"), _starts(b"\x89PNG\r\n\x1a\n")),
    (Kind("WebP", (".webp",), "PIL.WebPImagePlugin", "WebPImageFile"), _is_riff(b"WEBP")),
    (_RAW, lambda head: head.startswith((b"II", b"MM")) and head[8:10] == b"CR"),
    (Kind("TIFF", (".tif", ".tiff"), "PIL.TiffImagePlugin", "TiffImageFile"), _starts(*_TIFF_STARTS)),
    (Kind("GIF", (".gif",), "PIL.GifImagePlugin", "GifImageFile"), _starts(b"GIF87a", b"GIF89a")),
    (Kind("BMP", (".bmp",), "PIL.BmpImagePlugin", "BmpImageFile"), _starts(b"BM")),
    (Kind("PPM", (".ppm", ".pgm", ".pbm", ".pnm"), "PIL.PpmImagePlugin", "PpmImageFile"), _is_ppm),
    (_AVIF, _branded(b"avif", b"avis")),
    (_HEIC, _branded(b"heic", b"heix", b"heim", b"heis", b"hevc", b"hevx", b"mif1", b"msf1")),
    (_JPEG_2000, _starts(b"\0\0\0\x0cjP  \r\n\x87\n", b"\xff\x4f\xff\x51")),
    (_JPEG_XL, _starts(b"\xff\x0a", b"\0\0\0\x0cJXL \r\n\x87\n")),
    (_RAW, _branded(b"crx ")),
    (_RAW, _starts(b"FUJIFILMCCD-RAW", b"IIRO", b"IIRS", b"MMOR", b"IIU\0", b"FOVb", b"\0MRM")),
    (Kind("a Photoshop file"), _starts(b"8BPS")),
    (Kind("a GIMP file"), _starts(b"gimp xcf")),
    (Kind("OpenEXR"), _starts(b"v/1\x01")),
    (Kind("Radiance HDR"), _starts(b"#?RADIANCE", b"#?RGBE")),
    (Kind("PDF", advice="save the page as a PNG (pdftoppm -png IN.pdf OUT)"), _starts(b"%PDF")),
    (Kind("PostScript"), _starts(b"%!PS", b"\xc5\xd0\xd3\xc6")),
    (Kind("SVG, a drawing without pixels"), _holds_tag(b"<svg")),
    (Kind("a web page", advice="save the picture itself"), _holds_tag(b"<html", b"<!doctype html")),
    (
        Kind("a video", advice="save a frame of it as a PNG"),
        lambda head: head[4:8] == b"ftyp" or head.startswith(b"\x1aE\xdf\xa3") or _is_riff(b"AVI ")(head),
    ),
)

RAW_SUFFIXES = (".dng", ".nef", ".nrw", ".arw", ".sr2", ".srf", ".pef", ".srw", ".cr2", ".cr3", ".raf", ".orf", ".rw2")
READ_SUFFIXES = tuple(suffix for kind, _ in _KINDS if kind.opener for suffix in kind.suffixes)
"""The suffixes of pictures that can be read, lower case; ``.heic`` and its like with the extra ``heic``."""
PICTURE_SUFFIXES = tuple(suffix for kind, _ in _KINDS for suffix in kind.suffixes)
"""`READ_SUFFIXES`, and those of photographs that cannot be read but should not be passed over in silence."""
RAW_KIND = _RAW


def tell_kind(stream: BinaryIO) -> Kind | None:
    """Return what `stream` holds, told by its first bytes, None for what is not known; the stream is rewound."""
    stream.seek(0)
    head = stream.read(HEAD_BYTES)
    stream.seek(0)
    return next((kind for kind, fits in _KINDS if fits(head)), None)
