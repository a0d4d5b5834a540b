"""Draw the two regions of docs/papers.md's spatial control: sky and houses, the style's blue and its ochre strokes.

python assets/papers_masks.py TOWN SWIRLS CONTENT_MASK STYLE_MASK
"""

import sys
from pathlib import Path

import numpy as np
from PIL import Image, ImageFilter

HORIZON = 0.39  # of the town's height
BLUR_PX = 12


def main(town: Path, swirls: Path, content_mask: Path, style_mask: Path) -> None:
    """Write white for the sky and for blue paint, black for the rest."""
    width, height = Image.open(town).size
    sky = np.zeros((height, width), np.uint8)
    sky[: round(HORIZON * height)] = 255
    Image.fromarray(sky).save(content_mask)
    red, _, blue = Image.open(swirls).convert("RGB").filter(ImageFilter.GaussianBlur(BLUR_PX)).split()
    Image.fromarray((np.asarray(blue) > np.asarray(red)).astype(np.uint8) * 255).save(style_mask)


if __name__ == "__main__":
    main(*map(Path, sys.argv[1:]))
