"""What is worth keeping of XMP, the words that editors and cameras write into a picture as XML."""

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from xml.dom.minidom import Document, Element, Node

LIMIT_BYTES = 1_000_000  # a larger one is passed over
_RDF = "http://www.w3.org/1999/02/22-rdf-syntax-ns#"
_EXIF = ("http://ns.adobe.com/exif/1.0/", "http://cipa.jp/exif/1.0/", "http://ns.adobe.com/exif/1.0/aux/")
_DECLARATIONS = "http://www.w3.org/2000/xmlns/"
_FRAME = {_RDF, _DECLARATIONS, "adobe:ns:meta/", "http://www.w3.org/XML/1998/namespace", None}
# Words and dates, rights, camera, panorama. All else may be about the file that was read: edits that an editor would
# apply again, depth and gain maps that are no longer there, previews.
_KEPT = {
    *_FRAME,
    "http://purl.org/dc/elements/1.1/",
    "http://ns.adobe.com/xap/1.0/",
    "http://ns.adobe.com/xap/1.0/rights/",
    "http://ns.adobe.com/photoshop/1.0/",
    "http://ns.adobe.com/tiff/1.0/",
    "http://ns.adobe.com/lightroom/1.0/",
    "http://iptc.org/std/Iptc4xmpCore/1.0/xmlns/",
    "http://iptc.org/std/Iptc4xmpExt/2008-02-29/",
    "http://ns.useplus.org/ldf/xmp/1.0/",
    "http://creativecommons.org/ns#",
    "http://ns.google.com/photos/1.0/panorama/",
    *_EXIF,
}
_LOST_NAMES = re.compile(
    r"gps|latitude|longitude|altitude|orientation|thumbnail|preview|makernote|colorspace|iccprofile|colormode"
    r"|pixel[xy]dimension|^image(width|length)$|^bitspersample$|^samplesperpixel$|^photometric|^compression$",
    re.IGNORECASE,
)
_ORIENTATION = re.compile(rb"tiff:Orientation(?:=[\"']|>)([1-8])")


def read_orientation(packet: bytes) -> int | None:
    """Return how the XMP `packet` says that the picture is stored, 1 to 8; None where it does not say."""
    found = _ORIENTATION.search(packet[:LIMIT_BYTES])
    return int(found[1]) if found else None


def keep_xmp(packet: bytes) -> bytes:
    """Return what is worth keeping of the XMP `packet`, as a packet in UTF-8, or nothing.

    That is words, dates, authors, rights, camera and panorama. Left out are the place, orientation, previews, editors'
    settings, and the size and colors of the file. What is damaged, too large or no plain XMP is left out as a whole.
    """
    start, end = packet.find(b"<x:xmpmeta"), packet.rfind(b"</x:xmpmeta>")
    if not 0 <= start < end <= LIMIT_BYTES:
        return b""
    try:
        return _clean(packet[start : end + len(b"</x:xmpmeta>")])
    except Exception:  # of whatever kind: XML that the parser refuses, or nested too deeply
        return b""


def _clean(xml: bytes) -> bytes:
    from xml.dom.minidom import parseString  # noqa: PLC0415 (most pictures have none)

    document: Document = parseString(xml)  # noqa: S318 (it begins with its root, and so declares no entities)
    root = document.documentElement
    if root is None or not _says_something(root):
        return b""
    body = root.toxml().encode()
    return b'<?xpacket begin="\xef\xbb\xbf" id="W5M0MpCehiHzreSzNTczkc9d"?>\n' + body + b'\n<?xpacket end="w"?>'


def _says_something(element: "Element") -> bool:
    """Take out of `element` what is not kept, and tell whether more than its frame is left."""
    said = False
    for attribute in list(element.attributes.values()):
        if not _is_kept(attribute):
            element.removeAttributeNode(attribute)
        said = said or (attribute.namespaceURI not in _FRAME and _is_kept(attribute))
    for child in list(element.childNodes):
        if child.nodeType == child.ELEMENT_NODE and _is_kept(child):
            said = _says_something(child) or said or child.namespaceURI not in _FRAME
        elif child.nodeType != child.TEXT_NODE:
            element.removeChild(child)
    return said


def _is_kept(node: "Node") -> bool:
    space = node.namespaceURI
    return space == _DECLARATIONS or (space in _KEPT and not _LOST_NAMES.search(node.localName or ""))
