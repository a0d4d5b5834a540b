"""Read looks as people write them: styles by weights, strokes, and masks with a style each."""

from collections.abc import Sequence
from pathlib import Path
from typing import TYPE_CHECKING

from nst_runtime.errors import NstError

if TYPE_CHECKING:
    from nst_runtime.inference.look import Look, Strokes, Way
    from nst_runtime.inference.regions import Regions
    from nst_runtime.pictures.arrays import Pixels


def split_styles(styles: Sequence[str]) -> list[tuple[str, float | None]]:
    """Return each ``NAME`` or ``NAME=WEIGHT`` as a name and its weight, if it has one.

    Raises NstError for a weight that is not a number.
    """
    found: list[tuple[str, float | None]] = []
    for text in styles:
        name, equals, weight = text.rpartition("=")
        try:
            found.append((name, float(weight)) if equals and name else (text, None))
        except ValueError as error:
            if not text.endswith(".safetensors"):
                hint = "write a number, as in NAME=0.5"
                raise NstError(f"the weight of {name} is {weight!r}, not a number", hint) from error
            found.append((text, None))  # a file with = in its name
    return found


def read_look(
    styles: Sequence[str],
    masks: Sequence[Path],
    protect: Path | None,
    *,
    strength: float,
    strokes: str,
    colors: float,
    way: "Way" = "sampled",
) -> "Look | Regions":
    """Return what to paint with; raises NstError for weights, strokes and masks that do not go together."""
    from nst_runtime.inference.look import Look
    from nst_runtime.inference.regions import Region, Regions

    size, named = read_strokes(strokes), split_styles(styles)

    def look(chosen: dict[str, float]) -> Look:
        try:
            return Look(chosen, strength=strength, strokes=size, colors=colors, statistics=way)
        except ValueError as error:
            raise NstError(str(error)) from error

    if not masks:
        mixture = look(_weights(named))
        return mixture if protect is None else Regions(rest=mixture, protect=_read(protect))
    _check_masked(named, len(masks))
    looks = [look({name: 1.0}) for name, _ in named]
    regions = [Region(_read(mask), each) for mask, each in zip(masks, looks, strict=False)]
    rest = looks[-1] if len(looks) > len(masks) else None
    return Regions(regions, rest, None if protect is None else _read(protect))


def _check_masked(named: Sequence[tuple[str, float | None]], masks: int) -> None:
    """Raise NstError where there are not as many styles as masks, or one more for the rest, or one has a weight."""
    if not masks <= len(named) <= masks + 1:
        raise NstError(
            f"{masks} {'masks need' if masks > 1 else 'mask needs'} {masks} or {masks + 1} styles, not {len(named)}",
            "give one for each mask, in the same order, and maybe one more for the rest",
        )
    if weighted := [f"{name}={weight:g}" for name, weight in named if weight is not None]:
        raise NstError(
            f"a style that has a mask has no weight, {weighted[0]}",
            "write its name alone; a mixture goes into a part with `protect`",
        )


def _read(mask: Path) -> "Pixels":
    """Return the mask in a file, once for all pictures; raises ImageError."""
    from nst_runtime.inference.regions import read_mask

    return read_mask(mask)


def _weights(named: Sequence[tuple[str, float | None]]) -> dict[str, float]:
    """Return the weights of styles: those that are given, or equal ones where none is."""
    given = [weight for _, weight in named if weight is not None]
    if given and len(given) < len(named):
        raise NstError("some styles have a weight and some have none", "write NAME=WEIGHT for each `style`, or NAME")
    weights = given or [1 / len(named)] * len(named)
    names = [name for name, _ in named]
    if len(set(names)) < len(names):
        raise NstError(f"a style is named twice in {', '.join(names)}", "name each once, with a weight")
    return dict(zip(names, weights, strict=True))


def read_statistics(text: str) -> "tuple[Way, Path | None]":
    """Return how statistics are measured, and the file that keeps them, None unless `text` is one's name."""
    if text == "exact":
        return "exact", None
    if text == "sampled":
        return "sampled", None
    if not text.endswith(".json"):
        raise NstError(f"`statistics` is {text!r}", "give sampled, exact, or a file whose name ends in .json")
    return "sampled", Path(text)


def read_strokes(text: str) -> "Strokes":
    """Return ``auto``, ``full`` or a number of pixels; raises NstError for anything else."""
    if text in ("auto", "full"):
        return "auto" if text == "auto" else "full"
    if not text.isdecimal():
        raise NstError(f"`strokes` is {text!r}", "give auto, full, or a preview's short side in pixels, such as 720")
    return int(text)
