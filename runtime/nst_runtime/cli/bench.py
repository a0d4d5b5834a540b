"""The command bench."""

import re
from dataclasses import asdict
from typing import TYPE_CHECKING, Annotated

import typer

from nst_runtime.cli.options import DeviceOption, JsonOption, PackOption, ThreadsOption, WorkspaceOption
from nst_runtime.cli.output import print_json, print_table
from nst_runtime.contracts.workspace import DEFAULT
from nst_runtime.errors import NstError
from nst_runtime.inference.devices import RunSettings

if TYPE_CHECKING:
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.inference.timing import Timing

EPILOG = """\b
Example:
  nst-runtime bench --size 512 --size 1920x1080 --threads 1
"""


def bench(
    size: Annotated[
        list[str] | None,
        typer.Option(metavar="PX|WxH", help="A size to time, several times if you like; else 256, 512 and 1920x1080."),
    ] = None,
    style: Annotated[
        str | None, typer.Option(metavar="NAME", help="The style to time, by name or file; else the first.")
    ] = None,
    repeats: Annotated[int, typer.Option(min=1, metavar="N", help="Runs, of which the median counts.")] = 9,
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Measure how fast this machine is.

    Pictures of noise are timed, part by part and from end to end, and the change to another style; in milliseconds.
    """
    from nst_runtime.contracts.library import open_library
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.inference.timing import time_size, time_swap

    sizes = [_parse_size(text) for text in size or ("256", "512", "1920x1080")]
    stylizer = Stylizer(open_library(pack, workspace), RunSettings(device, threads))
    name = style or _first_style(stylizer)
    swap_ms = time_swap(stylizer, name, repeats=repeats)
    timings = [time_size(stylizer, name, width, height, repeats=repeats) for width, height in sizes]
    if as_json:
        computes = {"device": stylizer.device, "threads": stylizer.network.encoder.session.threads}
        report = {"style": name, **computes, "repeats": repeats, "swap_ms": swap_ms}
        print_json({**report, "timings": [asdict(timing) for timing in timings]})
        return
    print_table([("SIZE", "ENCODER", "BANK", "DECODER", "END TO END"), *map(_timing_row, timings)])
    print(f"swap to {name}: {swap_ms:.2f} ms; medians of {repeats} runs on {stylizer.device}, in ms")


def _first_style(stylizer: "Stylizer") -> str:
    if not stylizer.styles:
        raise NstError(f"the pack in {stylizer.pack.folder} has no styles to time", "give one as `style`")
    return stylizer.styles[0].name


def _parse_size(text: str) -> tuple[int, int]:
    found = re.fullmatch(r"([0-9]{1,5})(?:[x×]([0-9]{1,5}))?", text)
    if found is None:
        raise typer.BadParameter(f"{text!r} is not a size; write 512 or 1920x1080", param_hint="--size")
    return int(found[1]), int(found[2] or found[1])


def _timing_row(timing: "Timing") -> tuple[str, ...]:
    parts = (timing.encoder_ms, timing.bank_ms, timing.decoder_ms, timing.end_to_end_ms)
    return (f"{timing.width}×{timing.height}", *(f"{part:.2f}" for part in parts))
