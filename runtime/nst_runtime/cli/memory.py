"""How much memory, as people write it."""

import re

import typer

LEAST_BYTES = 10**6  # less has lost its unit
_UNITS = {"": 1, "k": 10**3, "m": 10**6, "g": 10**9, "ki": 2**10, "mi": 2**20, "gi": 2**30}


def read_memory(text: str) -> int:
    """Return the bytes that a text such as ``512MB``, ``1.5 GiB`` or ``800000000`` says."""
    found = re.fullmatch(r"(\d+(?:\.\d+)?)\s*(|[kmg]i?)b?", text.strip().lower())
    size = int(float(found[1]) * _UNITS[found[2]]) if found else 0
    if size < LEAST_BYTES:
        raise typer.BadParameter(f"{text!r} is not a size such as 512MB or 2GB")
    return size
