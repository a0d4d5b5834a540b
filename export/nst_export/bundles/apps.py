"""What a bundle has besides graphs: sources to start an app from, and a page that says what it is."""

import shutil
from collections.abc import Sequence
from pathlib import Path

from nst_export.bundles.manifest import Bundle, Model
from nst_runtime.contracts.files import write_text

_PACKAGED = Path(__file__).with_name("apps")  # in a wheel
_CHECKOUT = Path(__file__).parents[3] / "examples" / "mobile"
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
    text = _PAGE.format(
        models=_models(bundle.models),
        styles="\n".join(_style(style.name, *vars(style.info).values()) for style in bundle.styles),
        shape="×".join(map(str, size.input.shape)),
        size=size.name,
    )
    write_text(folder / README, text)


def _models(models: Sequence[Model]) -> str:
    rows = []
    for model in models:
        measured = model.measured
        psnr = "the same" if measured.psnr_db is None else f"{measured.psnr_db} dB"
        cells = (model.target, model.style, model.size, model.precision, model.form)
        kilobytes = f"{model.size_bytes / 1000:.0f}"
        rows.append(f"| {' | '.join([*cells, kilobytes, str(measured.milliseconds), psnr])} |")
    return "\n".join(rows)


def _style(name: str, title: str, artist: str, year: str, licence: str) -> str:
    about = ", ".join(part for part in (title, artist, year) if part)
    return f"- {name}: {about or 'nothing is known of its picture'}. Licence: {licence or 'not stated'}"


_PAGE = """# A bundle for apps

Each file in `models/` is a style as one ONNX graph of a fixed size, with its weights, for onnxruntime on a phone.
`bundle.json` has all facts for programs, with sizes and SHA-256 of all files. `apps/` holds sources to start from.

## Which file to take

| target | style | size | precision | form | kB | ms | against the runtime |
|---|---|---|---|---|---|---|---|
{models}

- **target**: what computes. `generic` is the processor, and runs everywhere. `coreml` is for Apple's devices, `nnapi` for
  Android's accelerators, `qnn` for Qualcomm's, `xnnpack` for fast convolutions on the processor.
- **form**: `direct` evens each picture out by its own statistics. `folded` takes those of a typical photograph: it is
  faster, and frames of a video do not flicker.
- **ms**: the fastest of three runs on one thread of the computer that wrote the bundle. It compares the rows, and says
  nothing about a phone.
- **against the runtime**: PSNR of the pixels against those of the runtime in the same form. Above 40 dB nobody sees a
  difference.

Beside each `.onnx` lies an `.ort` file for reduced builds of onnxruntime. `required_operators.config` lists what such a
build needs (`--include_ops_by_config`). Both give the same pixels.

## Feed a picture, and read what comes back

1. Scale the upright picture to the size of the file, such as {size}.
2. Mirror columns at the right and rows at the bottom where `bundle.json` has a padding: column w is column w − 2.
3. Order the bytes as planes of R, G and B, divide by 255, and give them as `image`, float32 {shape}.
4. `stylized` has the same shape, in 0–1. Cut it to the picture's size. A byte is the number times 255 plus 0.5, cut to
   0–255, rounded down.

Cameras give bytes. Divide them on the processor, as the sources do: accelerators take float32, not bytes.

## Test your app

`check/` has two pictures of each size, and what the runtime makes of them. For fp32 each pixel should be within 2 of 255
on a processor. Accelerators compute in half precision: expect 40 dB or more. For int8, the table says what to expect.

## Licences

The graphs and the sources are under the Apache License 2.0, as is the project. The styles were learned from these pictures:

{styles}

Give the name of the artist with a style. Check what the licence of a picture asks of you before you sell an app.

## Telemetry

Official builds of onnxruntime from 1.29 on send events to Microsoft unless the environment variable
`ORT_DISABLE_TELEMETRY` is 1 before the library starts. The sources set it. A build of your own with `--no_telemetry`
has none. Check with a network monitor before you promise anything.
"""
