"""Fixed weights against --balance auto on ten pairs of very different contrast, as a table and a contact sheet.

    python benchmarks/balance.py DATA --out balance.jpg [--size 128] [--iterations 60] [--ratios 1.0]

DATA is a folder with photos/, styles/ and weights/. Pictures are made with one training of VGG-19 and measured with
another. *share* is what is left of the photo's distance to the style's Gram matrices (1: nothing happened, 0: the
style's own statistics), *structure* the correlation of the result's features with the photo's, each filter's mean taken
out (1: the photo, 0: nothing of it is left).
"""

import argparse
from dataclasses import replace
from pathlib import Path

import numpy as np
import torch

from nst_features.likeness import structure, style_share
from nst_features.networks import load_network
from nst_runtime.pictures.arrays import Pixels, resize, resize_short_side, to_unit
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.read import list_pictures, read_picture
from nst_runtime.pictures.write import write_picture
from nst_teacher.engine.engine import Engine, outcomes
from nst_teacher.settings.method import Method
from nst_teacher.settings.plan import Plan

LAYERS = ("relu1_1", "relu2_1", "relu3_1")
# Places in the pictures' order of contrast, 0 the flattest: (photo, style)
PAIRS = ((0, 1), (0, 0.5), (0, 0), (0.25, 0.75), (0.5, 1), (0.5, 0), (0.75, 0.25), (1, 1), (1, 0.5), (1, 0))
UNDER, OVER = 0.5, 0.3


def main() -> None:
    """Run the comparison and print it."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("data", type=Path)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--size", type=int, default=128)
    parser.add_argument("--iterations", type=int, default=60)
    parser.add_argument("--ratios", default="1.0", help="balance ratios, several by commas")
    arguments = parser.parse_args()
    torch.set_num_threads(1)
    size, weights = arguments.size, arguments.data / "weights"
    photos = by_contrast([centre(read_picture(p).rgb, size) for p in list_pictures(arguments.data / "photos")[::7]])
    styles = by_contrast(
        [resize_short_side(read_picture(p).rgb, size) for p in list_pictures(arguments.data / "styles")]
    )
    fixed = Method(
        network="vgg19",
        weights=weights / "vgg19_normalised_conv3_1.safetensors",
        plan=Plan(iterations=arguments.iterations),
        style_size_px=size,
        scales=2,
    )
    auto = [replace(fixed, balance="auto", balance_ratio=float(ratio)) for ratio in arguments.ratios.split(",")]
    methods = {"fixed": fixed} | {f"auto {method.balance_ratio:g}": method for method in auto}
    judge = load_network("vgg19", weights=weights / "vgg19_torchvision_conv3_1.safetensors")
    rows, found = [], {name: [] for name in methods}  # type: tuple[list[list[Pixels]], dict[str, list[tuple[float, float]]]]
    print("| contrast photo | style |" + "".join(f" {name}: share | structure |" for name in methods))
    print("|---|---|" + "---|---|" * len(methods))
    for places in PAIRS:
        photo, style = pick(photos, places[0]), pick(styles, places[1])
        row, cells = [photo, resize(style, size, size)], f"| {contrast(photo):.3f} | {contrast(style):.3f} |"
        for name, method in methods.items():
            result = stylise(method, photo, style)
            after, before, target = (torch.from_numpy(to_unit(picture)) for picture in (result, photo, style))
            found[name].append(
                (style_share(judge, after, before, target, LAYERS), structure(judge, after, before, LAYERS[-1]))
            )
            row.append(result)
            cells += " {:.3f} | {:.3f} |".format(*found[name][-1])
        rows.append(row)
        print(cells, flush=True)
    for name, values in found.items():
        shares, structures = zip(*values, strict=True)
        under, over = sum(value > UNDER for value in shares), sum(value < OVER for value in structures)
        print(
            f"{name}: share {min(shares):.3f}–{max(shares):.3f}, "
            f"structure {min(structures):.3f}–{max(structures):.3f}; under-stylised (share above {UNDER}) {under}, "
            f"over-stylised (structure below {OVER}) {over} of {len(values)}"
        )
    write_picture(arguments.out, tile(rows))


def stylise(method: Method, photo: Pixels, style: Pixels) -> Pixels:
    """Return `photo` in the style of `style`."""
    iterates = list(Engine(method, style, torch.device("cpu")).run([photo], [0]))
    return outcomes(iterates[0].losses, iterates[-1], method.content_weight)[0].picture


def centre(rgb: Pixels, size_px: int) -> Pixels:
    """Return the middle square of `rgb` at `size_px`."""
    small = resize_short_side(rgb, size_px)
    top, left = (small.shape[0] - size_px) // 2, (small.shape[1] - size_px) // 2
    return np.ascontiguousarray(small[top : top + size_px, left : left + size_px])


def contrast(rgb: Pixels) -> float:
    """Return the standard deviation of the luminance of `rgb`, of 1."""
    return float((rgb @ np.array([0.299, 0.587, 0.114])).std() / 255)


def by_contrast(pictures: list[Pixels]) -> list[Pixels]:
    """Return `pictures`, the flattest first."""
    return sorted(pictures, key=contrast)


def pick(pictures: list[Pixels], place: float) -> Pixels:
    """Return the picture at `place`, 0…1, of a list."""
    return pictures[round(place * (len(pictures) - 1))]


if __name__ == "__main__":
    main()
