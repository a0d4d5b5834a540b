"""Write a bundle for apps: graphs, reference pictures, sources, and bundle.json."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from nst_export.bundles.apps import copy_sources, write_readme
from nst_export.bundles.manifest import (
    Bundle,
    BundledStyle,
    Expected,
    Model,
    Reference,
    Size,
    check_replaceable,
    files_in,
    size_of,
    write_bundle,
)
from nst_export.bundles.measuring import Sample, measure
from nst_export.bundles.merged import merged
from nst_export.bundles.order import Order
from nst_export.bundles.ort_files import write_ort_files
from nst_export.bundles.names import Precision, TargetName
from nst_export.bundles.precision import LEAST_PSNR_DB, in_precision
from nst_export.bundles.scenes import calibration_scenes, shown_scenes
from nst_export.bundles.static_graph import compact
from nst_export.bundles.targets import TARGETS, placements, rewritten
from nst_runtime.contracts.folders import replacing_folder
from nst_runtime.contracts.packs import Form
from nst_runtime.errors import NstError
from nst_runtime.inference.beside import typical_picture
from nst_runtime.inference.look import Look
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import Pixels, to_network
from nst_runtime.pictures.write import write_picture

MODELS, CHECK, APPS = "models", "check", "apps"


def write_mobile_bundle(stylizer: Stylizer, order: Order, out: Path) -> Iterator[Model]:
    """Write what `order` asks for to the folder `out`, yielding each graph as it passes its checks.

    The folder takes its place with the iterator's end; until then, and if anything fails, `out` is as it was. Raises
    NstError when a style or a size does not fit the codec, a target does not take the network whole, a precision comes
    out too far from the runtime's pictures, or `out` holds anything but a bundle or cannot be written.
    """
    codec = stylizer.pack.manifest.codec
    order.check_sizes(codec.minimum_px)
    styles = [BundledStyle(_name(stylizer, style), stylizer.library.read(style).record.info) for style in order.styles]
    sizes = [size_of(width, height, codec.multiple_px) for width, height in order.sizes]
    with replacing_folder(out, "bundle", check_replaceable) as folder:
        models = []
        references = {size.name: _references(size, folder) for size in sizes}
        for style in order.styles:
            for size in sizes:
                work = _Work(stylizer, style, size, folder, references[size.name])
                for model in work.models(order):
                    models.append(model)
                    yield model
                references[size.name] = work.references
        _finish(folder, order)
        shown = tuple(reference for found in references.values() for reference in found)
        facts = Bundle(
            codec.sha256, codec.architecture, tuple(styles), tuple(sizes), tuple(models), shown, LEAST_PSNR_DB, ()
        )
        write_bundle(folder, _with_files(folder, facts))


def _finish(folder: Path, order: Order) -> None:
    for target in order.targets:
        write_ort_files(folder / MODELS / target, for_processor=TARGETS[target].provider == "CPU")
    copy_sources(folder / APPS)


def _with_files(folder: Path, bundle: Bundle) -> Bundle:
    """Return `bundle` with its files, after writing its page, which is one of them."""
    write_readme(folder, bundle)
    return replace(bundle, files=files_in(folder))


def _name(stylizer: Stylizer, style: str) -> str:
    return stylizer.library.find(style).name


def _references(size: Size, folder: Path) -> tuple[Reference, ...]:
    """Write the reference pictures of `size` and return them, with nothing expected of them yet."""
    found = []
    (folder / CHECK).mkdir(exist_ok=True)
    for name, picture in shown_scenes(size.height, size.width).items():
        file = f"{CHECK}/{name}-{size.name}.png"
        write_picture(folder / file, picture)
        found.append(Reference(size.name, file, ()))
    return tuple(found)


class _Work:
    """One style at one size: its graphs for all targets, and what the runtime makes of the reference pictures."""

    def __init__(
        self, stylizer: Stylizer, style: str, size: Size, folder: Path, references: tuple[Reference, ...]
    ) -> None:
        self._stylizer, self._style, self._size, self._folder = stylizer, style, size, folder
        self._name = _name(stylizer, style)
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
        files = f"{stem}.onnx", f"{stem}.ort"
        return Model(
            self._name, size.name, target, precision, form, *files, len(data), row.provider, row.options, found, measured
        )

    def _expected(self, form: Form) -> list[Sample]:
        """Return the reference pictures and what the runtime makes of them in `form`, which is written as well."""
        if form not in self._samples:
            statistics = self._statistics if form == "folded" else "exact"
            look = Look(self._style, strokes="full", statistics=statistics)
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
