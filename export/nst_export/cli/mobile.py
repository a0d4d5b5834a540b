"""The command ``nst-export bundle mobile``."""

from collections.abc import Callable, Iterable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, cast, get_args

import typer

from nst_export.bundles.names import Precision, TargetName
from nst_runtime.cli.options import JsonOption, PackOption, WorkspaceOption
from nst_runtime.cli.output import print_json, print_table, say
from nst_runtime.contracts.workspace import DEFAULT

if TYPE_CHECKING:
    from nst_export.bundles.manifest import Model
    from nst_export.bundles.order import Order

EPILOG = """\b
Examples:
  nst-export bundle mobile app/styles --style waves --target coreml --target generic
  nst-export bundle mobile app/styles --style waves --size 720x1280 --target qnn --precision int8
"""


def _one_of(names: tuple[str, ...]) -> Callable[[list[str] | None], list[str] | None]:
    """Return what lets the values of an option through if all of them are among `names`."""

    def check(values: list[str] | None) -> list[str] | None:
        for value in values or ():
            if value not in names:
                raise typer.BadParameter(f"{value!r} is not one of {', '.join(names)}")
        return values

    return check


def mobile_command(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of the bundle, new or an earlier one.")],
    style: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME|FILE", show_default="all of the pack", help="Take only this style. Once for each."),
    ] = None,
    size: Annotated[
        list[str] | None,
        typer.Option(
            metavar="WxH|N", show_default="512", help="Pixels of the pictures, 16 to 2048 a side. Once for each."
        ),
    ] = None,
    target: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(get_args(TargetName)),
            show_default="all that take it",
            callback=_one_of(get_args(TargetName)),
            help="What computes on the phone. Once for each.",
        ),
    ] = None,
    precision: Annotated[
        list[str] | None,
        typer.Option(
            metavar="|".join(get_args(Precision)),
            show_default="all that a target takes",
            callback=_one_of(get_args(Precision)),
            help="The numbers of the graphs. Once for each.",
        ),
    ] = None,
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Write styles as graphs of a fixed size for apps, with sources, reference pictures and a table of what they cost.

    Prints the table and the folder.
    """
    from nst_export.bundles.manifest import check_replaceable
    from nst_runtime.contracts.library import open_library

    library = open_library(pack, workspace)
    order = _order(style or [entry.name for entry in library.pack.manifest.styles], size, target, precision)
    order.check(library)
    if out.exists():
        check_replaceable(out.resolve(), out)
    say("loading onnx")
    from nst_export.bundles.writing import write_mobile_bundle
    from nst_runtime.inference.devices import RunSettings
    from nst_runtime.inference.stylizer import Stylizer

    models = _tell(write_mobile_bundle(Stylizer(library, RunSettings("cpu")), order, out))
    if as_json:
        print_json({"bundle": str(out), "models": [_row(model) for model in models]})
        return
    print_table([[key.upper() for key in _row(models[0])], *(_cells(model) for model in models)])
    print(out)


def _order(styles: list[str], size: list[str] | None, target: list[str] | None, precision: list[str] | None) -> "Order":
    """Return what the options ask for; raises typer.BadParameter for what is not a size."""
    from nst_export.bundles.order import Order, parse_size, targets_for, without_repeats

    try:
        sizes = tuple(dict.fromkeys(parse_size(text) for text in size or ["512"]))
    except ValueError as error:
        raise typer.BadParameter(str(error), param_hint="--size") from error
    precisions = cast("tuple[Precision, ...]", without_repeats(precision or get_args(Precision)))
    targets = cast("tuple[TargetName, ...]", without_repeats(target or targets_for(precisions)))
    return Order(without_repeats(styles), sizes, targets, precisions)


def _tell(models: "Iterable[Model]") -> "list[Model]":
    """Wait for `models` and say when a style is done."""
    done: list[Model] = []
    for model in models:
        if done and (done[-1].style, done[-1].size) != (model.style, model.size):
            say(f"{done[-1].style} {done[-1].size} is done")
        done.append(model)
    return done


def _row(model: "Model") -> dict[str, object]:
    """Return what a person compares of `model`."""
    measured = model.measured
    return {
        "style": model.style,
        "size": model.size,
        "target": model.target,
        "precision": model.precision,
        "form": model.form,
        "kb": round(model.size_bytes / 1000),
        "ms": measured.milliseconds,
        "psnr": measured.psnr_db,
    }


def _cells(model: "Model") -> list[str]:
    """Return the same as texts."""
    return ["equal" if value is None else str(value) for value in _row(model).values()]
