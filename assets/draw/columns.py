"""Views of a height field, column by column.

The land is sampled along each column of the picture, far and densely enough; what is seen in a pixel is the first
sample whose line of sight reaches it.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from assets.draw.arrays import Array


@dataclass(frozen=True)
class Camera:
    """A level camera at the origin.

    `height` is in metres, the focal length a share of the picture's width, and the horizon a share of the
    picture's height from above.
    """

    height: float
    focal: float
    horizon: float

    def slopes(self, width_px: int) -> Array:
        """Sideways slope x / y of each column's line of sight."""
        return ((np.arange(width_px, dtype=np.float32) + 0.5) / width_px - 0.5) / np.float32(self.focal)

    def rises(self, width_px: int, height_px: int) -> Array:
        """Upward slope z / y of each row's line of sight."""
        return (self.horizon * height_px - np.arange(height_px, dtype=np.float32) - 0.5) / np.float32(
            self.focal * width_px
        )


@dataclass(frozen=True)
class Field:
    """Heights T×W over the columns' lines of sight, at T growing distances `y`."""

    y: Array
    slope: Array
    z: Array

    def at(self, index: Array, values: Array) -> Array:
        """Values (T×W) interpolated at fractional indices H×W along each column."""
        low = np.clip(index.astype(np.int32), 0, len(self.y) - 2)
        share = (index - low).astype(np.float32)
        column = np.arange(index.shape[1])[None, :]
        first, second = values[low, column], values[low + 1, column]
        if values.ndim == 3:
            share = share[..., None]
        return np.asarray(first + (second - first) * share)

    def normals(self) -> Array:
        """Return unit normals T×W×3 from the neighbours' heights."""
        along = np.gradient(self.z, axis=0) / np.gradient(self.y)[:, None]
        side = np.gradient(self.z, axis=1) / np.gradient(self.slope)[None, :] / self.y[:, None]
        along = along - side * self.slope[None, :]
        length = np.sqrt(1 + side * side + along * along)
        return np.stack([-side / length, -along / length, 1 / length], -1).astype(np.float32)


def distances(near: float, far: float, count: int) -> Array:
    """Distances in geometric progression."""
    return np.geomspace(near, far, count).astype(np.float32)


def first_hits(field: Field, eye: float, rises: Array) -> Array:
    """Fractional index (H×W) of the first sample seen in each pixel, and len(y) where there is only sky.

    `rises` are the rows' upward slopes, falling. An eye below zero sees the land's mirror image in water.
    """
    shown = (field.z - eye) / field.y[:, None]
    horizon = np.maximum.accumulate(shown, axis=0)
    upward = rises[::-1]
    out = np.empty((len(rises), field.z.shape[1]), np.float32)
    for column in range(out.shape[1]):
        hit = np.searchsorted(horizon[:, column], upward)
        after = np.clip(hit, 1, len(field.y) - 1)
        low, high = shown[after - 1, column], shown[after, column]
        share = np.clip((upward - low) / np.maximum(high - low, 1e-9), 0, 1)
        out[::-1, column] = np.where(hit >= len(field.y), len(field.y), after - 1 + share)
    return out
