"""Show photographs, paintings and what stylizers make of them on one sheet."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels, resize_short_side
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.read import list_pictures, read_picture
from nst_runtime.pictures.write import write_picture
from nst_student.evaluation.stylizers import Candidate

CELL_PX = 384
GAP_PX = 4
TITLE_PX = 32
SHEET_PHOTOS = 6

TeacherPictures = list[Pixels | None]


@dataclass(frozen=True)
class Column:
    """A title and a picture for each row, uint8 H×W×3; None leaves its cell white."""

    title: str
    pictures: Sequence[Pixels | None]


def write_sheet(
    path: Path,
    candidates: Sequence[Candidate],
    photos: Sequence[Pixels],
    paintings: Mapping[str, Path],
    teacher: Mapping[str, TeacherPictures],
) -> None:
    """Write the sheet of the first 6 of `photos`, a row each, to the file `path`.

    For each style of `candidates` there are columns for its painting, the `teacher`'s pictures, if it has some, and
    what the style's candidates make of the photographs. Raises NstError when a picture cannot be read or written.
    """
    rows = photos[:SHEET_PHOTOS]
    columns = [Column("photo", rows)]
    for style in dict.fromkeys(candidate.style for candidate in candidates):
        columns.append(Column(f"{style}: the painting", [read_picture(paintings[style]).rgb] * len(rows)))
        if style in teacher:
            columns.append(Column(f"{style}: the teacher", teacher[style]))
        columns += [Column(c.name, [c.stylize(photo) for photo in rows]) for c in candidates if c.style == style]
    write_picture(path, contact_sheet(columns))


def contact_sheet(columns: Sequence[Column], cell_px: int = CELL_PX) -> Pixels:
    """Return `columns` of equally many pictures as one uint8 picture, titles on top.

    A cell shows the middle square of a picture whose short side is made `cell_px`, which leaves the pixels of pictures
    of that size as they are.
    """
    rows = zip(*([_cell(picture, cell_px) for picture in column.pictures] for column in columns), strict=True)
    sheet = tile([list(row) for row in rows], GAP_PX)
    return np.concatenate([_titles([column.title for column in columns], sheet.shape[1], cell_px), sheet])


def find_all_teacher_pictures(
    folder: Path, styles: Sequence[str], photos: Sequence[Path]
) -> dict[str, TeacherPictures]:
    """Return the teacher's pictures of the first 6 of `photos` by style; raises NstError where a style has none."""
    rows = photos[:SHEET_PHOTOS]
    return {style: find_teacher_pictures(folder, style, rows, alone=len(styles) == 1) for style in styles}


def find_teacher_pictures(folder: Path, style: str, photos: Sequence[Path], *, alone: bool) -> TeacherPictures:
    """Return the teacher's picture of each of `photos` in `style`: the file of the photo's stem in `folder`/`style`.

    With the style `alone` on the sheet the files may lie in `folder` itself. A photo without one has None; raises
    NstError when none has.
    """
    own = folder / style
    place = own if own.is_dir() or not alone else folder
    files = {path.stem: path for path in list_pictures(place)}
    if not any(photo.stem in files for photo in photos):
        raise NstError(
            f"no teacher's picture in {place} has the name of a photograph",
            f"name each after its photograph, such as {photos[0].stem}.png",
        )
    return [read_picture(files[photo.stem]).rgb if photo.stem in files else None for photo in photos]


def _cell(picture: Pixels | None, cell_px: int) -> Pixels:
    if picture is None:
        return np.full((cell_px, cell_px, 3), 255, np.uint8)
    sized = resize_short_side(picture, cell_px)
    top, left = ((side - cell_px) // 2 for side in sized.shape[:2])
    return sized[top : top + cell_px, left : left + cell_px]


def _titles(titles: Sequence[str], width: int, cell_px: int) -> Pixels:
    strip = Image.new("RGB", (width, TITLE_PX), "white")
    draw, font = ImageDraw.Draw(strip), ImageFont.load_default(TITLE_PX * 2 // 3)
    for number, title in enumerate(titles):
        draw.text((number * (cell_px + GAP_PX) + GAP_PX, GAP_PX), title, "black", font)
    return np.asarray(strip)
