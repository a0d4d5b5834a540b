"""A depth-buffered canvas for points: leaves, grass and brush hairs are drawn as many small discs."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.draw.arrays import Array


def _disc(radius_px: float) -> list[tuple[int, int]]:
    reach = int(np.ceil(radius_px))
    inside = range(-reach, reach + 1)
    return [(i, j) for i in inside for j in inside if i * i + j * j <= radius_px * radius_px + 0.2]


@dataclass(frozen=True)
class Points:
    """N points on the canvas: place and radius in pixels, depth (smaller hides larger), RGB (or any channels)."""

    column: Array
    row: Array
    depth: Array
    radius_px: Array
    rgb: Array

    def __getitem__(self, keep: Array) -> Points:
        """Those of the points that a mask or an index array selects."""
        return Points(self.column[keep], self.row[keep], self.depth[keep], self.radius_px[keep], self.rgb[keep])


def _stamps(points: Points, size: float, shape: tuple[int, int]) -> tuple[Array, Array]:
    """Flat pixel indices and point indices of all the discs of one size that fall on the canvas."""
    row, column = np.round(points.row).astype(np.int64), np.round(points.column).astype(np.int64)
    places, owners = [], []
    for i, j in _disc(size):
        inside = (row + i >= 0) & (row + i < shape[0]) & (column + j >= 0) & (column + j < shape[1])
        places.append(((row + i) * shape[1] + column + j)[inside])
        owners.append(np.flatnonzero(inside))
    return np.concatenate(places), np.concatenate(owners)


def draw_points(image: Array, depth: Array, points: Points) -> None:
    """Draw the points into an H×W×C picture and its H×W depth buffer, in place, nearest on top."""
    flat_rgb, flat_depth = image.reshape(-1, image.shape[-1]), depth.reshape(-1)
    sizes = np.clip(np.round(points.radius_px * 2) / 2, 0.0, 12.0)
    for size in np.unique(sizes):
        chosen = points[np.flatnonzero(sizes == size)]
        place, owner = _stamps(chosen, float(size), depth.shape[:2])
        z = chosen.depth[owner].astype(flat_depth.dtype)
        np.minimum.at(flat_depth, place, z)
        on_top = z <= flat_depth[place]
        flat_rgb[place[on_top]] = chosen.rgb[owner[on_top]]
