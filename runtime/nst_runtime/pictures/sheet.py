"""Sheets: rows of pictures, each with a line above it, each row with its name."""

from collections.abc import Sequence

import numpy as np
from PIL import Image, ImageDraw, ImageFont

from nst_runtime.pictures.arrays import Pixels, resize
from nst_runtime.pictures.collage import SheetRow

TEXT_PX, LINE_PX, GAP_PX = 16, 24, 8
INK, WHITE = "#222222", 255
Font = ImageFont.FreeTypeFont | ImageFont.ImageFont


def draw_sheet(rows: Sequence[SheetRow], cell_px: int) -> Pixels:
    """Return the sheet of `rows`, uint8 H×W×3, black on white, each picture `cell_px` wide unless that is too narrow.

    A column that has a longer caption is as wide as that.
    """
    font = ImageFont.load_default(TEXT_PX)
    captions = [cell.caption for row in rows for cell in row.cells]
    width = max(cell_px, *(_width(caption, font) for caption in captions))
    gutter = max(_width(row.name, font) for row in rows)
    columns = max(len(row.cells) for row in rows)
    bands = [_band(row, cell_px, width, columns, gutter, font) for row in rows]
    sheet = np.concatenate(bands)
    return np.pad(sheet, ((GAP_PX, 0), (GAP_PX, 0), (0, 0)), constant_values=WHITE)


def _band(row: SheetRow, cell_px: int, width: int, columns: int, gutter: int, font: Font) -> Pixels:
    pictures = [_fitted(cell.picture, cell_px) for cell in row.cells]
    height = LINE_PX + max(len(picture) for picture in pictures)
    left = gutter + (GAP_PX if gutter else 0)
    band = Image.new("RGB", (left + columns * (width + GAP_PX), height + GAP_PX), "white")
    draw = ImageDraw.Draw(band)
    draw.text((0, (LINE_PX + height) // 2), row.name, INK, font, anchor="lm")
    for cell, picture in zip(row.cells, pictures, strict=True):
        middle = left + width // 2
        draw.text((middle, LINE_PX // 2), cell.caption, INK, font, anchor="mm")
        band.paste(Image.fromarray(picture), (middle - picture.shape[1] // 2, LINE_PX))
        left += width + GAP_PX
    return np.asarray(band)


def _fitted(picture: Pixels, width_px: int) -> Pixels:
    height, width = picture.shape[:2]
    return resize(picture, width_px, max(1, round(height * width_px / width)))


def _width(text: str, font: Font) -> int:
    return int(np.ceil(font.getlength(text)))
