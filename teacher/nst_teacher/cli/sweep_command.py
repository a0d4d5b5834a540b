"""nst-teacher sweep: a row of pictures from too little style to too much."""

import sys
from functools import partial
from pathlib import Path
from typing import Annotated

import torch
import typer

from nst_teacher.cli.option_table import LOSS
from nst_teacher.cli.options import Choice, with_method
from nst_teacher.cli.progress_display import follow, progress_display
from nst_teacher.cli.stylize_command import SizeOption, choose_size
from nst_teacher.figures.sweep import Sweep, parse_range, sweep

# What --balance auto sets from gradients would undo every weight of style; and there are no masks.
SETTLED = ("style_weight", "balance", "balance_ratio", "mask_feather_px")


@partial(with_method, without=SETTLED)
def sweep_command(
    content: Annotated[Path, typer.Argument(help="Photo.")],
    style: Annotated[Path, typer.Argument(help="Style picture.")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="Folder to write to.")],
    style_weight: Annotated[
        str,
        typer.Option(
            metavar="LOW:HIGH[:COUNT]",
            rich_help_panel=LOSS,
            help="Weights of style, in equal ratios; usually 6.",
        ),
    ],
    size: SizeOption = None,
    *,
    choice: Choice,
    device: torch.device,
) -> None:
    """Stylise one photo with a range of style weights, in one row.

    Writes sweep.png (all in one sheet), the pictures, sweep.csv (style and content losses, without their weights) and
    sweep.jsonl (losses along the way) to OUT_DIR, and prints the paths of sheet, table and log.

    Example: nst-teacher sweep photo.jpg wave.jpg out --style-weight 1e2:1e7 --preset saric2020 --network random
    """
    task = Sweep(content, style, out, choose_size(size, choice.preset), parse_range(style_weight))
    with progress_display(sys.stderr, len(task.weights), "pictures") as display:
        paths = follow(sweep(task, choice.without(SETTLED).method(), device), display)
    print(*paths, sep="\n")
