"""The contact sheet: the style picture, and below it photos beside what became of them."""

from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nst_runtime.contracts.pairs import Pair
from nst_runtime.pictures.arrays import Pixels, resize, resize_short_side
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

COLUMNS = 3
ROWS = 8
CELL_PX = 192
GAP_PX = 8
WHITE = 255


def write_sheet(path: Path, style: Pixels, folder: Path, pairs: Sequence[Pair]) -> None:
    """Write a sheet of `style` (uint8 H×W×3) and the first 24 of `pairs`, photo left, result right, to `path`."""
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
