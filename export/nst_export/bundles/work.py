"""One style at one size: its graphs for all targets."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import onnx

from nst_export.bundles.manifest import Expected, Measured, Model, Reference, Size
from nst_export.bundles.measuring import Sample, measure
from nst_export.bundles.merged import merged
from nst_export.bundles.names import Precision, TargetName
from nst_export.bundles.order import Order
from nst_export.bundles.ort_files import CONVERTED
from nst_export.bundles.precision import LEAST_PSNR_DB, halved, quantized, resized
from nst_export.bundles.scenes import calibration_scenes, shown_scenes
from nst_export.bundles.static_graph import compact
from nst_export.bundles.targets import TARGETS, Target, placements, rewritten
from nst_runtime.contracts.packs import Form
from nst_runtime.errors import NstError
from nst_runtime.inference.beside import typical_picture
from nst_runtime.inference.look import Look
from nst_runtime.inference.steady import can_be_steadied
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Pixels, to_network
from nst_runtime.pictures.write import write_picture

MODELS = "models"
# The side of the pictures by which the ranges of numbers are found, for all sizes: 2048 takes more than 4 GB and comes
# no nearer, and a corner of 64 shows next to nothing.
CALIBRATED_PX = 512


class Work:
    """The graphs of one style at one size, and what the runtime makes of the reference pictures."""

    def __init__(
        self, stylizer: Stylizer, style: str, size: Size, folder: Path, references: tuple[Reference, ...]
    ) -> None:
        self._stylizer, self._style, self._size, self._folder = stylizer, style, size, folder
        self._multiple_px = stylizer.pack.manifest.codec.multiple_px
        self._name = stylizer.library.find(style).name
        self._parts = stylizer.network.parts(style)
        look = Look(style, strokes="full", statistics="exact")
        self._statistics = stylizer.measure(typical_picture(), look) if can_be_steadied(stylizer.pack) else None
        self._pictures = list(shown_scenes(size.height, size.width).values())
        self._samples: dict[Form, list[Sample]] = {}
        self.references = references

    def models(self, order: Order) -> Iterator[Model]:
        """Yield the graphs that `order` asks for, written and checked."""
        for target in order.targets:
            for precision in order.of(target):
                yield self._model(target, precision)

    def _model(self, target: TargetName, precision: Precision) -> Model:
        row = TARGETS[target]
        form = row.forms[precision]
        if form == "folded" and self._statistics is None:
            raise NstError(
                f"{target} in {precision} needs fixed statistics, which this pack's network does not have",
                "choose the `target` generic, and the `precision` fp32 or fp16",
            )
        graph = self._graph(row, precision)
        placement = placements(graph, target, precision)
        stem = f"{MODELS}/{target}/{self._name}-{self._size.name}-{precision}"
        files = f"{stem}.onnx", f"{stem}.ort" if precision in CONVERTED else None
        data = compact(graph).SerializeToString()
        (self._folder / stem).parent.mkdir(parents=True, exist_ok=True)
        (self._folder / files[0]).write_bytes(data)
        measured = measure(data, self._expected(form), stem)
        self._check(measured, target, precision)
        about = self._name, self._size.name, target, precision, form
        return Model(*about, *files, len(data), row.provider, row.options, placement, measured)

    def _check(self, measured: Measured, target: TargetName, precision: Precision) -> None:
        least = LEAST_PSNR_DB[precision]
        if measured.psnr_db is not None and measured.psnr_db < least:
            raise NstError(
                f"{self._name} in {precision} for {target} is {measured.psnr_db} dB from the runtime's picture; below "
                f"{least:.0f} dB one sees it",
                f"leave the `precision` {precision} out for this style",
            )

    def _graph(self, row: Target, precision: Precision) -> onnx.ModelProto:
        """Return the graph that a target takes in `precision`."""
        height, width = self._size.input.shape[2:]
        whole = self._whole(row, precision, height, width)
        if precision == "fp16":
            return halved(whole)
        if precision == "fp32":
            return whole
        side = -(-CALIBRATED_PX // self._multiple_px) * self._multiple_px
        calibrated = quantized(
            self._whole(row, precision, side, side), calibration_scenes(side, side), signed=row.signed_values
        )
        return resized(calibrated, whole)

    def _whole(self, row: Target, precision: Precision, height: int, width: int) -> onnx.ModelProto:
        """Return the graph that a target takes at a size, in the form for `precision` but with float32 numbers."""
        return rewritten(merged(self._parts, row.forms[precision], height, width, self._statistics), row)

    def _expected(self, form: Form) -> list[Sample]:
        """Return the reference pictures and what the runtime makes of them in `form`, which is written as well."""
        if form not in self._samples:
            fixed = self._statistics if form == "folded" else None
            look = Look(self._style, strokes="full", statistics=fixed or "exact")
            made = [self._stylizer.stylize(picture, look) for picture in self._pictures]
            inputs = [to_network(picture, self._multiple_px) for picture in self._pictures]
            self._samples[form] = [Sample(*pair) for pair in zip(inputs, made, strict=True)]
            self.references = tuple(
                self._with(reference, form, picture) for reference, picture in zip(self.references, made, strict=True)
            )
        return self._samples[form]

    def _with(self, reference: Reference, form: Form, made: Pixels) -> Reference:
        """Return `reference` with what is expected of it in `form`, written to a file."""
        file = f"{reference.picture.removesuffix('.png')}-{self._name}-{form}.png"
        write_picture(self._folder / file, made)
        return replace(reference, expected=(*reference.expected, Expected(self._name, form, file)))
