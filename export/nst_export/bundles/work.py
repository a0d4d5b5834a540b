"""One style at one size: its graphs for all targets."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nst_export.bundles.manifest import Expected, Model, Reference, Size
from nst_export.bundles.measuring import Sample, measure
from nst_export.bundles.merged import merged
from nst_export.bundles.names import Precision, TargetName
from nst_export.bundles.order import Order
from nst_export.bundles.ort_files import CONVERTED
from nst_export.bundles.precision import LEAST_PSNR_DB, in_precision
from nst_export.bundles.scenes import calibration_scenes, shown_scenes
from nst_export.bundles.static_graph import compact
from nst_export.bundles.targets import TARGETS, placements, rewritten
from nst_runtime.contracts.packs import Form
from nst_runtime.errors import NstError
from nst_runtime.inference.beside import typical_picture
from nst_runtime.inference.look import Look
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Pixels, to_network
from nst_runtime.pictures.write import write_picture

MODELS = "models"


class Work:
    """The graphs of one style at one size, and what the runtime makes of the reference pictures."""

    def __init__(
        self, stylizer: Stylizer, style: str, size: Size, folder: Path, references: tuple[Reference, ...]
    ) -> None:
        self._stylizer, self._style, self._size, self._folder = stylizer, style, size, folder
        self._name = stylizer.library.find(style).name
        self._parts = stylizer.network.parts(style)
        self._statistics = stylizer.measure(typical_picture(), style)
        self._pictures = list(shown_scenes(size.height, size.width).values())
        self._samples: dict[Form, list[Sample]] = {}
        self.references = references

    def models(self, order: Order) -> Iterator[Model]:
        """Yield the graphs that `order` asks for, written and checked."""
        for target in order.targets:
            for precision in order.of(target):
                yield self._model(target, precision)

    def _model(self, target: TargetName, precision: Precision) -> Model:
        form = TARGETS[target].forms[precision]
        size = self._size
        height, width = size.input.shape[2:]
        whole = rewritten(merged(self._parts, form, height, width, self._statistics), TARGETS[target])
        scenes = calibration_scenes(height, width, 1) if precision == "int8" else []
        model = in_precision(whole, precision, scenes)
        found = placements(model, target, precision)
        stem = f"{MODELS}/{target}/{self._name}-{size.name}-{precision}"
        data = compact(model).SerializeToString()
        (self._folder / stem).parent.mkdir(parents=True, exist_ok=True)
        (self._folder / f"{stem}.onnx").write_bytes(data)
        measured = measure(data, self._expected(form), stem)
        least = LEAST_PSNR_DB[precision]
        if measured.psnr_db is not None and measured.psnr_db < least:
            raise NstError(
                f"{self._name} in {precision} for {target} is {measured.psnr_db} dB from the runtime's picture; below "
                f"{least:.0f} dB one sees it",
                f"leave the `precision` {precision} out for this style",
            )
        row = TARGETS[target]
        files = f"{stem}.onnx", f"{stem}.ort" if precision in CONVERTED else None
        return Model(
            self._name,
            size.name,
            target,
            precision,
            form,
            *files,
            len(data),
            row.provider,
            row.options,
            found,
            measured,
        )

    def _expected(self, form: Form) -> list[Sample]:
        """Return the reference pictures and what the runtime makes of them in `form`, which is written as well."""
        if form not in self._samples:
            look = Look(self._style, strokes="full", statistics=self._statistics if form == "folded" else "exact")
            made = [self._stylizer.stylize(picture, look) for picture in self._pictures]
            multiple = self._stylizer.pack.manifest.codec.multiple_px
            inputs = [to_network(picture, multiple) for picture in self._pictures]
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
