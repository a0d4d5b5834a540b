"""From linear light to a finished picture: exposure, tone curve, bloom, vignette, grain, size."""

from __future__ import annotations

import io
from pathlib import Path

import numpy as np
from PIL import Image

from assets.draw.arrays import Array, blur

BUDGET_BYTES = 350_000


def shrink(image: Array, factor: int) -> Array:
    """Mean over factor×factor pixels."""
    height, width = image.shape[0] // factor, image.shape[1] // factor
    kept = image[: height * factor, : width * factor]
    return np.asarray(kept.reshape(height, factor, width, factor, -1).mean((1, 3), dtype=np.float32))


def tone_curve(light: Array, exposure: float, contrast: float) -> Array:
    """Film-like response of linear light to sRGB values in 0…1: soft shoulder, then an S curve."""
    shown = 1.0 - np.exp(-np.maximum(light, 0.0) * exposure)
    encoded = np.where(shown < 0.0031308, 12.92 * shown, 1.055 * np.maximum(shown, 1e-8) ** (1 / 2.4) - 0.055)
    curved = encoded * encoded * (3 - 2 * encoded)
    return np.asarray(encoded + (curved - encoded) * contrast)


def add_bloom(light: Array, strength: float) -> Array:
    """Let a little of the light spread, as in a lens; the spread is a share of the picture's height."""
    wide = blur(light, light.shape[0] / 60) * 0.6 + blur(light, light.shape[0] / 16) * 0.4
    return np.asarray(light * (1 - strength) + wide * strength)


def vignette(image: Array, strength: float) -> Array:
    """Darken towards the corners by at most `strength`."""
    height, width = image.shape[:2]
    row = (np.arange(height, dtype=np.float32)[:, None] / height - 0.5) * 1.4
    column = (np.arange(width, dtype=np.float32) / width - 0.5) * 1.4
    falloff = 1 - strength * np.clip(row**2 + column**2, 0, 1) ** 1.3
    return np.asarray(image * falloff[..., None])


def grain(image: Array, strength: float, seed: int) -> Array:
    """Film grain of the given standard deviation (of 1), strongest in the middle tones."""
    rng = np.random.default_rng(seed)
    height, width = image.shape[:2]
    luma = rng.standard_normal((height, width, 1), dtype=np.float32)
    soft = luma * 0.8 + (np.roll(luma, 1, 0) + np.roll(luma, 1, 1)) * 0.35
    colour = rng.standard_normal((height, width, 3), dtype=np.float32) * 0.35
    middle = 0.35 + 2.6 * image * (1 - image)
    return np.asarray(image + (soft + colour) * strength * middle)


def saturate(image: Array, amount: float) -> Array:
    """Move colours away from (amount > 1) or towards grey."""
    grey = image @ np.array([0.3, 0.59, 0.11], np.float32)
    return np.asarray(grey[..., None] + (image - grey[..., None]) * amount)


def to_bytes(image: Array) -> Array:
    """Values in 0…1 as uint8."""
    return np.asarray(np.clip(image * 255.0 + 0.5, 0, 255).astype(np.uint8))


def write_jpeg(path: Path, rgb: Array, quality: int = 92) -> int:
    """Save as JPEG at `quality`, or as much lower as the size budget asks; the size in bytes."""
    while True:
        packed = io.BytesIO()
        Image.fromarray(rgb).save(packed, "JPEG", quality=quality, subsampling=2, optimize=True, progressive=True)
        if packed.tell() <= BUDGET_BYTES or quality <= 70:
            break
        quality -= 1
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(packed.getvalue())
    return packed.tell()
