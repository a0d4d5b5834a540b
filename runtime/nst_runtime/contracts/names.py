"""Names that are safe as file names everywhere."""

import re

from nst_runtime.errors import NstError

_NAME = re.compile(r"[a-z0-9][a-z0-9_-]{0,63}")


def is_name(text: str) -> bool:
    """Tell whether `text` is 1–64 lower-case letters, digits, ``-`` and ``_``, beginning with a letter or digit."""
    return _NAME.fullmatch(text) is not None


def shown(text: str) -> str:
    """Return `text`, out of a file that may be anyone's, as errors show it: on one line, its first 200 characters."""
    return " ".join(text[:200].split())


def check_name(name: str, what: str = "style") -> str:
    """Return `name`; raises NstError, which calls it the name of a `what`, when it is not a valid name."""
    if not is_name(name):
        raise NstError(
            f"{name!r} is not a valid {what} name",
            "use up to 64 lower-case letters, digits, - and _, beginning with a letter or digit",
        )
    return name
