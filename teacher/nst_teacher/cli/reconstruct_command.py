"""nst-teacher reconstruct: what each layer of a network keeps of a picture and of a style."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nst_runtime.cli.settings_options import Given, with_settings
from nst_runtime.contracts.settings import Sections
from nst_teacher.cli.choice import LISTED, NOT_FOR_FIGURES, PresetOption, read_choice, start
from nst_teacher.settings.teacher_settings import TeacherSettings

USUAL: Sections = {
    "network": {"scales": 1},
    "losses": {"variation_weight": 0.0},
    "optimisation": {"start": "noise", "iterations": 200},
}
# Each picture is from one term alone; its layers are the columns, whatever a preset says.
SETTLED = dict.fromkeys(
    (
        "network.layer_weights", "network.content_layer_weights", "deep.weights", "deep.network", "deep.layers",
        "deep.weight", "deep.normalisation", "losses.content_weight", "losses.style_weight", "losses.balance",
        "losses.balance_ratio", "style.style_size_px", "style.style_scale", "style.framing", "style.colour",
    ),
    "each picture is made from one term of the loss alone",
)  # fmt: skip
COLUMNS = ("network.content_layers", "network.style_layers")
SHOWN = ("run.size", "network.network", "network.weights", *COLUMNS, "optimisation.iterations", "run.device")
EPILOG = """\b
Example:
  nst-teacher reconstruct photo.jpg out --style-image wave.jpg --preset gatys2016 --network random
"""


@with_settings(TeacherSettings, SHOWN, listed=LISTED, usual=USUAL, without={**SETTLED, **NOT_FOR_FIGURES})
def reconstruct_command(
    image: Annotated[Path, typer.Argument(metavar="IMAGE", help="The picture to reconstruct.")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="The folder to write to.")],
    style_image: Annotated[
        Path | None, typer.Option(metavar="FILE", help="The picture whose style to reconstruct.", show_default="IMAGE")
    ] = None,
    alone: Annotated[
        bool, typer.Option("--alone", help="Style from each layer by itself, not from all up to it.")
    ] = False,
    preset: PresetOption = None,
    *,
    given: Given,
) -> None:
    """Reconstruct a picture from each layer's features, and its style from the layers' Gram matrices.

    The columns are a layer of each depth (of ResNet-50: conv1 and the four blocks), or those of --content-layers and
    --style-layers. Writes reconstruct.png (all in one sheet), the pictures, reconstruct.csv (losses of the layers) and
    reconstruct.jsonl (losses along the way) to OUT_DIR, and prints the paths of sheet, table and log.
    """
    choice = read_choice(preset, given, USUAL).without((*SETTLED, *COLUMNS))
    settings, device = start(choice)
    from nst_teacher.cli.progress_display import follow, progress_display
    from nst_teacher.figures.reconstruct import Reconstruction, reconstruct

    task = Reconstruction(image, style_image or image, out, settings.size_px, alone)
    with progress_display(sys.stderr, 1, "pictures") as display:
        paths = follow(reconstruct(task, settings.method, device), display)
    print(*paths, sep="\n")
