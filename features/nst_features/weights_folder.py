"""Find weights files by the names that the registry gives them. It loads no torch."""

import difflib
import os
from collections.abc import Sequence
from pathlib import Path

from nst_features.known_weights import KNOWN, KnownWeights
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.errors import NstError

WEIGHTS_VARIABLE = "NST_WEIGHTS"


def own_weights_folder() -> Path:
    """Return the user's folder of weights: what NST_WEIGHTS names, else a place of the system's for such a cache."""
    if moved := os.environ.get(WEIGHTS_VARIABLE):
        return Path(moved)
    from platformdirs import user_cache_path  # noqa: PLC0415 (files given by their paths do not need it)

    return user_cache_path("nst-stylebank", appauthor=False) / "weights"


def find_weights(path: Path, folders: Sequence[Path] | None = None) -> Path:
    """Return the weights file that `path` stands for: a file, or else a registered name such as ``vgg19_balanced``.

    A name's file is looked for in `folders` (None: the user's own one) and must have the registered hash. A file called
    like that in the current folder comes first. Raises NstError when there is not such a file, or when it is another
    one than its name says.
    """
    if path.is_file():
        return path
    if len(path.parts) != 1:
        raise NstError(f"no weights file {path}", "check the path; nst-features list shows the names that need none")
    row = find_name(path.name)
    places = (own_weights_folder(),) if folders is None else folders
    found = find_registered(row, places)
    if found is None:
        raise NstError(f"the weights {row.name} are not in {', '.join(map(str, places))}", how_to_get(row, places[0]))
    return found


def find_name(name: str, rows: Sequence[KnownWeights] = KNOWN) -> KnownWeights:
    """Return the row called `name`; raises NstError that names the nearest for any other."""
    for row in rows:
        if row.name == name:
            return row
    near = difflib.get_close_matches(name, [row.name for row in rows], n=1)
    guess = f"did you mean {near[0]}? " if near else ""
    raise NstError(
        f"no weights file {name} and no registered weights of that name", f"{guess}nst-features list shows them all"
    )


def find_registered(row: KnownWeights, folders: Sequence[Path]) -> Path | None:
    """Return the file of `row` in the first of `folders` that has it, None where none has.

    Raises NstError when the file has another hash than the row.
    """
    path = next((folder / row.file for folder in folders if (folder / row.file).is_file()), None)
    if path is not None and not sha256_of_file(path).startswith(row.sha256):
        raise NstError(
            f"{path} is not {row.name}: its sha256 does not begin with {row.sha256[:16]}",
            f"remove it, or give its path to use it as it is; to get {row.name}: {how_to_get(row, path.parent)}",
        )
    return path


def how_to_get(row: KnownWeights, folder: Path) -> str:
    """Return, in a line, how the file of `row` gets into `folder`."""
    if row.url:
        return f"nst-features fetch {row.name}"
    return f"make it and put it into {folder} as {row.file}: {row.made}"
