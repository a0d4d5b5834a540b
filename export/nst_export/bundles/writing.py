"""Write a bundle for apps: graphs, reference pictures, sources, and bundle.json."""

from collections.abc import Iterator, Sequence
from dataclasses import replace
from pathlib import Path

from nst_export.bundles.apps import copy_sources, write_readme
from nst_export.bundles.folder import files_in
from nst_export.bundles.manifest import (
    Bundle,
    Model,
    Reference,
    Size,
    check_replaceable,
    size_of,
    write_bundle,
)
from nst_export.bundles.order import Order
from nst_export.bundles.ort_files import write_ort_files
from nst_export.bundles.precision import LEAST_PSNR_DB
from nst_export.bundles.scenes import shown_scenes
from nst_export.bundles.targets import TARGETS
from nst_export.bundles.work import MODELS, Work
from nst_runtime.contracts.folders import replacing_folder
from nst_runtime.inference.sessions import load_onnxruntime
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.write import write_picture

CHECK, APPS = "check", "apps"


def write_mobile_bundle(stylizer: Stylizer, order: Order, out: Path) -> Iterator[Model]:
    """Write what `order` asks for to the folder `out`, yielding each graph as it passes its checks.

    The folder takes its place with the iterator's end; until then, and if anything fails, `out` is as it was. Raises
    NstError when a style or a size does not fit the codec, a target does not take the network whole, a precision comes
    out too far from the runtime's pictures, or `out` holds anything but a bundle or cannot be written.
    """
    codec = stylizer.pack.manifest.codec
    styles = order.check(stylizer.library)
    sizes = tuple(size_of(width, height, codec.multiple_px) for width, height in order.sizes)
    with replacing_folder(out, "bundle", check_replaceable) as folder:
        models = []
        references = {size.name: _references(size, folder) for size in sizes}
        for style in order.styles:
            for size in sizes:
                work = Work(stylizer, style, size, folder, references[size.name])
                for model in work.models(order):
                    models.append(model)
                    yield model
                references[size.name] = work.references
        _finish(folder, models)
        facts = Bundle(
            codec_sha256=codec.sha256,
            architecture=codec.architecture,
            styles=styles,
            sizes=sizes,
            models=tuple(models),
            references=tuple(reference for found in references.values() for reference in found),
            least_psnr_db=LEAST_PSNR_DB,
            onnxruntime=load_onnxruntime().__version__,
            files=(),
        )
        write_bundle(folder, _with_files(folder, facts))


def _finish(folder: Path, models: Sequence[Model]) -> None:
    """Write what goes with the graphs: those of each target in onnxruntime's own format, and sources for apps."""
    for target in dict.fromkeys(model.target for model in models):
        converted = [folder / model.onnx for model in models if model.target == target and model.ort]
        if converted:
            write_ort_files(folder / MODELS / target, converted, for_processor=TARGETS[target].provider == "CPU")
    copy_sources(folder / APPS)


def _with_files(folder: Path, bundle: Bundle) -> Bundle:
    """Return `bundle` with its files, after writing its page, which is one of them."""
    write_readme(folder, bundle)
    return replace(bundle, files=files_in(folder))


def _references(size: Size, folder: Path) -> tuple[Reference, ...]:
    """Write the reference pictures of `size` and return them, with nothing expected of them yet."""
    found = []
    (folder / CHECK).mkdir(exist_ok=True)
    for name, picture in shown_scenes(size.height, size.width).items():
        file = f"{CHECK}/{name}-{size.name}.png"
        write_picture(folder / file, picture)
        found.append(Reference(size.name, file, ()))
    return tuple(found)
