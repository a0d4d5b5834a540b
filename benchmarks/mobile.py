"""What each graph of a bundle for phones costs: size, time, and how near it comes to the runtime's pictures.

    python benchmarks/mobile.py                                        # three styles at 512×512, every target
    python benchmarks/mobile.py --data DATA --photos 8                 # and style and content, as two networks judge
    python benchmarks/mobile.py --styles waves --targets generic qnn --size 256

DATA is a folder with photos_large/, styles/ and weights/. *mean* and *deep* say how much of the style is missing, and
*content* how far the picture is from the photo, as `nst-student evaluate` has them; here they are means over styles.
*PSNR* is that of the pixels against the runtime's in the same form, the least of all photos and styles. Without DATA it
is measured on the bundle's two scenes, and the other three are left out.
"""

import argparse
import sys
import tempfile
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, get_args

import numpy as np
from report import table

from nst_export.bundles.manifest import Model
from nst_export.bundles.measuring import psnr_db
from nst_export.bundles.names import Precision, TargetName
from nst_export.bundles.order import Order
from nst_export.bundles.writing import write_mobile_bundle
from nst_runtime.contracts.catalogue import read_catalogue
from nst_runtime.contracts.packs import Form
from nst_runtime.errors import NstError
from nst_runtime.inference.beside import typical_picture
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.look import Look
from nst_runtime.inference.machine import usable_cpus
from nst_runtime.inference.sessions import Session
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Pixels, from_network, resize_short_side, to_network
from nst_runtime.pictures.find import list_pictures
from nst_runtime.pictures.read import read_picture

STYLES = ("waves", "scream", "mosaic")
CATALOGUE = Path(__file__).parents[1] / "assets" / "default_pack" / "catalogue.toml"
JUDGES = ("vgg19_torchvision_conv3_1.safetensors", "vgg19_distilled16x_conv5_1.safetensors")
FIGURES = ("mean", "deep", "content")


@dataclass(frozen=True)
class Found:
    """How a graph does on photographs: the least PSNR in dB (infinite where all pictures are equal), and FIGURES."""

    psnr: float
    figures: tuple[float, ...]


class Photographs:
    """Photographs cut to squares, the networks that judge, and what the runtime makes of them."""

    def __init__(self, data: Path, count: int, side: int, stylizer: Stylizer) -> None:
        """Read the first `count` photographs below `data`; raises NstError when something is missing there."""
        from nst_features.networks import load_network  # noqa: PLC0415 (torch comes with the training extra)
        from nst_student.evaluation.metrics import QualityMeter  # noqa: PLC0415

        self._data, self._stylizer = data, stylizer
        self._photos = [_square(path, side) for path in list_pictures(data / "photos_large")[:count]]
        self._meter = QualityMeter(*(load_network("vgg19", weights=data / "weights" / name) for name in JUDGES))
        self._seen = [self._meter.see(_tensor(photo)) for photo in self._photos]
        self._wanted: dict[tuple[str, Form], list[Pixels]] = {}

    def judge(self, model: Model, data: bytes) -> Found:
        """Return how the graph `data`, which `model` describes, does."""
        from nst_student.evaluation.metrics import STYLE_SIZE_PX  # noqa: PLC0415
        from nst_student.losses.judges import read_style  # noqa: PLC0415

        session = Session(data, {}, RunSettings("cpu", usable_cpus()), model.onnx)
        made = [from_network(session.run({"image": to_network(p, 8)})[0], *p.shape[:2]) for p in self._photos]
        ratios = [psnr_db(*pair) for pair in zip(made, self._runtime(model.style, model.form), strict=True)]
        painting = self._data / "styles" / read_catalogue(CATALOGUE)[model.style].picture
        pictures = iter(made)
        quality = self._meter.measure(
            read_style(painting, STYLE_SIZE_PX), self._seen, lambda _: _tensor(next(pictures))
        )
        least = min((ratio for ratio in ratios if ratio is not None), default=float("inf"))
        return Found(least, (quality.mean, quality.deep, quality.content))

    def _runtime(self, style: str, form: Form) -> list[Pixels]:
        if (style, form) not in self._wanted:
            look = Look(style, strokes="full", statistics="exact")
            if form == "folded":
                look = Look(style, strokes="full", statistics=self._stylizer.measure(typical_picture(), look))
            self._wanted[style, form] = [self._stylizer.stylize(photo, look) for photo in self._photos]
        return self._wanted[style, form]


