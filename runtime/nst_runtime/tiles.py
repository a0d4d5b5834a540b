"""Put pictures side by side."""

from collections.abc import Sequence

import numpy as np

from nst_runtime.images import Pixels


def tile(rows: Sequence[Sequence[Pixels]], gap_px: int = 4) -> Pixels:
    """Return one picture of `rows` of equally large H×W×3 uint8 pictures, with white gaps between them.

    Raises ValueError when the pictures or the rows differ in size.
    """
    if {len(row) for row in rows} != {len(rows[0])} or {p.shape for row in rows for p in row} != {rows[0][0].shape}:
        raise ValueError("tiles need rows of equally many and equally large pictures")
    height, width = rows[0][0].shape[:2]
    down, across = height + gap_px, width + gap_px
    sheet = np.full((len(rows) * down - gap_px, len(rows[0]) * across - gap_px, 3), 255, np.uint8)
    for row, pictures in enumerate(rows):
        for column, picture in enumerate(pictures):
            sheet[row * down : row * down + height, column * across : column * across + width] = picture
    return sheet
