"""What is done with a file before Pillow opens it: damage is passed over, colors that Pillow does not see are found."""

from dataclasses import KW_ONLY, dataclass
from typing import BinaryIO


@dataclass(frozen=True)
class Prepared:
    """The `stream` to open in place of the file, and what is known of it that the opened picture does not say.

    `size`: width and height in pixels, None where opening tells them. `profile`: an ICC profile in place of the
    picture's own, empty for sRGB, None for the picture's own. `notes`: what the person should know. `deep_white`: what
    is white in 16-bit grey. `white_is_zero`: numbers of more than 8 bits are to be turned round.
    """

    stream: BinaryIO
    _: KW_ONLY
    size: tuple[int, int] | None = None
    profile: bytes | None = None
    notes: tuple[str, ...] = ()
    deep_white: int = 0xFFFF
    white_is_zero: bool = False
