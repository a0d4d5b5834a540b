"""Every setting of a method as a command-line option: one line each."""

import inspect
import types
import typing
from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import Annotated, Any

import typer

from nst_runtime.errors import NstError
from nst_teacher.settings.method_table import Table, from_table, hints, to_table

METHOD, STYLE, LOSS, OPTIMISATION, MACHINE = "Method", "Style", "Losses", "Optimisation", "Machine"


@dataclass(frozen=True)
class Setting:
    """A key of a method's table, its option, and its help; `usual` is what the help says happens without it."""

    key: str
    option: str
    panel: str
    help: str
    minimum: float | None = None
    maximum: float | None = None
    usual: str | None = None


SETTINGS = (
    Setting("network", "--network", METHOD, "Feature network; random needs no download but is for tests."),
    Setting("weights", "--weights", METHOD, "Its weights (safetensors, .pth) in place of a download."),
    Setting("weights_normalisation", "--weights-normalisation", METHOD, "How they want pixels, if nothing else tells.",
            usual="what is known of the file, else torchvision"),
    Setting("deep_weights", "--deep-weights", METHOD, "Weights of a second VGG-19 that judges deep layers alone."),
    Setting("deep_layers", "--deep-layers", METHOD, "Its layers, separated by commas.", usual="relu4_1,relu5_1"),
    Setting("deep_weight", "--deep-weight", METHOD, "Its say beside the first network's 1.", 0, usual="0.5"),
    Setting("deep_normalisation", "--deep-normalisation", METHOD, "How its weights want pixels.", usual="as above"),
    Setting("pooling", "--pooling", METHOD, "Pooling of the network.", usual="its own"),
    Setting("padding", "--padding", METHOD, "What convolutions see beyond the border.", usual="the network's own"),
    Setting("content_layers", "--content-layers,--content-layer", METHOD, "Layers compared with the photo's.",
            usual="the network's own"),
    Setting("style_layers", "--style-layers", METHOD, "Layers of the style, by commas.", usual="the network's own"),
    Setting("layer_weights", "--layer-weights", METHOD, "Weights of the style's layers, by commas.", usual="the mean"),
    Setting("content_layer_weights", "--content-layer-weights", METHOD, "Weights of the content's layers, by commas.",
            usual="the mean"),
    Setting("scales", "--scales", METHOD, "Scales of the style: larger strokes.", 1, 8, usual="3; 1 for random"),
    Setting("content_weight", "--content-weight", LOSS, "Content against style, the paper's α/β.", 0),
    Setting("style_weight", "--style-weight", LOSS, "Weight of style as a whole.", 0),
    Setting("variation_weight", "--tv", LOSS, "Weight of the total variation; more is smoother.", 0),
    Setting("balance", "--balance", LOSS, "auto sets the weights of content and variation from gradients."),
    Setting("balance_ratio", "--balance-ratio", LOSS, "Pull of content against style's, for auto.", 0),
    Setting("style_distance", "--style-loss", LOSS, "How style statistics are compared."),
    Setting("content_distance", "--content-loss", LOSS, "How content features are compared."),
    Setting("normalisation", "--normalisation", LOSS, "What a layer's loss is divided by."),
    Setting("gram_scale", "--gram-scale", LOSS, "What Gram matrices are divided by."),
    Setting("variation", "--tv-kind", LOSS, "Total variation of squared or absolute differences."),
    Setting("style_size_px", "--style-size", STYLE, "Short side of the style picture, in px.", 16),
    Setting("style_scale", "--style-scale", STYLE, "The same as a multiple of the photo's.", 0.05, 8),
    Setting("framing", "--framing", STYLE, "Shape of the style picture: own, the photo's (crop, stretch), square."),
    Setting("colour", "--colour", STYLE, "Colours of the style, or luminance alone, or matched to the photo's."),
    Setting("mask_feather_px", "--mask-feather", STYLE, "How soft the borders of masks are, in px.", 0),
    Setting("optimizer", "--optimizer", OPTIMISATION, "How to minimise."),
    Setting("iterations", "--iterations", OPTIMISATION, "Evaluations of the loss a picture.", 1),
    Setting("learning_rate", "--learning-rate", OPTIMISATION, "Step of the optimizers but lbfgs.", 1e-6, 10,
            usual="the optimizer's own"),
    Setting("decay", "--decay/--no-decay", OPTIMISATION, "Let it fall to zero over the last half."),
    Setting("beta2", "--beta2", OPTIMISATION, "Adam's memory of squared gradients.", 0, 0.999999),
    Setting("bounded", "--bounded/--unbounded", OPTIMISATION, "Keep pixels within 0…1 at every step."),
    Setting("average", "--average", OPTIMISATION, "Decay of a moving average of the iterates.", 0, 0.999999),
    Setting("smallest_px", "--coarse", OPTIMISATION, "Begin at this short side and grow by √2.", 16, usual="full size"),
    Setting("start", "--init", OPTIMISATION, "What to start from."),
    Setting("start_picture", "--init-image", OPTIMISATION, "The file to start from; implies --init file."),
    Setting("start_bank", "--init-bank", OPTIMISATION, "The style whose bank paints the start; implies --init bank."),
    Setting("start_pack", "--init-pack", OPTIMISATION, "The style pack that has it.", usual="the shipped one"),
    Setting("seed", "--seed", OPTIMISATION, "Draws photos, noise and random filters.", 0),
    Setting("precision", "--precision", MACHINE, "Arithmetic; bf16 is fast on processors that have it."),
)  # fmt: skip