def _square(path: Path, side: int) -> Pixels:
    photo = resize_short_side(read_picture(path).rgb, side)
    top, left = ((length - side) // 2 for length in photo.shape[:2])
    return np.ascontiguousarray(photo[top : top + side, left : left + side])


def _tensor(picture: Pixels) -> Any:  # noqa: ANN401 (torch is not there in every use)
    import torch  # noqa: PLC0415

    return torch.from_numpy(to_network(picture, 1))


def measure(order: Order, judge: Callable[[Stylizer], Photographs | None]) -> str:
    """Return the table of the bundle that `order` asks for: a row for each target and precision, over all styles."""
    stylizer = Stylizer.load(device="cpu")
    photographs = judge(stylizer)
    rows: dict[tuple[TargetName, Precision], list[tuple[Model, Found | None]]] = {}
    with tempfile.TemporaryDirectory() as folder:
        out = Path(folder) / "bundle"
        models = list(write_mobile_bundle(stylizer, order, out))
        for model in models:
            print(f"{model.style} {model.target} {model.precision}", file=sys.stderr)
            found = photographs.judge(model, (out / model.onnx).read_bytes()) if photographs else None
            rows.setdefault((model.target, model.precision), []).append((model, found))
    head = ("target", "precision", "form", "kB", "ms", "PSNR", *(FIGURES if photographs else ()))
    return table(head, (_row(each) for each in rows.values()))


def _row(each: Sequence[tuple[Model, Found | None]]) -> list[str]:
    model = each[0][0]
    size = max(model.size_bytes for model, _ in each) / 1000
    least = min(model.measured.milliseconds for model, _ in each)
    judged = [found for _, found in each if found is not None]
    own = (model.measured.psnr_db for model, _ in each)
    psnr = min(found.psnr for found in judged) if judged else min(float("inf") if o is None else o for o in own)
    figures = np.mean([found.figures for found in judged], axis=0) if judged else ()
    cells = [f"`{model.target}`", model.precision, model.form, f"{size:.0f}", f"{least:.1f}"]
    return [*cells, "equal" if np.isinf(psnr) else f"{psnr:.1f} dB", *(f"{figure:.3f}" for figure in figures)]


def _photographs(data: Path | None, count: int, side: int) -> Callable[[Stylizer], Photographs | None]:
    """Return what reads the photographs, once there is a Stylizer; None, said aloud, where there are none.

    Raises NstError when `data` is not a folder.
    """
    if data is not None and not data.is_dir():
        raise NstError(f"no folder at {data}", "check its path, or leave `data` out")
    needed: Mapping[str, Path] = {} if data is None else {n: data / n for n in ("photos_large", "styles", "weights")}
    missing = [name for name, path in needed.items() if not path.is_dir()]
    if data is None or missing:
        why = "--data is not given" if data is None else f"{data} has no {' and no '.join(missing)}"
        print(f"note: {why}: style and content are left out", file=sys.stderr)
        return lambda _: None
    return lambda stylizer: Photographs(data, count, side, stylizer)


def main(arguments: Sequence[str] | None = None) -> int:
    """Measure, print the table and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--styles", nargs="+", default=STYLES, metavar="NAME", help=f"styles ({' '.join(STYLES)})")
    parser.add_argument(
        "--targets",
        nargs="+",
        choices=get_args(TargetName),
        default=get_args(TargetName),
        help="what computes on the phone (all)",
    )
    parser.add_argument("--size", type=int, default=512, metavar="N", help="pixels a side, 16 to 2048 (512)")
    parser.add_argument("--data", type=Path, metavar="DATA", help="folder of photographs, styles and weights (none)")
    parser.add_argument("--photos", type=int, default=8, metavar="N", help="how many photographs (8)")
    given = parser.parse_args(arguments)
    try:
        order = Order(tuple(given.styles), ((given.size, given.size),), tuple(given.targets), get_args(Precision))
        print(measure(order, _photographs(given.data, given.photos, given.size)))
    except NstError as error:
        print(f"mobile.py: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
