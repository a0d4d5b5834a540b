"""nst-teacher presets: what there is, and from which paper."""

import json
from dataclasses import asdict
from typing import Annotated

import typer
from rich.console import Console
from rich.table import Table

from nst_teacher.settings.method_table import to_table
from nst_teacher.settings.presets import load_preset, preset_names


def presets_command(
    as_json: Annotated[bool, typer.Option("--json", help="Print every value, as JSON.")] = False,
) -> None:
    """List the presets: the papers' methods, ready to run with --preset NAME. In a pipe: lines of three columns.

    Example: nst-teacher stylize photo.jpg wave.jpg out.png --preset mak2021 --network random
    """
    presets = [load_preset(name) for name in preset_names()]
    if as_json:
        rows = [{**asdict(preset), "table": to_table(preset.method())} for preset in presets]
        print(json.dumps(rows, indent=2, ensure_ascii=False))
        return
    lines = [(preset.name, f"{preset.paper}: {preset.source}", preset.summary) for preset in presets]
    console = Console()
    if not console.is_terminal:
        print("\n".join("\t".join(line) for line in lines))
        return
    table = Table("name", "from", "what it does", box=None, pad_edge=False)
    for line in lines:
        table.add_row(*line)
    console.print(table)
