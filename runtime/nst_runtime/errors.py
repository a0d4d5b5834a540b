"""Errors that a person can put right."""


class NstError(Exception):
    """Something that the person can put right.

    `message` is what is wrong and which values are valid, `hint` what to do; ``str(error)`` is both, on one line.
    Neither names an option of a command line: a setting stands in backquotes by its name in Python, such as
    `max_pixels`, and the programs print the option's name in its place.
    """

    def __init__(self, message: str, hint: str = "") -> None:
        super().__init__(message, hint)
        self.message = message
        self.hint = hint

    def __str__(self) -> str:
        return f"{self.message}; {self.hint}" if self.hint else self.message


class ImageError(NstError):
    """A picture cannot be read, written or stylised."""


class TooManyPixelsError(ImageError):
    """A picture has more `pixels` than the limit allows: a decompression bomb, or just a huge one."""

    def __init__(self, message: str, hint: str = "", *, pixels: int = 0) -> None:
        super().__init__(message, hint)
        self.pixels = pixels


class PackError(NstError):
    """A style pack or a style file is missing, damaged, foreign or of a newer format."""


class DeviceError(NstError):
    """What should compute is not there, or does not start."""
