"""What docs/papers.md shows of trained banks, which are the student's, beside what the teacher paints.

    python -m assets.papers_student gatys --style swirls --picture swirls.jpg --pack PACK --weights FILE --out OUT
    python -m assets.papers_student ways --style swirls --picture swirls.jpg --weights FILE --out OUT LABEL=WORKSPACE …

`gatys` puts Gatys' method and the bank of a style pack side by side, with the time that each took on one thread
(Srinath, Yin and Verma, fig. 14 and 15). `ways` puts banks of one style side by side that were trained in several
ways, each in a workspace of its own, on the drawn scenes, with a table of what each has taken on and kept. `figures`
makes the sheets and plots of nst-student's visualize and compare small.
"""

import argparse
from collections.abc import Generator
from pathlib import Path
from typing import Any

import numpy as np
import torch

from assets.papers_page import ASSETS, LAYERS, write_small
from nst_features.likeness import structure, style_share
from nst_features.networks import load_network
from nst_runtime import Stylizer
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.inference.timing import median_ms
from nst_runtime.pictures.arrays import Pixels, from_unit, resize_short_side, to_unit
from nst_runtime.pictures.collage import Cell, SheetRow
from nst_runtime.pictures.read import read_picture
from nst_student.networks.checkpoint import CODEC_FILE, load_codec
from nst_student.networks.style_files import load_bank
from nst_student.training.bank import stylise
from nst_teacher.figures.figure_files import read_subject
from nst_teacher.figures.observation import Observation, run_trials
from nst_teacher.pictures.sheets import draw_labelled_sheet
from nst_teacher.settings.presets import load_preset

SCENES = ("town", "landscape", "still_life")
FIGURES = {
    "srinath_responses": "layers/responses.png",
    "srinath_layers": "layers/pictures.png",
    "srinath_reconstructions": "layers/reconstructions.png",
    "shipped_layers": "shipped/pictures.png",
    "srinath_compare_pixels": "compare_pixels/compare_sheet.png",
    "srinath_compare_pixels_loss": "compare_pixels/compare.png",
    "srinath_compare_judges": "compare_judges/compare_sheet.png",
    "srinath_compare_judges_loss": "compare_judges/compare.png",
}
REPEATS = 20
MULTIPLE_PX = 16


def main() -> None:
    """Read the arguments and make the one sheet or the other."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    commands = parser.add_subparsers(required=True)
    gatys = commands.add_parser("gatys", help="Gatys' method against a bank")
    gatys.add_argument("--photo", type=Path, default=ASSETS / "scenes" / "town.jpg")
    gatys.add_argument("--pack", type=Path, help="style pack; the shipped one if not given")
    gatys.add_argument("--preset", default="srinath")
    gatys.add_argument("--iterations", type=int, default=150)
    gatys.add_argument("--content-weight", type=float, help="the preset's if not given")
    gatys.add_argument("--variation-weight", type=float, help="weight of total variation; the preset's if not given")
    gatys.add_argument("--precision", default="fp32")
    gatys.set_defaults(run=against_gatys)
    ways = commands.add_parser("ways", help="banks trained in several ways")
    ways.add_argument("workspaces", nargs="+", metavar="LABEL=WORKSPACE")
    ways.set_defaults(run=several_ways)
    figures = commands.add_parser("figures", help="sheets and plots as they are")
    figures.add_argument("work", type=Path, help="the folder of papers.sh")
    figures.add_argument("--out", type=Path, required=True)
    figures.set_defaults(run=small_figures)
    for command in (gatys, ways):
        command.add_argument("--picture", type=Path, default=ASSETS / "styles" / "swirls.jpg", help="of the style")
        command.add_argument("--style", default="swirls")
        command.add_argument("--weights", type=Path, required=True, help="VGG-19, that paints or that measures")
        command.add_argument("--size", type=int, default=256, help="short side in px")
        command.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    torch.set_num_threads(1)
    options.run(options)


def small_figures(options: argparse.Namespace) -> None:
    """Write the figures of visualize and compare as small JPEGs."""
    for name, source in FIGURES.items():
        write_small(options.out / f"{name}.jpg", read_picture(options.work / source).rgb)


def against_gatys(options: argparse.Namespace) -> None:
    """Write photo, style picture, what Gatys' method makes of them in some seconds, and the bank in milliseconds."""
    losses = {"content_weight": options.content_weight, "variation_weight": options.variation_weight}
    given: dict[str, dict[str, object]] = {
        "network": {
            "network": "vgg19", "weights": str(options.weights), "padding": "reflect", "precision": options.precision,
        },
        "losses": {name: value for name, value in losses.items() if value is not None},
        "optimisation": {"iterations": options.iterations},
    }  # fmt: skip
    method = load_preset(options.preset).method(given)
    subject = read_subject(options.photo, options.picture, options.size, method)
    (found,) = _returned(run_trials([subject.trial("gatys", method)], torch.device("cpu")))
    stylizer = Stylizer.load(options.pack, threads=1)
    painted = stylizer.stylize(subject.photo, options.style)
    took_ms = median_ms(lambda: stylizer.stylize(subject.photo, options.style), REPEATS)
    took_s = found.readings[-1].seconds
    cells = [
        Cell(subject.photo, "photo"),
        Cell(_cut(subject.style, *subject.photo.shape[:2]), "style"),
        Cell(found.picture, f"Gatys, {took_s:.1f} s"),
        Cell(painted, f"bank, {took_ms:.1f} ms"),
    ]
    write_small(options.out, draw_labelled_sheet([SheetRow("", cells)]))
    print(f"{took_s:.1f} s, {took_ms:.1f} ms, {1000 * took_s / took_ms:.0f} times")


