"""The commands around styles: list, show, add, remove."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any

import typer
from typer.core import TyperGroup

from nst_runtime.cli.options import JsonOption, PackOption, WorkspaceOption
from nst_runtime.cli.output import print_json, print_table, say
from nst_runtime.contracts.workspace import DEFAULT
from nst_runtime.errors import NstError

if TYPE_CHECKING:
    from nst_runtime.contracts.library import FoundStyle, Library

CELL_LETTERS = 28
PREVIEW_LIMIT_PIXELS = 4_000_000  # a preview is a thumbnail

_WHOSE = {"pack": "the pack's", "own": "your own", "workspace": "the workspace's", "file": "the file's"}


class _ListsByDefault(TyperGroup):
    """A group whose command `list` runs when none is named."""

    def parse_args(self, ctx: Any, args: list[str]) -> list[str]:  # noqa: ANN401 (its class has another home by version)
        if not args or (args[0].startswith("-") and args[0] not in ctx.help_option_names):
            args = ["list", *args]
        return list(super().parse_args(ctx, args))


styles = typer.Typer(
    cls=_ListsByDefault,
    help="List, show, preview, add and remove styles; without a command, list them.",
    epilog="\b\nExamples:\n  nst-runtime styles\n  nst-runtime styles show waves --preview waves.png\n"
    "  nst-runtime styles add downloads/mine.safetensors",
    rich_markup_mode=None,
)


def _short(text: str) -> str:
    """Return `text`, which may be of any length, as a cell of a list."""
    return text if len(text) <= CELL_LETTERS else f"{text[: CELL_LETTERS - 1]}…"


@styles.command("list", epilog="\b\nExample:\n  nst-runtime styles list --json")
def list_styles(pack: PackOption = None, workspace: WorkspaceOption = DEFAULT, as_json: JsonOption = False) -> None:
    """List the styles: the pack's, yours, the workspace's; `show` has all that a style says."""
    from nst_runtime.contracts.library import open_library

    library = open_library(pack, workspace)
    tell_hidden(library)
    entries = [describe_style(style) for style in library.styles()]
    if as_json:
        print_json(entries)
        return
    columns = ("name", "title", "artist", "year", "from")
    rows = [[_short(entry[column]) for column in columns] for entry in entries]
    print_table([[column.upper() for column in columns], *rows])


@styles.command(
    epilog="\b\nExamples:\n  nst-runtime styles show waves\n  nst-runtime styles show downloads/mine.safetensors"
)
def show(
    style: Annotated[str, typer.Argument(metavar="NAME", help="A style's name, or a style file.")],
    preview: Annotated[
        Path | None, typer.Option(metavar="FILE", help="Write the style's small picture to this file.")
    ] = None,
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    as_json: JsonOption = False,
) -> None:
    """Show all that a style says of itself."""
    from nst_runtime.contracts.library import open_library

    library = open_library(pack, workspace)
    found = library.find(style)
    entry = describe_style(found)
    if preview is not None:
        _write_preview(library, style, preview)
        entry["preview"] = str(preview)
    if as_json:
        print_json({**entry, "training": found.record().training})
        return
    metrics = entry.pop("metrics")
    rows = [[key.replace("_", " "), str(value)] for key, value in entry.items()]
    print_table([*rows, *([name, f"{value:.4g}"] for name, value in sorted(metrics.items()))])


@styles.command(epilog="\b\nExample:\n  nst-runtime styles preview photo.jpg all.jpg --size 320")
def preview(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="The picture to paint.")],
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The file to write.")],
    size: Annotated[int, typer.Option(min=64, max=1080, metavar="N", help="Width of each picture in px.")] = 320,
    across: Annotated[int, typer.Option(min=1, max=50, metavar="N", help="Pictures in a row.")] = 4,
    max_pixels: Annotated[
        int | None, typer.Option(min=1, metavar="N", help="Refuse a larger picture; else 64 million.")
    ] = None,
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
) -> None:
    """Paint a picture in every style, side by side, with their names.

    The styles are those that `nst-runtime styles list` shows, in that order, the picture itself first. Each is painted
    as stylize paints it, and made small after that. The path of the sheet is printed.
    """
    from nst_runtime.contracts.library import open_library
    from nst_runtime.inference.stylizer import Stylizer
    from nst_runtime.jobs.places import is_same_file
    from nst_runtime.pictures.collage import Cell, SheetRow
    from nst_runtime.pictures.read import MAX_PIXELS, read_picture
    from nst_runtime.pictures.sheet import draw_sheet
    from nst_runtime.pictures.write import check_writable_suffix, write_picture

    check_writable_suffix(out)
    if is_same_file(photo, out):
        raise NstError(f"{out} is the picture that is read", "give another name to write to")
    picture = read_picture(photo, max_pixels=max_pixels or MAX_PIXELS).rgb
    stylizer = Stylizer(open_library(pack, workspace))
    encoded = stylizer.encode(picture)
    cells = [Cell(picture, photo.name)]
    cells += [Cell(stylizer.paint(encoded, style.path), style.name) for style in stylizer.styles]
    write_picture(out, draw_sheet(SheetRow("", cells).wrapped(across), size))
    print(out)


@styles.command(epilog="\b\nExample:\n  nst-runtime styles add downloads/mine.safetensors --name mine2")
def add(
    file: Annotated[Path, typer.Argument(metavar="FILE", help="A style file, as nst-student train-bank writes it.")],
    name: Annotated[str | None, typer.Option(metavar="NAME", help="The name to find it by; else its own.")] = None,
    pack: PackOption = None,
    as_json: JsonOption = False,
) -> None:
    """Copy a style file to your own styles.

    It is checked first. From then on every program finds it by its name, beside the styles of the pack.
    """
    from nst_runtime.contracts.library import open_library

    _print_done("added", open_library(pack).add(file, name), as_json=as_json)


@styles.command(epilog="\b\nExample:\n  nst-runtime styles remove mine2")
def remove(
    name: Annotated[str, typer.Argument(metavar="NAME", help="The name of one of your own styles.")],
    as_json: JsonOption = False,
) -> None:
    """Delete one of your own styles."""
    from nst_runtime.contracts.library import FoundStyle, open_library

    _print_done("removed", FoundStyle(name, open_library().remove(name), "own"), as_json=as_json)


def _print_done(what: str, style: "FoundStyle", *, as_json: bool) -> None:
    if as_json:
        print_json({what: style.name, "path": str(style.path)})
    else:
        print_table([(what, style.name, str(style.path))])


def describe_style(style: "FoundStyle") -> dict[str, Any]:
    """Return what `style` says of itself, and where it is, as JSON; raises PackError when its file is damaged."""
    record = style.record()
    return {
        "name": style.name,
        "title": record.info.title,
        "artist": record.info.artist,
        "year": record.info.year,
        "licence": record.info.licence,
        "from": style.origin,
        "path": str(style.path),
        "size_bytes": style.path.stat().st_size,
        "architecture": record.architecture,
        "codec_sha256": record.codec_sha256,
        "recipe": record.recipe,
        "metrics": dict(record.metrics),
    }


def tell_hidden(library: "Library", name: str | None = None) -> None:
    """Say which style files are hidden by one of the same name that is found before them; only `name`'s if given."""
    for hidden in library.hidden():
        if name in (None, hidden.name):
            whose = _WHOSE[library.find(hidden.name).origin]
            say(f"{hidden.path} is hidden by {whose} style {hidden.name}; give its path to use it")


def _write_preview(library: "Library", style: str, file: Path) -> None:
    from nst_runtime.pictures.read import read_picture_bytes
    from nst_runtime.pictures.write import check_writable_suffix, write_picture

    check_writable_suffix(file)
    data = library.read(style).preview
    if not data:
        raise NstError(f"the style {style} holds no preview", "leave `preview` out")
    write_picture(file, read_picture_bytes(data, f"the preview of {style}", max_pixels=PREVIEW_LIMIT_PIXELS))
