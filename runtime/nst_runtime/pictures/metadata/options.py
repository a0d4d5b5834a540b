"""How Pillow is told to write metadata, in each format's own way."""

import struct
from typing import Any

from PIL import Image, TiffImagePlugin
from PIL.PngImagePlugin import PngInfo

from nst_runtime.pictures.metadata.record import Metadata

Options = dict[str, Any]
_LARGEST_SEGMENT = 65_533
_XMP, _IPTC, _EXIF_LIST = 700, 33_723, 0x8769


def plain_options(metadata: Metadata) -> Options:
    """Return EXIF, XMP and resolution by the names that Pillow's WebP, AVIF and BMP writers have for them."""
    named = {"exif": metadata.exif, "xmp": metadata.xmp, "dpi": metadata.dpi}
    return {name: value for name, value in named.items() if value}


def png_options(metadata: Metadata) -> Options:
    """Return EXIF and resolution, and XMP as the text chunk that PNG has for it."""
    options = plain_options(metadata)
    xmp = options.pop("xmp", b"")
    if xmp:
        options["pnginfo"] = PngInfo()
        options["pnginfo"].add_itxt("XML:com.adobe.xmp", xmp)
    return options


def jpeg_options(metadata: Metadata) -> Options:
    """Return EXIF and resolution, and XMP and IPTC as whole segments; what is too large for one is left out."""
    options = plain_options(metadata)
    options.pop("xmp", None)
    if "exif" in options:
        options["exif"] = b"Exif\0\0" + options["exif"]
    resource = b"8BIM" + struct.pack(">HHL", 0x0404, 0, len(metadata.iptc)) + metadata.iptc
    extra = _segment(0xE1, b"http://ns.adobe.com/xap/1.0/\0", metadata.xmp)
    extra += _segment(0xED, b"Photoshop 3.0\0", resource + b"\0" * (len(resource) % 2) if metadata.iptc else b"")
    return {**options, "extra": extra} if extra else options


def _segment(marker: int, start: bytes, content: bytes) -> bytes:
    body = start + content
    return struct.pack(">BBH", 0xFF, marker, len(body) + 2) + body if content and len(body) <= _LARGEST_SEGMENT else b""


def tiff_options(metadata: Metadata) -> Options:
    """Return all as a TIFF file's tags."""
    tags = TiffImagePlugin.ImageFileDirectory_v2()
    if metadata.exif:
        exif = Image.Exif()
        exif.load(metadata.exif)
        for number, value in exif.items():
            if number != _EXIF_LIST:
                tags[number] = _as_stored(value)
        tags[_EXIF_LIST] = {number: _as_stored(value) for number, value in exif.get_ifd(_EXIF_LIST).items()}
    for number, content in ((_XMP, metadata.xmp), (_IPTC, metadata.iptc)):
        if content:
            tags[number] = content
            tags.tagtype[number] = 1 if number == _XMP else 7
    return {"tiffinfo": tags} if metadata.dpi is None else {"tiffinfo": tags, "dpi": metadata.dpi}


def _as_stored(value: Any) -> Any:  # noqa: ANN401 (whatever a tag holds)
    """Return words that ASCII does not have as the bytes they were: Pillow would write them as question marks."""
    return value.encode("latin-1") if isinstance(value, str) and not value.isascii() else value
