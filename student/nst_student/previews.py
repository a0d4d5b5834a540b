"""The little picture in a style file: a drawn scene, painted."""

import io
from pathlib import Path

import torch
from PIL import Image

from nst_runtime.pictures.arrays import from_unit, to_unit
from nst_runtime.pictures.read import read_picture
from nst_student.checkpoint import Codec
from nst_student.network import Bank

SCENE = Path(__file__).parent / "shipped" / "scene.jpg"
QUALITY = 75


def paint_preview(codec: Codec, bank: Bank) -> bytes:
    """Return the scene that comes with the package painted by `bank`, as a WebP file of some kB."""
    device = next(bank.parameters()).device
    photo = torch.from_numpy(to_unit(read_picture(SCENE).rgb)).to(device)
    with torch.inference_mode():
        painted = codec.decoder(*bank(*codec.encoder(photo)))
    file = io.BytesIO()
    Image.fromarray(from_unit(painted.clamp(0, 1).float().cpu().numpy())).save(file, "WEBP", quality=QUALITY, method=6)
    return file.getvalue()
