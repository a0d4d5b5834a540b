"""``nst-student visualize``: what the layers of a codec and a bank do to a photograph."""

import sys
from dataclasses import dataclass
from pathlib import Path
from typing import Annotated

import typer

from nst_features.device import pick_device
from nst_features.names import DeviceName
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_student.cli.progress import say
from nst_student.data.pictures import read_photo
from nst_student.figures.responses import Generator
from nst_student.figures.visualize import Plan, visualize
from nst_student.networks.checkpoint import CODEC_FILE, load_codec
from nst_student.networks.shipped import SHIPPED_CODEC
from nst_student.networks.style_files import load_bank


@dataclass(frozen=True)
class VisualizeOptions:
    """Whose layers to look at, on what, and how closely."""

    style: Annotated[str, typer.Option(help="Name of the style, whose file is WORKSPACE/styles/STYLE.safetensors.")]
    out: Annotated[Path, typer.Option(help="Folder to write to.")]
    workspace: Annotated[Path, typer.Option(help="Folder that holds codec and banks.")] = DEFAULT
    codec: Annotated[
        Path | None, typer.Option(help="Codec in place of the workspace's, or of the shipped one if that has none.")
    ] = None
    bank: Annotated[Path | None, typer.Option(help="Bank of that codec in place of the workspace's.")] = None
    style_image: Annotated[
        Path | None,
        typer.Option(
            help="Picture whose style is reconstructed at the bank's layers.", show_default="the stylised photograph"
        ),
    ] = None
    size: Annotated[int, typer.Option(min=64, max=2048, help="Short side of the photograph in px.")] = 192
    iterations: Annotated[int, typer.Option(min=1, help="Steps of L-BFGS for each picture from noise.")] = 200
    seed: Annotated[int, typer.Option(min=0, help="Seed of the noise.")] = 0
    device: Annotated[DeviceName, typer.Option(help="Where to compute; auto takes CUDA if there is one.")] = "auto"


def visualize_command(
    photo: Annotated[Path, typer.Argument(help="Photograph to look at.")], options: VisualizeOptions
) -> None:
    """Show what each layer of the encoder, a bank and the decoder does to a photograph.

    Writes responses.png (every layer's channels), pictures.png (the picture as each layer has it), reconstructions.png
    (the photograph and the style made from noise, layer by layer), each picture by itself and visualize.json to --out,
    and prints the sheets' paths.

    Example: nst-student visualize photo.jpg --style waves --out layers
    """
    device = pick_device(options.device)
    say(f"looking at {photo} in the layers of {options.style}")
    pictures = [read_photo(path, options.size).to(device) for path in (photo, options.style_image) if path is not None]
    generator = _generator(options)
    for module in (generator.codec.encoder, generator.bank, generator.codec.decoder):
        module.to(device)
    plan = Plan(options.iterations, options.seed)
    for done in visualize(generator, pictures[0], pictures[1] if len(pictures) > 1 else None, plan, options.out):
        print(f"{done.name}: {done.result}", file=sys.stderr, flush=True)
    for name in ("responses.png", "pictures.png", "reconstructions.png", "visualize.json"):
        print(options.out / name)


def _generator(options: VisualizeOptions) -> Generator:
    """Return the codec and the bank that `options` name; raises NstError when one is missing or not the other's."""
    workspace = Workspace(options.workspace)
    own = workspace.codec / CODEC_FILE
    codec = load_codec(options.codec or (own if own.exists() else SHIPPED_CODEC))
    bank = load_bank(options.bank or workspace.style(options.style), codec)
    return Generator(codec, bank.bank)
