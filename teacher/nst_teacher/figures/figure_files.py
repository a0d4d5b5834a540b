"""The files of a figure: pictures, a table for spreadsheets and a log for programs, each whole or not at all."""

import csv
import io
import json
import os
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_runtime.contracts.files import write_text
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture
from nst_teacher.figures.observation import Trial
from nst_teacher.pictures.framing import frame_photo
from nst_teacher.pictures.photos import check_other_pictures, check_sides, identify
from nst_teacher.settings.method import Method

Row = Mapping[str, str | int | float]


@dataclass(frozen=True)
class Subject:
    """A photo at its size and a style picture, uint8 H×W×3, and the seed that the photo's noise is drawn from."""

    photo: Pixels
    style: Pixels
    seed: int

    def trial(self, name: str, method: Method, snapshots: Sequence[int] = ()) -> Trial:
        """Return the trial called `name` of these pictures by `method`, to be shown at `snapshots`."""
        return Trial(name, method, self.photo, self.style, self.seed, tuple(snapshots))


def read_subject(content: Path, style: Path, size_px: int, method: Method) -> Subject:
    """Return the pictures of the files `content` and `style` as ``stylize`` has them; raises NstError as it does."""
    check_other_pictures([content], [style])
    photo, picture = read_sound(content), read_sound(style)
    return Subject(frame_photo(photo, size_px, method.framing), picture, identify(content, method.seed).seed)


def read_sound(path: Path) -> Pixels:
    """Return the picture at `path`; raises ImageError when it cannot be read or a side is too short."""
    rgb = read_picture(path).rgb
    check_sides(path, rgb)
    return rgb


def in_short(number: float) -> str:
    """Return `number`, not 0, to three digits with its power of ten: ``1e2``, ``3.16e-1``."""
    mantissa, exponent = f"{number:.2e}".split("e")
    return f"{mantissa.rstrip('0').rstrip('.')}e{int(exponent)}"


def check_folder(folder: Path) -> None:
    """Raise NstError when files cannot be written to `folder`, there or not yet: better now than after the work."""
    if folder.exists() and not folder.is_dir():
        raise NstError(f"{folder} is a file", "give a folder to write to")
    there = next(path for path in (folder, *folder.absolute().parents) if path.exists())
    if not there.is_dir():
        raise NstError(f"cannot write to {folder}: {there} is a file, not a folder", "choose another folder")
    if not os.access(there, os.W_OK | os.X_OK):
        raise NstError(f"cannot write to {folder}: no permission", "choose another folder")


def write_figure(
    folder: Path, name: str, pictures: Mapping[str, Pixels], table: Sequence[Row], log: Sequence[Row]
) -> tuple[Path, ...]:
    """Write ``name_KEY.png`` for each of `pictures`, then ``name.csv`` and ``name.jsonl``; return the last two paths.

    Raises NstError when a file cannot be written; those there were before are then still whole.
    """
    for key, picture in pictures.items():
        write_picture(folder / f"{name}_{key}.png", picture)
    text = io.StringIO()
    writer = csv.DictWriter(text, list(table[0]), lineterminator="\n")
    writer.writeheader()
    writer.writerows(table)
    lines = [json.dumps(row, ensure_ascii=False, allow_nan=False) for row in log]
    paths = folder / f"{name}.csv", folder / f"{name}.jsonl"
    write_text(paths[0], text.getvalue())
    write_text(paths[1], "".join(f"{line}\n" for line in lines))
    return paths
