"""The pictures that a style is taken from, at the sizes at which they are measured."""

from dataclasses import dataclass, replace

import torch

from nst_runtime.pictures.arrays import Pixels, to_unit
from nst_teacher.objective.objective import StylePart
from nst_teacher.pictures.color import match_covariance, match_luminance, match_wasserstein
from nst_teacher.pictures.framing import Size, fitted_size, frame_shares, match_frame
from nst_teacher.pictures.masks import Regions, feather
from nst_teacher.settings.method import ColourName, Method


@dataclass(frozen=True)
class StylePicture:
    """A style picture (uint8 H×W×3), its weight in a blend, and its regions, if the photo has regions."""

    rgb: Pixels
    weight: float = 1.0
    regions: Regions | None = None


@dataclass(frozen=True)
class Photos:
    """A batch of photos: as they were given, uint8 H×W×3 each, and B×3×h×w in [0, 1] at the size in work."""

    pixels: tuple[Pixels, ...]
    batch: torch.Tensor
    full_size: Size

    @property
    def size(self) -> Size:
        """Height and width in work."""
        return int(self.batch.shape[2]), int(self.batch.shape[3])


def follows_photos(method: Method) -> bool:
    """Tell whether what is measured of a style depends on the photos' size or colours."""
    return method.framing != "own" or method.style_scale is not None or method.colour != "style"


def measured_size(style: StylePicture, method: Method, size: Size, full: Size) -> Size:
    """Return the size at which `style` is measured for photos of `size`, on the way to `full`."""
    scale = 1.0 if method.style_scale is None else method.style_scale
    if method.framing != "own":
        return max(1, round(size[0] * scale)), max(1, round(size[1] * scale))
    coarse = min(size) / min(full)
    short = method.style_size_px if method.style_scale is None else min(full) * scale
    return fitted_size(style.rgb, max(1, round(short * coarse)))


def prepare(style: StylePicture, method: Method, size: Size, photos: Photos | None, device: torch.device) -> StylePart:
    """Return `style` at `size` px, with the colours that `method` wants (those of `photos`), on `device`."""
    rgb = match_frame(style.rgb, size, method.framing)
    images = torch.from_numpy(to_unit(rgb)).to(device)
    if photos is not None and method.colour != "style":
        images = recolour(rgb, images, photos, method.colour)
    regions = None
    if style.regions is not None:
        shares = torch.from_numpy(frame_shares(style.regions.shares, size, method.framing))[None].to(device)
        regions = feather(shares, method.mask_feather_px)
    return StylePart(images, style.weight, regions)


def recolour(rgb: Pixels, images: torch.Tensor, photos: Photos, colour: ColourName) -> torch.Tensor:
    """Return the style picture once for each photo, B×3×h×w, in colours that suit it."""
    if colour == "luminance":
        return match_luminance(images, photos.batch)
    match = match_covariance if colour == "covariance" else match_wasserstein
    return torch.cat([torch.from_numpy(to_unit(match(rgb, photo))) for photo in photos.pixels]).to(images)


def as_parts(styles: list[StylePart], batch: int) -> list[StylePart]:
    """Return `styles` with regions once for each of their pictures."""
    return [
        part
        if part.regions is None or len(part.images) == 1
        else replace(part, regions=part.regions.expand(batch, -1, -1, -1))
        for part in styles
    ]
