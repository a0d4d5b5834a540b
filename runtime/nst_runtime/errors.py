"""Errors that a user can fix."""


class NstError(Exception):
    """Something the user can put right; the message is one line: what, which values are valid, what to do next."""


class ImageError(NstError):
    """A picture cannot be read, written or stylised."""


class PackError(NstError):
    """A style pack is missing, damaged, foreign or of a newer format."""
