"""What a bundle has besides graphs: sources to start an app from, and a page that says what it is."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from nst_export.bundles.manifest import Bundle, Model
from nst_runtime.contracts.files import write_text

_PACKAGED = Path(__file__).with_name("mobile_sources")  # in a wheel
_CHECKOUT = Path(__file__).parents[3] / "examples" / "mobile"
_PAGE = Path(__file__).with_name("page.md")
README = "README.md"
KINDS = {".kt", ".swift", ".cpp", ".hpp"}


def sources_folder() -> Path:
    """Return the folder of the sources for apps."""
    return _PACKAGED if _PACKAGED.is_dir() else _CHECKOUT


def copy_sources(folder: Path) -> None:
    """Copy the sources for apps into `folder`; raises OSError when that fails."""
    for path in sorted(sources_folder().rglob("*")):
        if path.suffix in KINDS:
            target = folder / path.relative_to(sources_folder())
            target.parent.mkdir(parents=True, exist_ok=True)
            shutil.copyfile(path, target)


def write_readme(folder: Path, bundle: Bundle) -> None:
    """Write the page of `bundle` to `folder`."""
    size = bundle.sizes[0]
    text = _PAGE.read_text(encoding="utf-8").format(
        models=_models(bundle.models),
        styles="\n".join(_style(style.name, *vars(style.info).values()) for style in bundle.styles),
        shape="×".join(map(str, size.input.shape)),
        size=size.name,
        onnxruntime=bundle.onnxruntime,
    )
    write_text(folder / README, text)


def _models(models: Sequence[Model]) -> str:
    rows = []
    for model in models:
        measured = model.measured
        psnr = "equal" if measured.psnr_db is None else f"{measured.psnr_db} dB"
        cells = (model.target, model.style, model.size, model.precision, model.form)
        kilobytes = f"{model.size_bytes / 1000:.0f}"
        rows.append(f"| {' | '.join([*cells, kilobytes, str(measured.milliseconds), psnr])} |")
    return "\n".join(rows)


def _style(name: str, title: str, artist: str, year: str, licence: str) -> str:
    about = ", ".join(part for part in (title, artist, year) if part)
    return f"- {name}: {about or 'nothing is known of its picture'}. Licence: {licence or 'not stated'}"
