"""Put the runs of assets/papers.sh together: the pictures of docs/papers.md, and a table of what became of each pair.

    python assets/papers_page.py WORK WEIGHTS --out docs/papers

*share* and *structure* are by torchvision's VGG-19 to relu3_1: what is left of the
photo's distance to the style's Gram matrices (1: nothing happened), and how far its features are still the photo's (1).
"""

import argparse
from pathlib import Path

import torch
from PIL import Image

from nst_features.likeness import structure, style_share
from nst_features.networks import load_network
from nst_runtime.contracts.files import replacing
from nst_runtime.pictures.arrays import Pixels, resize, resize_short_side, to_unit
from nst_runtime.pictures.collage import Cell, SheetRow
from nst_runtime.pictures.read import read_picture
from nst_teacher.pictures.sheets import draw_labelled_sheet

ASSETS = Path(__file__).parent
LARGEST_BYTES, WIDEST_PX, TALLEST_PX = 64_000, 1200, 800
LAYERS = ("relu1_1", "relu2_1", "relu3_1")
PAIR = ASSETS / "scenes" / "town.jpg", ASSETS / "styles" / "swirls.jpg"
# A sheet: its runs, and what the page calls them.
SHEETS = {
    "gatys2016": {"gatys2016": "content weight 1e-3", "gatys2016_smooth": "1e-6, variation 0.1"},
    "srinath": {"srinath": "content weight 0.01", "srinath_smooth": "0.1, variation 1"},
    "cs229": {"cs229": "the preset", "cs229_variation": "variation 0.3", "cs229_regions": "the same, two regions"},
    "saric2020": {
        "saric2020": "the preset",
        "saric2020_content": "content weight 1e4",
        "saric2020_start": "1e2, from the photo",
    },
    "singh": {"singh": "20 iterations", "singh_smooth": "L-BFGS, 150, variation 3"},
}
# The figures of reconstruct, compare and sweep, as they are.
FIGURES = {
    "gatys2016_layers": "reconstruct_vgg/reconstruct.png",
    "srinath_optimizers": "compare/compare.png",
    "srinath_pictures": "compare/compare_sheet.png",
    "mak2021": "cases/layer_cases_sheet.png",
    "mak2021_content": "cases_content/layer_cases_sheet.png",
    "mak2021_losses": "cases_content/layer_cases.png",
    "saric2020_layers": "reconstruct_resnet/reconstruct.png",
    "saric2020_untrained": "reconstruct_resnet_random/reconstruct.png",
    "saric2020_sweep": "sweep/sweep.png",
    "saric2020_sweep_start": "sweep_start/sweep.png",
}


def main() -> None:
    """Read the arguments, write the pictures, print the table."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("work", type=Path)
    parser.add_argument("weights", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    options = parser.parse_args()
    for name, source in FIGURES.items():
        write_small(options.out / f"{name}.jpg", read_picture(options.work / source).rgb)
    for name, runs in SHEETS.items():
        results = {run: read_picture(options.work / f"{run}.png").rgb for run in runs}
        height, width = next(iter(results.values())).shape[:2]
        photo, style = originals(height, width)
        cells = [Cell(photo, "photo"), Cell(style, "style"), *(Cell(results[run], runs[run]) for run in runs)]
        write_small(options.out / f"{name}.jpg", draw_labelled_sheet([SheetRow("", cells)]))
    print_table(options.work, options.weights)


def originals(height: int, width: int) -> tuple[Pixels, Pixels]:
    """Return the photo at `height` and `width`, and the style picture with that short side."""
    photo, style = (read_picture(path).rgb for path in PAIR)
    return resize(photo, width, height), resize_short_side(style, min(height, width))


def write_small(path: Path, picture: Pixels) -> None:
    """Write `picture` as a JPEG of the best quality that is small enough."""
    image = Image.fromarray(picture)
    image.thumbnail((WIDEST_PX, TALLEST_PX), Image.Resampling.LANCZOS)
    for quality in range(90, 20, -5):
        with replacing(path) as temporary:
            image.save(temporary, "JPEG", quality=quality, optimize=True)
        if path.stat().st_size <= LARGEST_BYTES:
            break
    print(path)


def print_table(work: Path, weights: Path) -> None:
    """Print share and structure of every single run."""
    judge = load_network("vgg19", weights=weights / "vgg19_torchvision_conv3_1.safetensors")
    print("| run | share | structure |\n|---|---|---|")
    for runs in SHEETS.values():
        for run in runs:
            result = read_picture(work / f"{run}.png").rgb
            photo, style = originals(*result.shape[:2])
            after, before, target = (torch.from_numpy(to_unit(picture)) for picture in (result, photo, style))
            share = style_share(judge, after, before, target, LAYERS)
            print(f"| {run} | {share:.3f} | {structure(judge, after, before, LAYERS[-1]):.3f} |")


if __name__ == "__main__":
    main()
