"""Name what is written into a folder, and refuse names by which a picture would be lost."""

import os
from collections.abc import Hashable, Sequence
from pathlib import Path

from nst_runtime.errors import NstError
from nst_runtime.jobs.places import Places, is_same_file
from nst_runtime.jobs.sources import Source
from nst_runtime.pictures.formats import PICTURE_SUFFIXES
from nst_runtime.pictures.write import WRITE_SUFFIXES

Pair = tuple[Path, Path]
"""A file to read and the one to write."""
_ALIASES = {".jpeg": ".jpg", ".tif": ".tiff"}


def same_format(one: str, other: str) -> bool:
    """Tell whether two suffixes, such as ".jpg" and ".jpeg", lower case, stand for one format."""
    return _ALIASES.get(one, one) == _ALIASES.get(other, other)


def is_picture_name(path: Path) -> bool:
    """Tell whether `path` ends as the names of pictures do."""
    return path.suffix.lower() in {*PICTURE_SUFFIXES, *WRITE_SUFFIXES}


def name_result(name: str, suffix: str) -> str:
    """Return what the result of the picture called `name` is called in a folder.

    Without a `suffix`, ``.png`` is added to names whose format can only be read; else it takes the place of the
    picture's own suffix, if that is of another format.
    """
    own = Path(name).suffix
    if not suffix:
        return name if own.lower() in WRITE_SUFFIXES else f"{name}.png"
    if same_format(own.lower(), suffix):
        return name
    return f"{name.removesuffix(own) if is_picture_name(Path(name)) else name}{suffix}"


def pair_up(sources: Sequence[Source], folder: Path, suffix: str, places: Places) -> tuple[list[Pair], set[Pair]]:
    """Return each picture with the file in `folder` for its result, and those of them whose results are there already.

    Raises NstError when a result would take the place of a picture that is read, or two would be one file.
    """
    read = {key for source in sources for key in _keys(source.path, places)}
    pairs: dict[Hashable, Pair] = {}
    for source in sources:
        target = folder / source.below.with_name(name_result(source.below.name, suffix))
        if places.key(target) in read:
            raise NstError(f"{target} is one of the pictures to read", "give another folder to write to")
        pair = (source.path, target)
        _check_clash(pairs.setdefault(places.key(target), pair), pair)
    return list(pairs.values()), {pair for pair in pairs.values() if _is_there(pair[1], places, read)}


def _keys(path: Path, places: Places) -> tuple[Hashable, ...]:
    """Return the keys of `path` itself and of the file that it leads to if it is a link."""
    if not path.is_symlink():
        return (places.key(path),)
    return places.key(path), places.key(Path(os.path.realpath(path)))


def _check_clash(first: Pair, second: Pair) -> None:
    """Raise NstError where two pictures would be written to one place; one that is given twice is done once."""
    if first == second or is_same_file(first[0], second[0]):
        return
    result = f"both become {second[1]}"
    if first[1] != second[1]:
        result = f"become {first[1]} and {second[1]}, which are one file on many systems"
    raise NstError(f"{first[0]} and {second[0]} would {result}", "rename one, or write them to two folders")


def _is_there(target: Path, places: Places, read: set[Hashable]) -> bool:
    """Tell whether there is a result; a link to one of the pictures that are `read` is not one."""
    leads_to_picture = target.is_symlink() and places.key(Path(os.path.realpath(target))) in read
    return os.path.exists(target) and not leads_to_picture  # noqa: PTH110 (False, too, where one may not look)