def several_ways(options: argparse.Namespace) -> None:
    """Write each scene beside what the bank of every workspace makes of it; print style share and structure."""
    judge = load_network("vgg19", weights=options.weights)
    style = torch.from_numpy(to_unit(resize_short_side(read_picture(options.picture).rgb, options.size)))
    photos = {name: _scene(name, options.size) for name in SCENES}
    made: dict[str, dict[str, torch.Tensor]] = {}
    print("| bank | share | structure |\n|---|---|---|")
    for item in options.workspaces:
        label, _, workspace = item.partition("=")
        made[label] = {name: _painted(Workspace(Path(workspace)), options.style, photos[name]) for name in SCENES}
        shares = [style_share(judge, made[label][name], photos[name], style, LAYERS) for name in SCENES]
        kept = [structure(judge, made[label][name], photos[name], LAYERS[-1]) for name in SCENES]
        print(f"| {label} | {np.mean(shares):.3f} | {np.mean(kept):.3f} |")
    rows = [
        SheetRow("", [Cell(_pixels(photo), name), *(Cell(_pixels(by[name]), label) for label, by in made.items())])
        for name, photo in photos.items()
    ]
    write_small(options.out, draw_labelled_sheet(rows))


def _returned(generator: Generator[Any, None, tuple[Observation, ...]]) -> tuple[Observation, ...]:
    """Run `generator` to its end and return what it returns."""
    while True:
        try:
            next(generator)
        except StopIteration as stop:
            found: tuple[Observation, ...] = stop.value
            return found


def _cut(style: Pixels, height: int, width: int) -> Pixels:
    """Return the middle of `style` at `height` and `width`."""
    scaled = resize_short_side(style, max(height, width))
    top, left = (scaled.shape[0] - height) // 2, (scaled.shape[1] - width) // 2
    return scaled[top : top + height, left : left + width]


def _scene(name: str, size_px: int) -> torch.Tensor:
    rgb = resize_short_side(read_picture(ASSETS / "scenes" / f"{name}.jpg").rgb, size_px)
    height, width = (side // MULTIPLE_PX * MULTIPLE_PX for side in rgb.shape[:2])
    return torch.from_numpy(to_unit(rgb[:height, :width]))


def _painted(workspace: Workspace, style: str, photo: torch.Tensor) -> torch.Tensor:
    codec = load_codec(workspace.codec / CODEC_FILE)
    bank = load_bank(workspace.style(style), codec).bank
    return stylise(codec, bank, photo).clamp(0, 1)


def _pixels(image: torch.Tensor) -> Pixels:
    return from_unit(image.numpy())


if __name__ == "__main__":
    main()
