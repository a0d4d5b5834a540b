"""The command ``nst-export``."""

from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nst_export.cli.bundle import bundle
from nst_runtime.cli.options import JsonOption
from nst_runtime.cli.output import print_json, say
from nst_runtime.cli.program import new_program
from nst_runtime.contracts.catalogue import read_catalogue
from nst_runtime.contracts.names import check_name
from nst_runtime.contracts.workspace import DEFAULT, Workspace

if TYPE_CHECKING:
    from nst_export.parity import Check
    from nst_runtime.contracts.packs import Pack

app = new_program(
    "nst-export",
    says="Turn the student's checkpoints into a style pack, and prove that it computes the same.",
    example="nst-export pack --out packs/mine",
)
app.add_typer(bundle, name="bundle")
PACK_EPILOG = """\b
Examples:
  nst-export pack
  nst-export pack --style waves --style scream --catalogue styles.toml --out packs/two
"""
VERIFY_EPILOG = """\b
Examples:
  nst-export verify
  nst-export verify packs/two --workspace workspace
"""


@app.command("pack", epilog=PACK_EPILOG)
def pack_command(
    workspace: Annotated[
        Path, typer.Option(metavar="DIR", help="The folder that holds the codec, the styles and the pack.")
    ] = DEFAULT,
    codec: Annotated[
        Path | None,
        typer.Option(metavar="FILE", show_default="WORKSPACE/codec/codec.safetensors", help="The codec's checkpoint."),
    ] = None,
    styles: Annotated[
        Path | None,
        typer.Option(metavar="DIR", show_default="WORKSPACE/styles", help="The folder of the style files."),
    ] = None,
    style: Annotated[
        list[str] | None,
        typer.Option(metavar="NAME", show_default="all", help="Take only this style. Once for each."),
    ] = None,
    out: Annotated[
        Path | None, typer.Option(metavar="DIR", show_default="WORKSPACE/pack", help="The folder of the pack.")
    ] = None,
    catalogue: Annotated[
        Path | None, typer.Option(metavar="FILE", help="A TOML file with titles, artists, years and licences.")
    ] = None,
    name: Annotated[str, typer.Option(metavar="NAME", help="The name of the pack.")] = "default",
    metrics: Annotated[
        Path | None,
        typer.Option(metavar="FILE", help="The figures by style, which nst-student evaluate --out writes."),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Write a style pack and compare it with what was trained; a pack that differs is not written.

    Prints the pack's folder.
    """
    place = Workspace(workspace)
    check_name(name, "pack")
    entries = read_catalogue(catalogue) if catalogue else {}
    say("loading torch and onnx")
    from nst_export.assemble import Labels, read_metrics
    from nst_export.commands import export_pack, in_order
    from nst_export.sources import Sources, load_trained
    from nst_runtime.contracts.packs import read_pack

    sources = Sources(codec or Sources.of(place).codec, styles or Sources.of(place).styles)
    labels = Labels(name, entries, read_metrics(metrics) if metrics else {})
    trained = load_trained(sources, style or in_order(sources.names(), entries))
    target = out or place.pack
    checks = _tell(export_pack(trained, labels, target))
    _print_result(read_pack(target), checks, as_json=as_json)


@app.command("verify", epilog=VERIFY_EPILOG)
def verify_command(
    pack: Annotated[
        Path | None,
        typer.Argument(metavar="DIR", show_default="WORKSPACE/pack", help="The folder of the pack."),
    ] = None,
    workspace: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR",
            show_default="./workspace, if they are there",
            help="The folder with the checkpoints to compare with.",
        ),
    ] = None,
    as_json: JsonOption = False,
) -> None:
    """Check a pack: hashes, that its banks are for its codec, that every graph runs, and that it is what was trained.

    Prints the pack's folder.
    """
    say("loading torch and onnx")
    from nst_export.commands import are_there, find_trained, open_whole
    from nst_export.parity import compare, require
    from nst_export.sources import Sources

    place = Workspace(workspace or DEFAULT)
    stylizer = open_whole(pack or place.pack)
    checks = []
    sources = Sources.of(place)
    if workspace is not None or are_there(stylizer.pack, sources):
        checks = _tell(require(compare(find_trained(stylizer.pack, sources), stylizer)))
    else:
        say(f"not compared with what was trained: its checkpoints are not in {place.root}; give --workspace DIR")
    _print_result(stylizer.pack, checks, as_json=as_json)


def _tell(checks: "Iterable[Check]") -> "list[Check]":
    """Wait for `checks` and show the largest difference of each part."""
    from nst_export.parity import LIMIT, worst_by_part

    done = list(checks)
    for part, worst in worst_by_part(done).items():
        say(f"{part}: max difference {worst.difference:.1e} (at {worst.width}×{worst.height})")
    say(f"torch and onnxruntime agree: {max(check.difference for check in done):.1e}, limit {LIMIT:.0e}")
    return done


def _print_result(pack: "Pack", checks: "list[Check]", *, as_json: bool) -> None:
    size = sum(file.size_bytes for file in pack.files)
    say(f"{len(pack.manifest.styles)} styles, {size / 1000:.0f} kB")
    if not as_json:
        print(pack.folder)
        return
    result = {
        "pack": str(pack.folder),
        "styles": [style.name for style in pack.manifest.styles],
        "size_bytes": size,
        "max_difference": max((check.difference for check in checks), default=None),
        "checks": [asdict(check) for check in checks],
    }
    print_json(result)
