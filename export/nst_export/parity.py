"""Prove that a pack computes what was trained: torch against onnxruntime, part by part and form by form."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch import nn

from nst_export.sources import Trained
from nst_runtime.contracts.packs import Part
from nst_runtime.contracts.tensors import Tensors
from nst_runtime.errors import NstError
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.statistics import affine, affine_tensors, gather
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.inference.templates import open_part
from nst_runtime.pictures.arrays import Floats, Pixels, to_network

LIMIT = 1e-4
# Height and width in pixels: the smallest, odd ones that the runtime pads, wide, tall and square ones.
SIZES = ((16, 16), (17, 30), (64, 52), (121, 97), (256, 256))
# The other forms are compared from this side on. At 16 px a bank has four values a channel left at an eighth. Their
# variance is often next to nothing, and what a folded kernel loses by rounding is divided by it.
OTHER_FORMS_PX = 24


@dataclass(frozen=True)
class Check:
    """The largest difference between torch and onnxruntime over `part`'s output for one picture.

    Pictures are in [0, 1]; what a bank paints may be larger, and its difference is one of its largest value then.
    """

    part: str
    height: int
    width: int
    difference: float

    @property
    def passed(self) -> bool:
        """Whether the difference is within the limit; NaN is not."""
        return self.difference <= LIMIT


def compare(trained: Trained, stylizer: Stylizer) -> Iterator[Check]:
    """Yield a check for each part in each form, and for each style as a whole, at each size; pictures are in [0, 1]."""
    codec = trained.codec
    told = stylizer.pack.manifest.codec
    banks: dict[str, nn.Module] = {name: bank.bank for name, bank in trained.banks.items()}
    if codec.architecture.plain is not None:
        banks["plain"] = codec.architecture.plain(codec.decoder)
    for number, sides in enumerate(SIZES):
        height, width = (max(side, told.minimum_px) for side in sides)
        picture = to_network(sample_picture(height, width, seed=number), told.multiple_px)
        code = _run(codec.encoder, picture)
        forms = other_forms if min(picture.shape[2:]) >= OTHER_FORMS_PX else _no_other_forms
        encoded = stylizer.network.encoder(picture)
        yield Check("encoder", height, width, difference(encoded, code))
        codec_tensors = stylizer.pack.codec_tensors()
        for form, found in forms(stylizer, "encoder", codec_tensors, [picture]).items():
            yield Check(f"encoder, {form}", height, width, difference(found, code))
        for style, module in banks.items():
            tensors = stylizer.library.read(style).tensors
            bank = stylizer.network.bank(style)
            painted = _run(module, *code)
            image = [array.clip(0, 1) for array in _run(codec.decoder, *painted)]
            yield Check(f"bank {style}", height, width, difference(bank(*code), painted))
            for form, found in forms(stylizer, "bank", tensors, code).items():
                yield Check(f"bank {style}, {form}", height, width, difference(found, painted))
            yield Check("decoder", height, width, difference(stylizer.network.decoder(*painted), image))
            for form, found in forms(stylizer, "decoder", {**codec_tensors, **tensors}, painted).items():
                yield Check(f"decoder, {form}", height, width, difference(found, image))
            yield Check(f"style {style}", height, width, difference(stylizer.network.decoder(*bank(*encoded)), image))


def other_forms(
    stylizer: Stylizer, part: Part, tensors: Tensors, arrays: Sequence[Floats]
) -> Mapping[str, list[Floats]]:
    """Return what `part` gives for `arrays` in the staged and the folded form, by the statistics of these `arrays`."""
    pack, settings = stylizer.pack, RunSettings("cpu", 1)
    norms = pack.manifest.codec.norms.get(part, ())
    if not norms:
        return {}
    staged = open_part(pack, part, "staged", tensors, settings)
    statistics = gather(staged, norms, tensors, *arrays)
    affines = {norm.name: affine(norm, statistics[norm.name], tensors) for norm in norms}
    folded = open_part(pack, part, "folded", {**tensors, **affine_tensors(affines)}, settings)
    return {"staged": staged.with_affines(affines, *arrays), "folded": folded(*arrays)}


def _no_other_forms(*_: object) -> Mapping[str, list[Floats]]:
    return {}


def require(checks: Iterable[Check]) -> Iterator[Check]:
    """Yield `checks` on; raises NstError at the first that did not pass."""
    for check in checks:
        if not check.passed:
            raise NstError(
                f"{check.part} at {check.width}×{check.height}: torch and onnxruntime differ by "
                f"{check.difference:.1e}, over the limit of {LIMIT:.0e}; the pack does not hold what was trained"
            )
        yield check


def worst_by_part(checks: Iterable[Check]) -> dict[str, Check]:
    """Return the check with the largest difference for each part."""
    worst: dict[str, Check] = {}
    for check in checks:
        if check.part not in worst or check.difference > worst[check.part].difference:
            worst[check.part] = check
    return worst


def sample_picture(height: int, width: int, seed: int) -> Pixels:
    """Return a picture of `height`×`width` px with soft shapes and grain, uint8 H×W×3; the same for the same seed.

    It has a photograph's contrast. Instance norms divide by it, rounding errors too: pictures of one colour throughout
    differ by up to 3e-3, less than one of 255 levels.
    """
    random = np.random.default_rng(seed)
    y, x = np.mgrid[0:height, 0:width] / 16.0
    waves = [np.sin(random.uniform(0.2, 1.5) * x + random.uniform(0.2, 1.5) * y + phase) for phase in range(3)]
    grain = random.normal(0, 24, (height, width, 3))
    return np.clip(128 + 70 * np.stack(waves, axis=-1) + grain, 0, 255).astype(np.uint8)


def _run(module: nn.Module, *arrays: Floats) -> list[Floats]:
    with torch.inference_mode():
        result = module(*map(torch.from_numpy, arrays))
    return [tensor.numpy() for tensor in (result if isinstance(result, tuple) else (result,))]


def difference(found: Sequence[Floats], expected: Sequence[Floats]) -> float:
    """Return the largest difference of arrays, relative to the largest value where that is above 1."""
    if [array.shape for array in found] != [array.shape for array in expected]:
        return float("inf")
    pairs = zip(found, expected, strict=True)
    return float(np.max([np.abs(a - b).max() / max(1.0, np.abs(b).max()) for a, b in pairs]))
