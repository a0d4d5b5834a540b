"""Masks: which parts of the photo get the style of which parts of the style picture."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from PIL import Image
from torch.nn import functional as F

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Floats, Pixels
from nst_runtime.pictures.read import read_picture

SMALLEST_LABEL = 0.005  # of the pixels: rarer colours are the blurred borders between labels
LABELS_AT_MOST = 16
LABELLED = 0.9  # of the pixels must have one of the labels' colours, else the picture is no label image


@dataclass(frozen=True)
class Regions:
    """K regions: their names, and how much each pixel belongs to each, float32 K×H×W that sums to 1 over K."""

    names: tuple[str, ...]
    shares: Floats


def read_regions(paths: Sequence[Path], picture: Path, shape: tuple[int, int]) -> Regions:
    """Return the regions that the mask files `paths` draw over `picture`, which is `shape` = (height, width) px.

    One file: every colour is a region, named by it, or, in a grey picture of at most two labels, light and dark are two
    regions with every shade between. Several files: each is the soft mask of a region, white inside. Raises NstError
    for a mask of another size, one without labels, or pixels that no mask covers.
    """
    masks = [read_picture(path).rgb for path in paths]
    for path, mask in zip(paths, masks, strict=True):
        if mask.shape[:2] != shape:
            raise NstError(
                f"mask {path} is {_size(mask.shape)} px, {picture} is {_size(shape)} px",
                "draw the mask at the picture's size",
            )
    if len(masks) == 1:
        return _from_labels(paths[0], masks[0])
    shares = np.stack([mask.mean(axis=2) for mask in masks]) / 255
    total = shares.sum(axis=0)
    if float(total.min()) < 0.02:
        raise NstError(
            f"the masks {', '.join(map(str, paths))} leave pixels of {picture} uncovered", "add a mask for those"
        )
    return Regions(tuple(f"mask {n + 1}" for n in range(len(masks))), (shares / total).astype(np.float32))


def _size(shape: tuple[int, ...]) -> str:
    return f"{shape[1]}×{shape[0]}"


def _from_labels(path: Path, mask: Pixels) -> Regions:
    grey = int(np.ptp(mask.astype(np.int16), axis=2).max()) <= 8
    step = 8 if grey else 32  # lossy files blur a flat colour by a few levels
    levels = (mask.astype(np.int16) + step // 2) // step * step
    colours, counts = np.unique(levels.clip(0, 255).reshape(-1, 3), axis=0, return_counts=True)
    kept = counts >= max(1.0, SMALLEST_LABEL * counts.sum())
    labelled = 2 < kept.sum() <= LABELS_AT_MOST and counts[kept].sum() >= LABELLED * counts.sum()
    if grey and not labelled:
        return _from_shades(path, mask)
    if kept.sum() > LABELS_AT_MOST or counts[kept].sum() < LABELLED * counts.sum() or kept.sum() < 2:
        raise NstError(
            f"mask {path} has {int(kept.sum())} labels; there can be 2 to {LABELS_AT_MOST}",
            "paint each region in one flat colour, or give a grey mask for each region",
        )
    labels = colours[kept]
    nearest = np.stack([np.abs(mask.astype(np.int16) - label).sum(axis=2) for label in labels]).argmin(axis=0)
    names = tuple("#" + "".join(f"{value:02x}" for value in label) for label in labels)
    shares = np.stack([nearest == index for index in range(len(labels))])
    return Regions(names, shares.astype(np.float32))


def _from_shades(path: Path, mask: Pixels) -> Regions:
    light = mask.mean(axis=2)
    low, high = float(light.min()), float(light.max())
    if high - low < 8:
        raise NstError(f"mask {path} is of one colour", "paint at least two regions")
    share = ((light - low) / (high - low)).astype(np.float32)
    return Regions(("light", "dark"), np.stack([share, 1 - share]))


def align(content: Regions, styles: Sequence[Regions]) -> list[Regions]:
    """Return `styles` with their regions in the order of `content`'s, those that a picture lacks empty.

    Raises NstError when a region is on one side only.
    """
    there = {name for style in styles for name in style.names}
    if there != set(content.names):
        raise NstError(
            f"the content mask has {_list(content.names)}, the style mask {_list(sorted(there))}",
            "draw the same regions in both",
        )
    return [_reorder(style, content.names) for style in styles]


def _list(names: Sequence[str]) -> str:
    return f"{len(names)} region{'s' if len(names) > 1 else ''} ({', '.join(names)})"


def _reorder(style: Regions, names: tuple[str, ...]) -> Regions:
    empty = np.zeros_like(style.shares[0])
    found = [style.shares[style.names.index(name)] if name in style.names else empty for name in names]
    return Regions(names, np.stack(found))


def resize_shares(shares: Floats, width: int, height: int) -> Floats:
    """Return `shares` K×H×W at another size, antialiased: float32 K×height×width in [0, 1]."""
    if shares.shape[1:] == (height, width):
        return shares
    layers = [Image.fromarray(share).resize((width, height), Image.Resampling.BILINEAR) for share in shares]
    return np.stack([np.asarray(layer, np.float32) for layer in layers])


def feather(shares: torch.Tensor, radius_px: float) -> torch.Tensor:
    """Return `shares` B×K×H×W with soft borders, a Gaussian of deviation `radius_px`; sums over K stay."""
    if radius_px <= 0:
        return shares
    reach = max(1, round(3 * radius_px))
    places = torch.arange(-reach, reach + 1, device=shares.device, dtype=shares.dtype)
    kernel = torch.exp(-0.5 * (places / radius_px).square())
    kernel = kernel / kernel.sum()
    flat = shares.flatten(0, 1)[:, None]
    flat = F.conv2d(F.pad(flat, (0, 0, reach, reach), mode="replicate"), kernel.view(1, 1, -1, 1))
    flat = F.conv2d(F.pad(flat, (reach, reach, 0, 0), mode="replicate"), kernel.view(1, 1, 1, -1))
    return flat.view(shares.shape)
