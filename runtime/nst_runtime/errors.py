"""Errors that a user can fix."""


class NstError(Exception):
    """Something the user can put right; the message is one line: what, which values are valid, what to do next."""


class ImageError(NstError):
    """A picture cannot be read, written or stylised."""


class TooManyPixelsError(ImageError):
    """A picture has more `pixels` than the limit allows: a decompression bomb, or just a huge one."""

    def __init__(self, message: str, pixels: int) -> None:
        super().__init__(message)
        self.pixels = pixels


class PackError(NstError):
    """A style pack is missing, damaged, foreign or of a newer format."""
