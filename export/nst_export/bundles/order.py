"""What a bundle is asked to hold."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from nst_export.bundles.manifest import BundledStyle
from nst_export.bundles.names import FORMS, Precision, TargetName
from nst_runtime.contracts.library import Library
from nst_runtime.errors import NstError

LARGEST_PX = 2048
SIZE = re.compile(r"([1-9]\d{0,6})(?:[x×]([1-9]\d{0,6}))?")


@dataclass(frozen=True)
class Order:
    """Styles by name or file, sizes of pictures as width and height in pixels, targets, and precisions."""

    styles: tuple[str, ...]
    sizes: tuple[tuple[int, int], ...]
    targets: tuple[TargetName, ...]
    precisions: tuple[Precision, ...]

    def __post_init__(self) -> None:
        for target in self.targets:
            taken = FORMS[target]
            if not self.of(target):
                raise NstError(
                    f"{target} does not take {' or '.join(self.precisions)}; it takes {', '.join(taken)}",
                    "give one of these as `precision`, or leave the `target` out",
                )

    def of(self, target: TargetName) -> tuple[Precision, ...]:
        """Return the precisions that `target` takes of those that were asked for."""
        return tuple(precision for precision in self.precisions if precision in FORMS[target])

    def check(self, library: Library) -> tuple[BundledStyle, ...]:
        """Return the styles of `library` that are asked for, with what people read about them.

        Raises NstError when a side is too small for the codec or too large for a phone, when a style is not there,
        damaged or for another codec, or when two have the same name.
        """
        self._check_sizes(library.pack.manifest.codec.minimum_px)
        records = [(library.find(style).name, library.read(style).record) for style in self.styles]
        names = [name for name, _ in records]
        if twice := [name for name in names if names.count(name) > 1]:
            raise NstError(
                f"two styles are called {twice[0]}", "give one of them another name with nst-runtime styles add"
            )
        return tuple(BundledStyle(name, record.info) for name, record in records)

    def _check_sizes(self, minimum_px: int) -> None:
        for width, height in self.sizes:
            if not minimum_px <= min(width, height) <= max(width, height) <= LARGEST_PX:
                shown = width if width == height else f"{width}x{height}"
                raise NstError(
                    f"`size` {shown} is not a size from {minimum_px} to {LARGEST_PX} pixels a side",
                    "give one such as 512 or 720x1280",
                )


def targets_for(precisions: Sequence[Precision]) -> tuple[TargetName, ...]:
    """Return the targets that take at least one of `precisions`."""
    return tuple(name for name, forms in FORMS.items() if not forms.keys().isdisjoint(precisions))


def parse_size(text: str) -> tuple[int, int]:
    """Return width and height for a text such as ``512`` or ``720x1280``; raises ValueError for any other."""
    match = SIZE.fullmatch(text.strip())
    if match is None:
        raise ValueError(f"{text!r} is not a size from 16 to 2048 pixels a side, such as 512 or 720x1280")
    width, height = match.groups()
    return int(width), int(height or width)


def without_repeats(items: Sequence[str]) -> tuple[str, ...]:
    """Return `items`, each once."""
    return tuple(dict.fromkeys(items))
