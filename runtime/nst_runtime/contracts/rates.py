"""Lists of names, each with a number of its own or without: ``sgd=0.1,adam``."""

from collections.abc import Mapping
from typing import TypeVar

from nst_runtime.errors import NstError

NameT = TypeVar("NameT", bound=str)


def parse_rates(
    text: str, names: Mapping[str, NameT], *, known: str, note: str = "", highest: float, example: str
) -> list[tuple[NameT, float | None]]:
    """Return the optimizers in `text`, separated by commas, with their rates, None where there is none.

    `names` gives the optimizer's name for each word that people may write; `known` lists the names for a person and
    `note` says more of them. Raises NstError for another word, a rate that is not above 0 and at most `highest`, or an
    empty list.
    """
    found: list[tuple[NameT, float | None]] = []
    for part in filter(None, (part.strip() for part in text.split(","))):
        word, sign, number = part.partition("=")
        if word not in names:
            raise NstError(f"no optimizer {word!r}; there are {known}{note}")
        found.append((names[word], _rate(part, number, highest, example) if sign else None))
    if not found:
        raise NstError(f"`optimizers` is {text!r}, which names none of {known}", "separate several by commas")
    return found


def _rate(part: str, number: str, highest: float, example: str) -> float:
    try:
        rate = float(number)
    except ValueError:
        rate = 0.0
    if not 0 < rate <= highest:
        raise NstError(f"the rate of {part!r} is not above 0 and at most {highest:g}", f"write it as {example}")
    return rate
