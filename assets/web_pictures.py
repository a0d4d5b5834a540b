"""Draw the page's icons and pictures into web/public: python assets/web_pictures.py."""

from __future__ import annotations

from pathlib import Path

import numpy as np
from PIL import Image

from nst_runtime import Stylizer

PUBLIC = Path(__file__).parents[1] / "web" / "public"
SCENES = Path(__file__).parent / "scenes"
SAMPLE_SIZE = (720, 540)
SKY, SUN = "#1d2b4f", "#f7efe0"
BANDS = ((0.36, "#f2b544"), (0.56, "#e2542f"), (0.76, "#1f7a74"))
HERO_STYLES = (None, "starry", "klee", "mosaic", "horse")
FINER = 4  # drawn so many times larger, for smooth edges


def icon(size_px: int, *, corner: float) -> Image.Image:
    """Return three waves under a moon; `corner` is the corners' radius as a share of the side."""
    side = size_px * FINER
    rows, columns = (np.mgrid[0:side, 0:side] + 0.5) / side
    pixels = np.empty((side, side, 4), np.uint8)
    pixels[...] = rgba(SKY)
    pixels[np.hypot(columns - 0.7, rows - 0.22) < 0.095] = rgba(SUN)
    for top, color in BANDS:
        pixels[rows > top - 0.075 * np.sin(columns * 2 * np.pi * 1.1 - 0.35)] = rgba(color)
    beyond = np.hypot(*(np.maximum(np.abs(axis - 0.5) - 0.5 + corner, 0) for axis in (rows, columns))) > corner
    if corner:
        pixels[beyond] = 0
    return Image.fromarray(pixels).resize((size_px, size_px), Image.Resampling.BOX)


def rgba(color: str) -> tuple[int, ...]:
    """Return the four bytes of a color such as ``#1d2b4f``."""
    return (*bytes.fromhex(color[1:]), 255)


def vector() -> str:
    """Return the same picture as SVG."""
    columns = np.linspace(0, 64, 17)
    waves = []
    for top, color in BANDS:
        rows = 64 * (top - 0.075 * np.sin(columns / 64 * 2 * np.pi * 1.1 - 0.35))
        points = " ".join(f"{x:g},{y:.1f}" for x, y in zip(columns, rows, strict=True))
        waves.append(f'<polygon fill="{color}" points="{points} 64,64 0,64"/>')
    clip = '<clipPath id="c"><rect width="64" height="64" rx="15"/></clipPath>'
    sky = f'<rect width="64" height="64" fill="{SKY}"/><circle cx="44.8" cy="14.1" r="6.1" fill="{SUN}"/>'
    head = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 64 64">'
    return f'{head}{clip}<g clip-path="url(#c)">{sky}{"".join(waves)}</g></svg>\n'


def hero() -> Image.Image:
    """Return the lake in vertical parts: as it is, and in several styles."""
    with Image.open(SCENES / "landscape.jpg") as scene:
        photo = np.asarray(scene.convert("RGB").resize((960, 720), Image.Resampling.LANCZOS))
    picture, stylizer = photo.copy(), Stylizer.load()
    edges = np.linspace(0, photo.shape[1], len(HERO_STYLES) + 1).round().astype(int)
    for style, left, right in zip(HERO_STYLES, edges, edges[1:], strict=False):
        if style:
            picture[:, left:right] = stylizer.stylize(photo, style)[:, left:right]
            picture[:, left - 2 : left + 2] = 255
    return Image.fromarray(picture[40:680])


def main() -> None:
    """Write all files."""
    for size_px in (192, 512):
        icon(size_px, corner=0.23).save(PUBLIC / f"icon-{size_px}.png", optimize=True)
    icon(512, corner=0).convert("RGB").save(PUBLIC / "icon-maskable-512.png", optimize=True)
    (PUBLIC / "icon.svg").write_text(vector())
    hero().save(PUBLIC / "hero.jpg", quality=78, optimize=True)
    (PUBLIC / "samples").mkdir(parents=True, exist_ok=True)
    for path in sorted(SCENES.glob("*.jpg")):
        with Image.open(path) as scene:
            small = scene.convert("RGB").resize(SAMPLE_SIZE, Image.Resampling.LANCZOS)
        small.save(PUBLIC / "samples" / path.name, quality=82, optimize=True)


if __name__ == "__main__":
    main()
