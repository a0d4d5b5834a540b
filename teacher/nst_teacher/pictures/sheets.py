"""Contact sheets: of pairs, photo beside result, and of figures, rows of pictures with words."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst_runtime.contracts.pairs import Pair
from nst_runtime.pictures.arrays import Pixels, resize, resize_short_side
from nst_runtime.pictures.collage import SheetRow
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

COLUMNS = 3
ROWS = 8
CELL_PX = 192
GAP_PX = 8
WHITE = 255
SMALLEST_PX, LARGEST_PX = 160, 320
TEXT_PX = 17
LINE_PX = 24
INK = "#222222"


def write_sheet(path: Path, style: Pixels, folder: Path, pairs: Sequence[Pair]) -> None:
    """Write to `path` a sheet of `style` (uint8 H×W×3) and the first 24 of `pairs`, photo left, result right."""
    shown = pairs[: COLUMNS * ROWS]
    rows = [shown[start : start + COLUMNS] for start in range(0, len(shown), COLUMNS)]
    width = min(COLUMNS, len(shown)) * (2 * CELL_PX + GAP_PX) + GAP_PX
    parts = [_banner(style, width)]
    for row in rows:
        parts.append(np.full((CELL_PX + GAP_PX, width, 3), WHITE, np.uint8))
        for column, pair in enumerate(row):
            left = GAP_PX + column * (2 * CELL_PX + GAP_PX)
            parts[-1][:CELL_PX, left : left + 2 * CELL_PX] = _cell(folder, pair)
    write_picture(path, np.concatenate(parts))


def _cell(folder: Path, pair: Pair) -> Pixels:
    pictures = [read_picture(folder / name).rgb for name in (pair.content, pair.target)]
    return np.concatenate([resize(picture, CELL_PX, CELL_PX) for picture in pictures], axis=1)


def _banner(style: Pixels, width: int) -> Pixels:
    """Return `style`, as large as fits above the cells, on white."""
    height, inner = 2 * CELL_PX, width - 2 * GAP_PX
    scale = min(height / style.shape[0], inner / style.shape[1])
    small = resize_short_side(style, max(1, int(min(style.shape[:2]) * scale)))[:height, :inner]
    banner = np.full((height + 2 * GAP_PX, width, 3), WHITE, np.uint8)
    top, left = GAP_PX + (height - small.shape[0]) // 2, (width - small.shape[1]) // 2
    banner[top : top + small.shape[0], left : left + small.shape[1]] = small
    return banner


def write_labelled_sheet(path: Path, rows: Sequence[SheetRow]) -> None:
    """Write a figure's sheet of `rows` to `path`, pictures with their long side within 160…320 px; raises NstError."""
    write_picture(path, draw_labelled_sheet(rows))


def draw_labelled_sheet(rows: Sequence[SheetRow]) -> Pixels:
    """Return the sheet of `rows` as uint8 H×W×3, black on white."""
    font = ImageFont.load_default(TEXT_PX)
    shown = [[(_fitted(cell.picture), cell.caption) for cell in row.cells] for row in rows]
    columns = max(len(row) for row in shown)
    widths = [
        max(max(picture.shape[1], _width(caption, font)) for picture, caption in cells)
        for cells in ([row[column] for row in shown if column < len(row)] for column in range(columns))
    ]
    heights = [max(picture.shape[0] for picture, _ in row) for row in shown]
    gutter = max(_width(row.name, font) for row in rows)
    gutter += GAP_PX * 2 if gutter else GAP_PX
    size = gutter + sum(widths) + columns * GAP_PX, sum(heights) + len(rows) * (LINE_PX + GAP_PX) + GAP_PX
    sheet = Image.new("RGB", size, "white")
    draw = ImageDraw.Draw(sheet)
    top = GAP_PX
    for row, pictures, height in zip(rows, shown, heights, strict=True):
        middle = top + LINE_PX + height // 2
        draw.multiline_text((GAP_PX, middle), row.name, INK, font, anchor="lm", spacing=LINE_PX - TEXT_PX)
        left = gutter
        for (picture, caption), width in zip(pictures, widths, strict=False):
            draw.text((left + width // 2, top + LINE_PX // 2), caption, INK, font, anchor="mm")
            place = left + (width - picture.shape[1]) // 2, top + LINE_PX + (height - picture.shape[0]) // 2
            sheet.paste(Image.fromarray(picture), place)
            left += width + GAP_PX
        top += LINE_PX + height + GAP_PX
    return np.asarray(sheet)


def _fitted(picture: Pixels) -> Pixels:
    """Return `picture` at a size that is seen well: unchanged where its long side is."""
    height, width = picture.shape[:2]
    long = max(height, width)
    scale = min(LARGEST_PX, max(SMALLEST_PX, long)) / long
    return resize(picture, max(1, round(width * scale)), max(1, round(height * scale)))


def _width(text: str, font: ImageFont.FreeTypeFont | ImageFont.ImageFont) -> int:
    return max((int(np.ceil(font.getlength(line))) for line in text.splitlines()), default=0)
