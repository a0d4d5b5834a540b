"""What a command line says of the settings: a preset, options and --set, over the command's own defaults."""

import sys
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Annotated

import typer

from nst_features.weights_folder import find_weights
from nst_runtime.cli.output import say
from nst_runtime.contracts.settings import Sections, entries
from nst_teacher.cli.idle_options import refuse_deep, refuse_idle
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import OptimizerName
from nst_teacher.settings.presets import Preset, choose, load_preset
from nst_teacher.settings.teacher_settings import TeacherSettings

if TYPE_CHECKING:
    import torch

    from nst_teacher.engine.layer_matching import StandIn

LISTED = "nst-teacher presets --explain"
PresetOption = Annotated[
    str | None,
    typer.Option(
        metavar="NAME", help="A paper's method (see nst-teacher presets), or a .toml file; options change it."
    ),
]


def without_sections(*sections: str) -> Mapping[str, str]:
    """Return the settings of whole `sections`, each named after its command, and why they are refused elsewhere."""
    return {
        entry.key: f"it is for nst-teacher {'stylize' if entry.section == 'stylize' else 'generate'}"
        for entry in entries(TeacherSettings)
        if entry.section in sections
    }


# What the figures, pictures of one photo and one style, leave out, and why.
NOT_FOR_FIGURES = {
    "style.mask_feather_px": "there are no masks",
    "run.style_blend": "there is one style picture",
    "run.compile": "the loss is not compiled here",
    **without_sections("stylize", "generate", "machines"),
}


@dataclass(frozen=True)
class Choice:
    """The values `given` over those of `preset`; without a preset the rest is as in `usual`, or as everywhere."""

    given: Sections
    preset: Preset | None = None
    usual: Sections = field(default_factory=dict)

    def settings(self) -> TeacherSettings:
        """Return all settings, with the layers that were named, whether the network has them or not."""
        base = self.preset.sections if self.preset else self.usual
        refuse_deep(self.given, base)
        settings = choose(base, self.given)
        return replace(settings, method=with_files(settings.method))

    def without(self, keys: Collection[str]) -> "Choice":
        """Return the choice with nothing of `keys`, ``section.name``, from the preset."""
        if self.preset is None:
            return self
        sections = {
            section: {name: value for name, value in values.items() if f"{section}.{name}" not in keys}
            for section, values in self.preset.sections.items()
        }
        return replace(self, preset=replace(self.preset, sections=sections))


def read_choice(preset: str | None, given: Sections, usual: Sections | None = None) -> Choice:
    """Return the choice of a command's ``--preset`` and ``given``; raises NstError."""
    return Choice(given, None if preset is None else load_preset(preset), usual or {})


def with_files(method: Method) -> Method:
    """Return `method` with the files of weights that it gives by a name of the registry; raises NstError."""
    weights = method.weights and find_weights(method.weights)
    deep = method.deep and replace(method.deep, weights=find_weights(method.deep.weights))
    return replace(method, weights=weights, deep=deep)


def start(choice: Choice, optimizers: Collection[OptimizerName] = ()) -> tuple[TeacherSettings, "torch.device"]:
    """Refuse what would change nothing, load torch, and return the settings of `choice` and the device.

    `optimizers` are what the command minimises by, if not by the method's own. What stands in for layers that the
    network lacks is said on stderr. Raises NstError.
    """
    settings = choice.settings()
    refuse_idle(choice.given, settings, optimizers or (settings.method.plan.optimizer,))
    load_torch()
    method, stand_ins = match(choice, settings)
    if stand_ins:
        pairs = ", ".join(f"{stand_in.taken} for {stand_in.missing}" for stand_in in stand_ins)
        say(f"layers of {method.network} that stand in: {pairs}")
    return replace(settings, method=method), prepare_device(settings)


def load_torch() -> None:
    """Load torch, and say so first on stderr: it takes seconds."""
    if "torch" not in sys.modules:
        say("loading torch")
        import torch  # noqa: F401


def match(choice: Choice, settings: TeacherSettings) -> "tuple[Method, tuple[StandIn, ...]]":
    """Return the method of `settings`, and what stands in for layers that its network lacks where that is asked for.

    With a preset, the random network's layers do without being asked.
    """
    from nst_teacher.engine.layer_matching import match_layers

    if settings.run.match_layers or (choice.preset is not None and settings.method.network == "random"):
        return match_layers(settings.method)
    return settings.method, ()


def prepare_device(settings: TeacherSettings) -> "torch.device":
    """Set what concerns the whole process and return the device."""
    import torch

    from nst_features.device import pick_device, set_arithmetic

    if settings.run.threads is not None:
        torch.set_num_threads(settings.run.threads)
    torch.backends.cudnn.deterministic = True
    set_arithmetic(settings.method.precision)
    return pick_device(settings.run.device)
