"""The options that the teacher's commands share: how to stylise, and on which machine."""

import inspect
from collections.abc import Callable
from functools import wraps
from pathlib import Path
from typing import Annotated, Any

import torch
import typer

from nst_features import DeviceName, NetworkName, Precision, pick_device, set_arithmetic
from nst_runtime.errors import NstError
from nst_teacher.method import DeepJudge, Method, StartName
from nst_teacher.optimise import OptimizerName, Plan

METHOD, OPTIMISATION, MACHINE = "Method", "Optimisation", "Machine"
USUAL, USUAL_PLAN = Method(), Plan()
DEEP_LAYERS = ",".join(DeepJudge.layers)


def collect_method(
    network: Annotated[
        NetworkName, typer.Option(rich_help_panel=METHOD, help="Feature network; random needs no download.")
    ] = USUAL.network,
    weights: Annotated[
        Path | None,
        typer.Option(rich_help_panel=METHOD, help="Its weights (safetensors, .pth) in place of a download."),
    ] = None,
    deep_weights: Annotated[
        Path | None,
        typer.Option(rich_help_panel=METHOD, help="Weights of a second VGG-19 that judges deep layers alone."),
    ] = None,
    deep_layers: Annotated[
        str, typer.Option(rich_help_panel=METHOD, help="Its layers, separated by commas.")
    ] = DEEP_LAYERS,
    deep_weight: Annotated[
        float, typer.Option(min=0, rich_help_panel=METHOD, help="Its say beside the first network's 1.")
    ] = DeepJudge.weight,
    content_layer: Annotated[
        str | None,
        typer.Option(rich_help_panel=METHOD, help="Layer compared with the photo's; default: the network's own."),
    ] = None,
    style_layers: Annotated[
        str | None,
        typer.Option(rich_help_panel=METHOD, help="Layers of the style, by commas; default: the network's own."),
    ] = None,
    scales: Annotated[
        int | None,
        typer.Option(min=1, max=8, rich_help_panel=METHOD, help="Scales of the style: larger strokes; default: 3."),
    ] = None,
    content_weight: Annotated[
        float, typer.Option(min=0, rich_help_panel=METHOD, help="Content against style, the paper's α/β.")
    ] = USUAL.content_weight,
    tv: Annotated[
        float, typer.Option(min=0, rich_help_panel=METHOD, help="Weight of the total variation; more is smoother.")
    ] = USUAL.variation_weight,
    style_size: Annotated[
        int, typer.Option(min=16, rich_help_panel=METHOD, help="Short side of the style picture, in px.")
    ] = USUAL.style_size_px,
    optimizer: Annotated[
        OptimizerName, typer.Option(rich_help_panel=OPTIMISATION, help="How to minimise.")
    ] = USUAL_PLAN.optimizer,
    iterations: Annotated[
        int, typer.Option(min=1, rich_help_panel=OPTIMISATION, help="Evaluations of the loss a picture.")
    ] = USUAL_PLAN.iterations,
    learning_rate: Annotated[
        float, typer.Option(min=1e-6, max=1, rich_help_panel=OPTIMISATION, help="Adam's step.")
    ] = USUAL_PLAN.learning_rate,
    init: Annotated[StartName, typer.Option(rich_help_panel=OPTIMISATION, help="What to start from.")] = USUAL.start,
    seed: Annotated[
        int, typer.Option(min=0, rich_help_panel=OPTIMISATION, help="Draws photos, noise and random filters.")
    ] = USUAL.seed,
    precision: Annotated[
        Precision,
        typer.Option(rich_help_panel=MACHINE, help="Arithmetic; tf32 and bf16 are faster where the device has them."),
    ] = USUAL.precision,
) -> Method:
    """Return the method that the options describe."""
    deep = None
    if deep_weights is not None:
        deep = DeepJudge(deep_weights, layers=split_layers(deep_layers), weight=deep_weight)
    return Method(
        network=network,
        weights=weights,
        content_layer=content_layer,
        style_layers=None if style_layers is None else split_layers(style_layers),
        scales=scales,
        deep=deep,
        content_weight=content_weight,
        variation_weight=tv,
        plan=Plan(optimizer, iterations, learning_rate),
        start=init,
        style_size_px=style_size,
        precision=precision,
        seed=seed,
    )


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


def split_layers(text: str) -> tuple[str, ...]:
    """Return the layer names in `text`, separated by commas, each once; raises NstError when there is none."""
    layers = tuple(dict.fromkeys(layer.strip() for layer in text.split(",") if layer.strip()))
    if not layers:
        raise NstError(f"no layer in {text!r}; give names separated by commas, such as relu1_1,relu2_1")
    return layers


def with_method(command: Callable[..., None]) -> Callable[..., None]:
    """Let `command`, which takes ``method`` and ``device``, have the shared options in their place.

    typer reads a command's options off its signature, so the wrapper's is the command's own followed by those of
    `collect_method` and `prepare_device`; each option is written once.
    """
    makers: dict[str, Callable[..., Any]] = {"method": collect_method, "device": prepare_device}
    parameters = [p for p in inspect.signature(command).parameters.values() if p.name not in makers]
    for maker in makers.values():
        parameters += inspect.signature(maker).parameters.values()

    @wraps(command)
    def run(**given: Any) -> None:  # noqa: ANN401 (typer passes what the signature below names)
        made = {
            name: maker(**{option: given.pop(option) for option in inspect.signature(maker).parameters})
            for name, maker in makers.items()
        }
        set_arithmetic(made["method"].precision)
        command(**given, **made)

    signature = inspect.Signature([p.replace(kind=inspect.Parameter.KEYWORD_ONLY) for p in parameters])
    run.__signature__ = signature  # type: ignore[attr-defined]
    run.__annotations__ = {p.name: p.annotation for p in parameters} | {"return": None}
    return run