def parameters(own: Table, without: Collection[str]) -> list[inspect.Parameter]:
    """Return the options but those of the keys in `without` as a command's parameters; each is None if not given.

    `own` are the command's own usual values, a table, where they are not the method's: the help shows them.
    """
    usual = to_table(from_table(own))
    wanted = [setting for setting in SETTINGS if setting.key not in without]
    return [
        _parameter(replace(setting, usual=None) if setting.key in own else setting, usual[setting.key])
        for setting in wanted
    ]


def _parameter(setting: Setting, usual: object) -> inspect.Parameter:
    hint = _text_if_list(hints()[setting.key])
    limits: dict[str, Any] = {"min": setting.minimum, "max": setting.maximum}
    shown = setting.usual or (str(usual) if usual is not None and not isinstance(usual, bool) else None)
    option = typer.Option(
        *setting.option.split(","),
        help=setting.help,
        rich_help_panel=setting.panel,
        show_default=shown or False,
        **({} if setting.minimum is None else limits),
    )
    kind = inspect.Parameter.KEYWORD_ONLY
    return inspect.Parameter(setting.key, kind, default=None, annotation=Annotated[hint | None, option])


def _text_if_list(hint: Any) -> Any:  # noqa: ANN401 (types)
    """Return the type that typer reads for a setting of type `hint`: a list comes as text."""
    kind = _only(hint)
    return str if typing.get_origin(kind) is tuple else kind


def _only(hint: Any) -> Any:  # noqa: ANN401 (types)
    """Return `hint` without the None that it may allow."""
    if typing.get_origin(hint) in (types.UnionType, typing.Union):
        return next(kind for kind in typing.get_args(hint) if kind is not types.NoneType)
    return hint


def read_given(given: Table) -> Table:
    """Return the values of the options that were given, as a method's table; raises NstError for bad lists."""
    table = {key: value for key, value in given.items() if value is not None}
    for key, value in table.items():
        hint = hints()[key]
        if isinstance(value, str) and typing.get_origin(_only(hint)) is tuple:
            table[key] = _split(key, value)
    for key, start in (("start_picture", "file"), ("start_bank", "bank")):
        if key in table:
            table.setdefault("start", start)
    return table


def _split(key: str, text: str) -> list[str] | list[float]:
    if not key.endswith("weights"):
        return list(split_layers(text))
    try:
        return [float(part) for part in text.split(",")]
    except ValueError as error:
        option = next(setting.option for setting in SETTINGS if setting.key == key)
        raise NstError(f"{option} is {text!r}", "give numbers separated by commas, such as 0.2,0.2,0.8") from error


def split_layers(text: str) -> tuple[str, ...]:
    """Return the layer names in `text`, separated by commas, each once; raises NstError when there is none."""
    layers = tuple(dict.fromkeys(layer.strip() for layer in text.split(",") if layer.strip()))
    if not layers:
        raise NstError(f"no layer in {text!r}", "give names separated by commas, such as relu1_1,relu2_1")
    return layers
