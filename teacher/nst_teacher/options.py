"""The options that the teacher's commands share: how to stylise, and on which machine."""

import inspect
from collections.abc import Callable
from functools import wraps
from typing import Annotated, Any

import torch
import typer

from nst_features import DeviceName, pick_device, set_arithmetic
from nst_teacher.layer_matching import match_layers
from nst_teacher.method import Method
from nst_teacher.method_table import Table, from_table
from nst_teacher.option_table import MACHINE, METHOD, parameters, read_given, split_layers
from nst_teacher.presets import Preset, load_preset

__all__ = ["collect_method", "prepare_device", "read_preset", "split_layers", "with_method"]


def read_preset(
    preset: Annotated[
        str | None,
        typer.Option(rich_help_panel=METHOD, help="A paper's method, see nst-teacher presets; options change it."),
    ] = None,
) -> Preset | None:
    """Return the preset of that name, if one is given."""
    return None if preset is None else load_preset(preset)


def collect_method(
    given: Table,
    preset: Preset | None,
    match: Annotated[
        bool,
        typer.Option(
            "--match-layers", rich_help_panel=METHOD, help="Let the nearest layer stand in for one that is missing."
        ),
    ] = False,
) -> Method:
    """Return the method that `preset` and the options in `given` describe.

    With a preset, the random network's layers stand in for the preset's. Which one for which is said on stderr.
    """
    table = read_given(given)
    method = from_table(table) if preset is None else preset.method(table)
    if not match and (preset is None or method.network != "random"):
        return method
    method, stand_ins = match_layers(method)
    if stand_ins:
        pairs = ", ".join(f"{stand_in.taken} for {stand_in.missing}" for stand_in in stand_ins)
        typer.echo(f"layers of {method.network} that stand in: {pairs}", err=True)
    return method


def prepare_device(
    device: Annotated[DeviceName, typer.Option(rich_help_panel=MACHINE, help="Where to compute.")] = "auto",
    threads: Annotated[
        int | None, typer.Option(min=1, rich_help_panel=MACHINE, help="Processor threads; default: every core.")
    ] = None,
) -> torch.device:
    """Set what concerns the whole process and return the device."""
    if threads is not None:
        torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic = True
    return pick_device(device)


def with_method(command: Callable[..., None]) -> Callable[..., None]:
    """Let `command`, which takes ``method``, ``device`` and maybe ``preset``, have the shared options in their place.

    typer reads a command's options off its signature, so the wrapper's is the command's own followed by those of
    `nst_teacher.option_table` and of the functions above; each option is written once.
    """
    made = ("method", "device", "preset")
    own = inspect.signature(command).parameters
    preset, *_ = inspect.signature(read_preset).parameters.values()
    match = inspect.signature(collect_method).parameters["match"]
    machine = inspect.signature(prepare_device).parameters
    settings = parameters()
    every = [p for p in own.values() if p.name not in made] + [preset, *settings, match, *machine.values()]

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 (typer passes what the signature below names)
        chosen = read_preset(given.pop("preset"))
        table = {setting.name: given.pop(setting.name) for setting in settings}
        method = collect_method(table, chosen, given.pop("match"))
        device = prepare_device(**{name: given.pop(name) for name in machine})
        set_arithmetic(method.precision)
        values: dict[str, Any] = {"method": method, "device": device, "preset": chosen}
        command(**given, **{name: value for name, value in values.items() if name in own})

    signature = inspect.Signature([p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in every])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in every} | {"return": None}
    return run
