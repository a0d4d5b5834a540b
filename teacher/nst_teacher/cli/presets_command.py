"""nst-teacher presets: what there is, from which paper, and every setting."""

import json
import sys
from typing import Annotated, Any

import typer

from nst_runtime.cli.explain import explain, explain_json
from nst_runtime.cli.options import JsonOption
from nst_runtime.cli.output import is_terminal, print_json
from nst_runtime.errors import NstError
from nst_teacher.settings.presets import Preset, choose, load_preset, preset_names

PLAIN = Preset("plain", summary="The plain method: what is done without a preset.")
EPILOG = """\b
Examples:
  nst-teacher presets
  nst-teacher presets --explain mak2021 >mine.toml
  nst-teacher stylize photo.jpg wave.jpg out.png --preset mine.toml
"""


def presets_command(
    name: Annotated[
        str | None, typer.Argument(metavar="NAME", help="The preset to explain; without it the plain method.")
    ] = None,
    explained: Annotated[
        bool, typer.Option("--explain", help="Print every setting with its meaning, as a file for --preset.")
    ] = False,
    as_json: JsonOption = False,
) -> None:
    """List the presets: the papers' methods, ready to run with --preset NAME.

    With --explain every setting is printed, with its meaning, valid values, default and paper. Each can be set with
    --set SECTION.NAME=VALUE. What is printed is a preset file, to be changed and given as --preset FILE.toml.

    In a pipe the list has lines of three columns, separated by tabs.
    """
    if name is not None and not explained:
        raise NstError(f"{name} would change nothing in the list", f"give --explain {name}, or leave it out")
    if explained:
        preset = PLAIN if name is None else load_preset(name)
        settings = choose(preset.sections, {})
        if as_json:
            print_json({**_about(preset), "settings": explain_json(settings)})
        else:
            print(f"{_head(preset)}\n\n{explain(settings)}")
        return
    presets = [load_preset(found) for found in preset_names()]
    if as_json:
        print_json([{**_about(preset), "settings": preset.sections} for preset in presets])
    else:
        _print_list(presets)


def _about(preset: Preset) -> dict[str, Any]:
    return {"name": preset.name, "paper": preset.paper, "source": preset.source, "summary": preset.summary}


def _head(preset: Preset) -> str:
    values = [(key, value) for key, value in _about(preset).items() if key != "name" and value]
    return "\n".join(f"{key} = {json.dumps(value, ensure_ascii=False)}" for key, value in values)


def _print_list(presets: list[Preset]) -> None:
    lines = [(preset.name, f"{preset.paper}: {preset.source}", preset.summary) for preset in presets]
    if not is_terminal(sys.stdout):
        print("\n".join("\t".join(line) for line in lines))
        return
    from rich.console import Console
    from rich.table import Table

    table = Table("name", "from", "what it does", box=None, pad_edge=False)
    for line in lines:
        table.add_row(*line)
    Console().print(table)
