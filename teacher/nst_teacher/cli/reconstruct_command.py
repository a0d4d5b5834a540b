"""nst-teacher reconstruct: what each layer of a network keeps of a picture and of a style."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer

from nst_teacher.cli.options import Choice, with_method
from nst_teacher.cli.progress_display import follow, progress_display
from nst_teacher.cli.stylize_command import SizeOption, choose_size
from nst_teacher.figures.reconstruct import Reconstruction, reconstruct

USUAL = {"start": "noise", "iterations": 200, "variation_weight": 0.0, "scales": 1}
# Each picture is from one term alone; its layers are the columns, whatever a preset says.
SETTLED = (
    "content_weight", "style_weight", "layer_weights", "content_layer_weights", "balance", "balance_ratio", "framing",
    "deep_weights", "deep_layers", "deep_weight", "deep_normalisation", "style_size_px", "style_scale", "colour",
    "mask_feather_px",
)  # fmt: skip
COLUMNS = ("content_layers", "style_layers")


@partial(with_method, usual=USUAL, without=SETTLED)
def reconstruct_command(
    image: Annotated[Path, typer.Argument(help="Picture to reconstruct.")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder to write to.")],
    style_image: Annotated[
        Path | None, typer.Option(metavar="PICTURE", help="Picture whose style to reconstruct.", show_default="IMAGE")
    ] = None,
    size: SizeOption = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Style from each layer by itself, not from all up to it.")
    ] = False,
    *,
    choice: Choice,
    device: torch.device,
) -> None:
    """Reconstruct a picture from each layer's features, and its style from the layers' Gram matrices.

    The columns are a layer of each depth (of ResNet-50: conv1 and the four blocks), or those of --content-layers and
    --style-layers. Writes reconstruct.png (all in one sheet), the pictures, reconstruct.csv (losses of the layers) and
    reconstruct.jsonl (losses along the way) to OUT_DIR, and prints the paths of sheet, table and log.

    Example: nst-teacher reconstruct photo.jpg out --style-image wave.jpg --preset gatys2016 --network random
    """
    task = Reconstruction(image, style_image or image, out, choose_size(size, choice.preset), alone)
    with progress_display(sys.stderr, 1, "pictures") as display:
        paths = follow(reconstruct(task, choice.without((*SETTLED, *COLUMNS)).method(), device), display)
    print(*paths, sep="\n")
