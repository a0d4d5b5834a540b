"""The command ``nst-export``."""

import json
import sys
from collections.abc import Iterable
from dataclasses import asdict
from pathlib import Path
from typing import Annotated

import typer

from nst_export.assemble import Labels, read_metrics
from nst_export.commands import export_pack, find_trained, open_whole
from nst_export.parity import LIMIT, Check, compare, require, worst_by_part
from nst_export.sources import Sources, load_trained
from nst_runtime.cli.program import new_program
from nst_runtime.contracts.catalogue import CatalogueEntry, read_catalogue
from nst_runtime.contracts.names import check_name
from nst_runtime.contracts.packs import Pack, read_pack
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError

app = new_program(
    "nst-export",
    says="Turn the student's checkpoints into a style pack, and prove that it computes the same.",
    example="nst-export pack --out packs/mine",
)
AsJson = Annotated[bool, typer.Option("--json", help="Print JSON instead of the path.")]


@app.command("pack")
def pack_command(
    workspace: Annotated[Path, typer.Option(help="Folder that holds codec, styles and the pack.")] = DEFAULT,
    codec: Annotated[Path | None, typer.Option(help="Codec checkpoint; WORKSPACE/codec/codec.safetensors.")] = None,
    styles: Annotated[Path | None, typer.Option(help="Folder of the style files; WORKSPACE/styles.")] = None,
    style: Annotated[list[str] | None, typer.Option(help="Take only this style; may be repeated.")] = None,
    out: Annotated[Path | None, typer.Option(help="Folder of the pack; WORKSPACE/pack.")] = None,
    catalogue: Annotated[Path | None, typer.Option(help="TOML file with titles, artists, years, licences.")] = None,
    name: Annotated[str, typer.Option(help="Name of the pack.")] = "default",
    metrics: Annotated[Path | None, typer.Option(help="Quality by style, from nst-student evaluate --out.")] = None,
    as_json: AsJson = False,
) -> None:
    """Write a style pack and compare it with what was trained; a pack that differs is not written.

    Examples:
    nst-export pack

    nst-export pack --style waves --style scream --catalogue styles.toml --out packs/two

    """
    place = Workspace(workspace)
    sources = Sources.of(place)
    sources = Sources(codec or sources.codec, styles or sources.styles)
    entries = read_catalogue(catalogue) if catalogue else {}
    labels = Labels(check_name(name, "pack"), entries, read_metrics(metrics) if metrics else {})
    trained = load_trained(sources, style or _in_order(sources.names(), entries))
    target = out or place.pack
    checks = _tell(export_pack(trained, labels, target))
    _result(read_pack(target), checks, as_json=as_json)


@app.command("verify")
def verify_command(
    pack: Annotated[Path | None, typer.Argument(help="Folder of the pack; WORKSPACE/pack.")] = None,
    workspace: Annotated[
        Path | None, typer.Option(help="Folder with the checkpoints to compare with; ./workspace, if they are there.")
    ] = None,
    as_json: AsJson = False,
) -> None:
    """Check a pack: hashes, that its banks are for its codec, that every graph runs, and that it is what was trained.

    Examples:
    nst-export verify

    nst-export verify packs/two --workspace workspace

    """
    place = Workspace(workspace or DEFAULT)
    target = pack or place.pack
    stylizer = open_whole(target)
    checks = []
    sources = Sources.of(place)
    if workspace is not None or _are_there(sources, stylizer.pack):
        checks = _tell(require(compare(find_trained(stylizer.pack, sources), stylizer)))
    else:
        _say(f"not compared with what was trained: its checkpoints are not in {place.root}; give --workspace DIR")
    _result(stylizer.pack, checks, as_json=as_json)


def _in_order(styles: list[str], catalogue: dict[str, CatalogueEntry]) -> list[str]:
    """Return `styles` as the catalogue has them, then the rest."""
    known = [name for name in catalogue if name in styles]
    return known + [name for name in styles if name not in catalogue]


def _are_there(sources: Sources, pack: Pack) -> bool:
    try:
        find_trained(pack, sources)
    except NstError:
        return False
    return True


def _tell(checks: Iterable[Check]) -> list[Check]:
    """Wait for `checks` and show the largest difference of each part."""
    done = list(checks)
    for part, worst in worst_by_part(done).items():
        _say(f"{part}: max difference {worst.difference:.1e} (at {worst.width}×{worst.height})")
    _say(f"torch and onnxruntime agree: {max(check.difference for check in done):.1e}, limit {LIMIT:.0e}")
    return done


def _result(pack: Pack, checks: list[Check], *, as_json: bool) -> None:
    size = sum(file.size_bytes for file in pack.files)
    _say(f"{len(pack.manifest.styles)} styles, {size / 1000:.0f} kB")
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
    print(json.dumps(result, indent=2))


def _say(message: str) -> None:
    print(message, file=sys.stderr)
