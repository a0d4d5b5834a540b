"""``nst-student visualize``: what the layers of a codec and a bank do to a photograph."""

import sys
from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nst_runtime.cli.output import say
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_student.cli.shared_options import DeviceOption, WorkspaceOption

if TYPE_CHECKING:
    from nst_student.figures.responses import Generator

EPILOG = """\b
Examples:
  nst-student visualize photo.jpg --style waves --out layers
  nst-student visualize photo.jpg --style mine --style-image mine.jpg --out layers
"""
FILES = ("responses.png", "pictures.png", "reconstructions.png", "visualize.json")


def visualize_command(
    photo: Annotated[Path, typer.Argument(metavar="PHOTO", help="The photograph to look at.")],
    style: Annotated[
        str,
        typer.Option(metavar="NAME", help="A style of the workspace, else one that programs find, or a style file."),
    ],
    out: Annotated[Path, typer.Option(metavar="DIR", help="The folder to write to.")],
    style_image: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE",
            show_default="the stylised photograph",
            help="The picture whose style is made again from noise, by the bank's layers.",
        ),
    ] = None,
    size: Annotated[int, typer.Option(min=64, max=2048, metavar="N", help="The photograph's short side in px.")] = 192,
    iterations: Annotated[
        int, typer.Option(min=1, metavar="N", help="Steps of L-BFGS for each picture from noise.")
    ] = 200,
    seed: Annotated[int, typer.Option(min=0, metavar="N", help="The seed of the noise.")] = 0,
    codec: Annotated[
        Path | None,
        typer.Option(
            metavar="FILE", show_default="the workspace's, or the shipped one", help="The codec that the style is for."
        ),
    ] = None,
    workspace: WorkspaceOption = DEFAULT,
    device: DeviceOption = "auto",
) -> None:
    """Show what each layer of the encoder, a bank and the decoder does to a photograph.

    Writes three sheets to --out and prints their paths. In responses.png are the channels of every layer, in
    pictures.png is the picture as each layer has it. In reconstructions.png are the photograph and the style, made
    from noise layer by layer. Each picture is written by itself as well, and visualize.json has the numbers.
    """
    say(f"loading torch and looking at {photo} in the layers of {style}")
    from nst_features.device import pick_device
    from nst_student.data.pictures import read_photo
    from nst_student.figures.visualize import Plan, visualize

    place = pick_device(device)
    pictures = [read_photo(path, size).to(place) for path in (photo, style_image) if path is not None]
    generator = _load_generator(style, codec, Workspace(workspace))
    for module in (generator.codec.encoder, generator.bank, generator.codec.decoder):
        module.to(place)
    plan = Plan(iterations, seed)
    for done in visualize(generator, pictures[0], pictures[1] if len(pictures) > 1 else None, plan, out):
        print(f"{done.name}: {done.result}", file=sys.stderr, flush=True)
    for name in FILES:
        print(out / name)


def _load_generator(style: str, codec: Path | None, workspace: Workspace) -> "Generator":
    """Return the codec and the bank of `style`; raises NstError when one is missing or not the other's."""
    from nst_student.figures.responses import Generator
    from nst_student.networks.checkpoint import CODEC_FILE, load_codec
    from nst_student.networks.shipped import SHIPPED_CODEC
    from nst_student.networks.style_files import load_bank

    own = workspace.codec / CODEC_FILE
    chosen = codec or (own if own.exists() else SHIPPED_CODEC)
    loaded = load_codec(chosen)
    return Generator(loaded, load_bank(_find_bank(style, workspace, shipped=chosen == SHIPPED_CODEC), loaded).bank)


def _find_bank(style: str, workspace: Workspace, *, shipped: bool) -> Path:
    """Return the style file of `style`: itself, the workspace's, or what programs find for the `shipped` codec."""
    from nst_runtime.contracts.library import open_library
    from nst_runtime.contracts.styles import SUFFIX

    if style.endswith(SUFFIX):
        return Path(style)
    own = workspace.style(style)
    return own if own.exists() or not shipped else open_library(workspace=workspace.root).find(style).path
