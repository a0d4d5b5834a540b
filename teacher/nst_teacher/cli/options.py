"""The options that the teacher's commands share: how to stylise, and on which machine."""

import inspect
from collections.abc import Callable, Collection
from dataclasses import dataclass, field, replace
from functools import wraps
from typing import Annotated, Any

import torch
import typer

from nst_features.device import pick_device, set_arithmetic
from nst_features.names import DeviceName
from nst_teacher.cli.idle_options import refuse_idle
from nst_teacher.cli.option_table import MACHINE, METHOD, parameters, read_given, split_layers
from nst_teacher.optimise.optimise import OptimizerName
from nst_teacher.settings.layer_matching import StandIn, match_layers
from nst_teacher.settings.method import Method
from nst_teacher.settings.method_table import Table, from_table
from nst_teacher.settings.presets import Preset, load_preset

__all__ = ["Choice", "prepare_device", "read_match", "read_preset", "split_layers", "with_method"]


def read_preset(
    preset: Annotated[
        str | None,
        typer.Option(rich_help_panel=METHOD, help="A paper's method, see nst-teacher presets; options change it."),
    ] = None,
) -> Preset | None:
    """Return the preset of that name, if one is given."""
    return None if preset is None else load_preset(preset)


@dataclass(frozen=True)
class Choice:
    """What the options say of the method: the values `given`, as a table, over those of `preset`.

    Without a preset the rest is as in `usual`, a table of the command's own, or as in Method.
    """

    given: Table
    preset: Preset | None = None
    match: bool = False
    usual: Table = field(default_factory=dict)

    def method(self, optimizers: Collection[OptimizerName] = ()) -> Method:
        """Return the method; what stands in for layers that its network lacks is said on stderr.

        `optimizers` are what the command minimises by, if not by the method's own. Raises NstError for an option that
        would change nothing.
        """
        method, stand_ins = self.matched()
        refuse_idle(self.given, method, optimizers or (method.plan.optimizer,))
        if stand_ins:
            pairs = ", ".join(f"{stand_in.taken} for {stand_in.missing}" for stand_in in stand_ins)
            typer.echo(f"layers of {method.network} that stand in: {pairs}", err=True)
        return method

    def matched(self) -> tuple[Method, tuple[StandIn, ...]]:
        """Return the method and what stands in: with a preset, the random network's layers do without being asked."""
        method = self.as_given()
        if self.match or (self.preset is not None and method.network == "random"):
            return match_layers(method)
        return method, ()

    def without(self, keys: Collection[str]) -> "Choice":
        """Return the choice with nothing of `keys` from the preset."""
        if self.preset is None:
            return self
        table = {key: value for key, value in self.preset.table.items() if key not in keys}
        return replace(self, preset=replace(self.preset, table=table))

    def as_given(self) -> Method:
        """Return the method with the layers that were named, whether its network has them or not."""
        if self.preset is None:
            return from_table({**self.usual, **self.given})
        return self.preset.method(self.given)


def read_match(
    match_layers: Annotated[
        bool,
        typer.Option(
            "--match-layers", rich_help_panel=METHOD, help="Let the nearest layer stand in for one that is missing."
        ),
    ] = False,
) -> bool:
    """Return whether layers that the network lacks are to be matched."""
    return match_layers


def prepare_device(
    device: Annotated[DeviceName, typer.Option(rich_help_panel=MACHINE, help="Where to compute.")] = "auto",
    threads: Annotated[
        int | None,
        typer.Option(min=1, max=256, rich_help_panel=MACHINE, help="Processor threads; default: every core."),
    ] = None,
) -> torch.device:
    """Set what concerns the whole process and return the device."""
    if threads is not None:
        torch.set_num_threads(threads)
    torch.backends.cudnn.deterministic = True
    return pick_device(device)


def with_method(
    command: Callable[..., None], *, usual: Table | None = None, without: Collection[str] = ()
) -> Callable[..., None]:
    """Let `command`, which takes ``device`` and of ``method``, ``choice``, ``preset`` what it wants, have the options.

    typer reads a command's options off its signature, so the wrapper's is the command's own followed by those of
    `option_table` (but for the keys in `without`) and of the functions above; each option is written once.
    `usual` are values that the command has where neither an option nor a preset says otherwise.
    """
    made = ("method", "choice", "preset", "device")
    own = inspect.signature(command).parameters
    preset, match = (inspect.signature(read).parameters.values() for read in (read_preset, read_match))
    machine = inspect.signature(prepare_device).parameters
    settings = parameters(usual or {}, without)
    every = [p for p in own.values() if p.name not in made] + [*preset, *settings, *match, *machine.values()]

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 (typer passes what the signature below names)
        chosen = read_preset(given.pop("preset"))
        table = read_given({setting.name: given.pop(setting.name) for setting in settings})
        choice = Choice(table, chosen, read_match(given.pop("match_layers")), usual or {})
        values: dict[str, Any] = {"choice": choice, "preset": chosen}
        if "method" in own:
            values["method"] = choice.method()
        values["device"] = prepare_device(**{name: given.pop(name) for name in machine})
        set_arithmetic(choice.as_given().precision)
        command(**given, **{name: value for name, value in values.items() if name in own})

    signature = inspect.Signature([p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in every])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in every} | {"return": None}
    return run
