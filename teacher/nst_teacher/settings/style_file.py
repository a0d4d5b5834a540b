"""The files of a style: one picture, or a blend of several, with masks."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from nst_runtime.errors import NstError


@dataclass(frozen=True)
class StyleFile:
    """A style picture's file, its weight in a blend and its masks (see nst_teacher.pictures.masks)."""

    path: Path
    weight: float = 1.0
    masks: tuple[Path, ...] = ()


def read_blend(text: str) -> StyleFile:
    """Return the style file of ``PICTURE=WEIGHT``; raises NstError."""
    name, sign, number = text.rpartition("=")
    try:
        weight = float(number) if sign and name else 0.0
    except ValueError:
        weight = 0.0
    if not 0 < weight < float("inf"):
        raise NstError(
            f"`style_blend` has {text!r}, not PICTURE=WEIGHT with a weight above 0", "give it such as wave.jpg=0.5"
        )
    return StyleFile(Path(name), weight)


def pair_masks(styles: Sequence[StyleFile], masks: Sequence[Path]) -> tuple[StyleFile, ...]:
    """Return `styles` with their `masks`: all of them for a single style, one for each of a blend; raises NstError."""
    if not masks:
        return tuple(styles)
    if len(styles) == 1:
        return (replace(styles[0], masks=tuple(masks)),)
    if len(masks) != len(styles):
        raise NstError(
            f"{len(styles)} style pictures need as many in `style_mask`, not {len(masks)}",
            "give one label image for each of them",
        )
    return tuple(replace(style, masks=(mask,)) for style, mask in zip(styles, masks, strict=True))


def check_weights(styles: Sequence[StyleFile]) -> None:
    """Raise NstError when a weight of a blend is not above 0."""
    for style in styles:
        if not 0 < style.weight < float("inf"):
            raise NstError(f"{style.path} has weight {style.weight:g} in the blend", "give a weight above 0")
