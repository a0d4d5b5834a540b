"""The little picture in a style file: a drawn scene, painted."""

import io
from pathlib import Path

import torch
from PIL import Image

from nst_runtime.pictures.arrays import from_unit, resize, to_unit
from nst_runtime.pictures.read import read_picture
from nst_student.networks.checkpoint import Codec
from nst_student.networks.registry import Bank

SCENE = Path(__file__).parent / "shipped" / "scene.jpg"
PREVIEW_PX = 160
QUALITY = 70


def paint_preview(codec: Codec, bank: Bank) -> bytes:
    """Return the scene that comes with the package, 448×448, painted by `bank` and made smaller: a WebP of some kB."""
    device = next(bank.parameters()).device
    photo = torch.from_numpy(to_unit(read_picture(SCENE).rgb)).to(device)
    with torch.inference_mode():
        painted = codec.decoder(*bank(*codec.encoder(photo)))
    file = io.BytesIO()
    small = resize(from_unit(painted.clamp(0, 1).float().cpu().numpy()), PREVIEW_PX, PREVIEW_PX)
    Image.fromarray(small).save(file, "WEBP", quality=QUALITY, method=6)
    return file.getvalue()
