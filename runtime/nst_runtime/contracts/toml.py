"""Read what people write as TOML: presets, recipes, catalogues."""

import tomllib
from pathlib import Path
from typing import Any

from nst_runtime.errors import NstError


def read_toml(path: Path, what: str) -> dict[str, Any]:
    """Return what the TOML file `path` holds; `what` is it called in errors, such as ``the preset mine.toml``.

    Raises NstError when it cannot be read, is not text in UTF-8 or not TOML.
    """
    try:
        text = path.read_text(encoding="utf-8")
    except OSError as error:
        raise NstError(f"cannot read {what}: {error.strerror or error}", "check the path") from error
    except UnicodeDecodeError as error:
        raise NstError(f"{what} is not text in UTF-8", "save it as UTF-8") from error
    return parse_toml(text, what)


def parse_toml(text: str, what: str) -> dict[str, Any]:
    """Return what `text` holds; raises NstError when it is not TOML."""
    try:
        return tomllib.loads(text)
    except tomllib.TOMLDecodeError as error:
        raise NstError(f"{what} is not TOML: {error}", "correct that line") from error
