"""One look for many pictures: the statistics of the first, kept in a file."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from nst_runtime.errors import NstError
from nst_runtime.inference.look_statistics import save_statistics
from nst_runtime.inference.regions import Regions, looks_of
from nst_runtime.jobs.by_rows import opened_if_large
from nst_runtime.jobs.inputs import Input, named
from nst_runtime.pictures.read import read_picture

if TYPE_CHECKING:
    from pathlib import Path

    from nst_runtime.inference.look import Look
    from nst_runtime.inference.look_statistics import LookStatistics
    from nst_runtime.inference.stylizer import Stylizer


def with_statistics(
    stylizer: Stylizer, look: Look | Regions, file: Path, first: Path | None, max_pixels: int
) -> Look | Regions:
    """Return `look` with the statistics in `file`; where there is no such file, those of the `first` picture.

    They are then written to it. Raises NstError where the look has parts with looks of their own, PackError where the
    file is damaged or for another look, ImageError where the picture cannot be read.
    """
    one, *others = looks_of(look)
    if others:
        raise NstError("a file of `statistics` is for one look, and masks may have several", "leave it out")
    if file.exists():
        found = stylizer.read_statistics(file, one)
    else:
        found = _measure(stylizer, one, file, first, max_pixels)
        save_statistics(found, file)
    fixed = one.with_statistics(found)
    if not isinstance(look, Regions):
        return fixed
    regions = [replace(region, look=fixed) for region in look.regions]
    return replace(look, regions=regions, rest=None if look.rest is None else fixed)


def _measure(stylizer: Stylizer, look: Look, file: Path, first: Path | None, max_pixels: int) -> LookStatistics:
    if first is None:
        raise NstError(
            f"there is no file {file}, and the standard input cannot be read twice", "measure a picture in a file first"
        )
    with named(str(first)):
        with opened_if_large(stylizer, Input(str(first), first.suffix, first), look, max_pixels) as picture:
            if picture is not None:
                return stylizer.measure_rows(picture, look)
        return stylizer.measure(read_picture(first, max_pixels=max_pixels), look)
