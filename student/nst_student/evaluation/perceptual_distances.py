"""LPIPS and DISTS, where their packages and the weights under them are on this machine: nothing is downloaded."""

import importlib
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nst_runtime.pictures.arrays import Pixels, to_unit
from nst_student.evaluation.stylizers import Stylize

Distance = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class _Kind:
    """A distance's package and module, the torchvision file it stands on, and how to build it from the module."""

    package: str
    module: str
    backbone: str
    build: Callable[[Any], Distance]


def _build_lpips(module: Any) -> Distance:  # noqa: ANN401 (a module)
    network = module.LPIPS(net="alex", verbose=False)
    return lambda one, other: network(one, other, normalize=True)


_KINDS = {
    "lpips": _Kind("lpips", "lpips", "alexnet-owt-7be5be79.pth", _build_lpips),
    "dists": _Kind("dists-pytorch", "DISTS_pytorch", "vgg16-397923af.pth", lambda module: module.DISTS()),
}


def find_distances() -> tuple[dict[str, Distance], list[str]]:
    """Return the distances that can be computed here, by name, and a line for each that cannot, saying why."""
    found, left_out = {}, []
    for name, kind in _KINDS.items():
        backbone = Path(torch.hub.get_dir()) / "checkpoints" / kind.backbone
        try:
            module = importlib.import_module(kind.module)
        except ImportError as error:
            left_out.append(f"{name} is left out: pip install {kind.package} (no module {error.name})")
            continue
        if not backbone.is_file():
            left_out.append(f"{name} is left out: it needs torchvision's weights at {backbone}")
            continue
        try:
            found[name] = kind.build(module)
        except (OSError, RuntimeError) as error:  # the packages' own weights missing or foreign
            left_out.append(f"{name} is left out: {' '.join(str(error).split())[:200]}; install {kind.package} again")
    return found, left_out


def mean_distances(distances: Mapping[str, Distance], stylize: Stylize, photos: Sequence[Pixels]) -> dict[str, float]:
    """Return each of `distances` between `photos` (uint8 H×W×3) and their stylised pictures, the mean; 0: the same."""
    totals = dict.fromkeys(distances, 0.0)
    with torch.no_grad():
        for photo in photos:
            pair = torch.from_numpy(to_unit(photo)), torch.from_numpy(to_unit(stylize(photo)))
            totals = {name: total + float(distances[name](*pair)) for name, total in totals.items()}
    return {name: total / len(photos) for name, total in totals.items()}
