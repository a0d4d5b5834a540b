"""The page that paints in a browser, as `npm run build` leaves it in web/dist: where it is, and what it consists of."""

import json
from pathlib import Path

from nst_runtime.contracts.files import sha256_of_bytes
from nst_runtime.errors import NstError

BUILT = Path("web", "dist")
"""Where a checkout of the project has it."""
CHECKOUT = Path(__file__).parents[3]
"""The checkout that this package runs from, unless it is installed."""
INDEX, PACK_FOLDER = "index.html", "pack"
LIST = "precache.js"
LEFT_OUT = {LIST, "sw.js"}  # what keeps the files for use offline is kept by the browser itself
HASH_DIGITS = 16


def find_page(dist: Path | None) -> Path:
    """Return the folder of the built page: `dist`, or that of the checkout; raises NstError where none is.

    The checkout is the current folder, or the one that this package runs from.
    """
    tried = _places() if dist is None else [dist]
    for folder in tried:
        if all((folder / name).is_file() for name in (INDEX, LIST)):
            return folder
    raise NstError(
        f"the built page is not in {', nor in '.join(map(str, tried))}",
        "build it in a checkout of the project, with npm ci and npm run build in its web/, "
        "and give its web/dist as `dist`",
    )


def _places() -> list[Path]:
    checkouts = [Path.cwd(), *([CHECKOUT] if (CHECKOUT / BUILT.parent).is_dir() else [])]
    return list(dict.fromkeys(checkout / BUILT for checkout in checkouts))


def page_files(folder: Path) -> dict[str, Path]:
    """Return all files in `folder` and below by their path from it, with ``/``; what a link leads to is left out."""
    return {
        path.relative_to(folder).as_posix(): path
        for path in sorted(folder.rglob("*"))
        if path.is_file() and path.resolve().is_relative_to(folder.resolve())
    }


def write_list(folder: Path) -> None:
    """Write the list of the files of the page in `folder`, with their hashes, that it keeps for use offline."""
    hashes = {
        name: sha256_of_bytes(path.read_bytes())[:HASH_DIGITS]
        for name, path in page_files(folder).items()
        if name not in LEFT_OUT
    }
    (folder / LIST).write_text(f"self.PRECACHE = {json.dumps(hashes, separators=(',', ':'))};\n", "utf-8")
