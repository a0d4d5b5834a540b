"""What stylises: a style of a pack or in a file, an ONNX graph or a command, all as one function on pictures."""

import hashlib
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Literal

from nst_runtime.contracts.names import check_name, is_name
from nst_runtime.contracts.styles import SUFFIX
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels

Stylize = Callable[[Pixels], Pixels]
"""From a photograph, uint8 H×W×3, to the stylised picture of the same shape."""
PLACES = ("{input}", "{output}")
"""What stands for the two files in a command; a text without both is the file of a style or an ONNX graph."""
Kind = Literal["command", "style", "onnx"]


@dataclass(frozen=True)
class Candidate:
    """A stylizer to measure: its `name` in the results, its catalogue `style`, and a `note` for the person, if any."""

    name: str
    style: str
    stylize: Stylize
    note: str = ""


@dataclass(frozen=True)
class Source:
    """A stylizer from outside as a person names it, ``STYLE[:LABEL]=WHAT``; its name in the results is STYLE:LABEL."""

    style: str
    label: str
    what: str

    @property
    def name(self) -> str:
        """The row's name; never that of a pack's style, which has no colon."""
        return f"{self.style}:{self.label}"

    @property
    def kind(self) -> Kind:
        """What it is: a command says where its files go, and a style file ends as one; all others are ONNX graphs."""
        return _kind(self.what)


def parse_source(text: str) -> Source:
    """Return the source that `text` names; without a label it is called after its kind.

    Raises NstError when a part is missing or is not a valid name.
    """
    name, equals, what = text.partition("=")
    style, colon, label = name.partition(":")
    if not equals or not what.strip() or not is_name(style):
        raise NstError(
            f"`other` is {text!r}, not STYLE=… or STYLE:LABEL=…",
            "STYLE is the name of a style in the catalogue; … a style file, an ONNX file, or a command with {input} "
            "and {output}",
        )
    return Source(style, check_name(label, "label") if colon else _kind(what), what)


def _kind(what: str) -> Kind:
    if any(place in what for place in PLACES):
        return "command"
    return "style" if what.endswith(SUFFIX) else "onnx"


def remembered(stylize: Stylize, photos: Iterable[Pixels]) -> Stylize:
    """Return `stylize` with its pictures of `photos`, which every measure asks for, made once and kept."""
    kept: dict[bytes, Pixels | None] = {_digest(photo): None for photo in photos}

    def once(photo: Pixels) -> Pixels:
        key = _digest(photo)
        picture = kept.get(key)
        if picture is None:
            picture = stylize(photo)
            if key in kept:
                kept[key] = picture
        return picture

    return once


def _digest(photo: Pixels) -> bytes:
    return hashlib.sha256(repr(photo.shape).encode() + photo.tobytes()).digest()
