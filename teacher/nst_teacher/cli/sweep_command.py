"""nst-teacher sweep: a row of pictures from too little style to too much."""

import sys
from pathlib import Path
from typing import Annotated

import typer

from nst_runtime.cli.settings_options import Given, with_settings
from nst_teacher.cli.choice import LISTED, NOT_FOR_FIGURES, PresetOption, read_choice, start
from nst_teacher.settings.series import parse_range
from nst_teacher.settings.teacher_settings import TeacherSettings

_UNDONE = "weights from gradients would undo every weight of style"
SETTLED = {
    "losses.style_weight": "--style-weight has all weights of style, as LOW:HIGH",
    "losses.balance": _UNDONE,
    "losses.balance_ratio": _UNDONE,
}
SHOWN = (
    "run.size", "network.network", "network.weights", "network.layer_weights", "losses.content_weight",
    "optimisation.iterations", "optimisation.start", "run.device",
)  # fmt: skip
EPILOG = """\b
Example:
  nst-teacher sweep photo.jpg wave.jpg out --style-weight 1e2:1e7 --preset saric2020 --network random
"""


@with_settings(TeacherSettings, SHOWN, listed=LISTED, without={**SETTLED, **NOT_FOR_FIGURES})
def sweep_command(
    content: Annotated[Path, typer.Argument(metavar="CONTENT", help="The photo.")],
    style: Annotated[Path, typer.Argument(metavar="STYLE", help="The style picture.")],
    out: Annotated[Path, typer.Argument(metavar="OUT_DIR", help="The folder to write to.")],
    *,
    style_weight: Annotated[
        str, typer.Option(metavar="LOW:HIGH[:COUNT]", help="Weights of style, in equal ratios; usually 6.")
    ],
    preset: PresetOption = None,
    given: Given,
) -> None:
    """Stylise one photo with a range of style weights, in one row.

    Writes the pictures to OUT_DIR, and all in one sheet, sweep.png. sweep.csv has the losses of style and content,
    without their weights, and sweep.jsonl those along the way. The paths of sheet, table and log are printed.
    """
    weights = parse_range(style_weight)
    settings, device = start(read_choice(preset, given).without(SETTLED))
    from nst_teacher.cli.progress_display import follow, progress_display
    from nst_teacher.figures.sweep import Sweep, sweep

    task = Sweep(content, style, out, settings.size_px, weights)
    with progress_display(sys.stderr, len(weights), "pictures") as display:
        paths = follow(sweep(task, settings.method, device), display)
    print(*paths, sep="\n")
