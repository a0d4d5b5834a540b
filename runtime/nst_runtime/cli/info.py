"""The command info: the software, the machine, and the pack, each of its files checked."""

import os
import platform
from pathlib import Path
from typing import TYPE_CHECKING, TypedDict

from nst_runtime import __version__
from nst_runtime.cli.options import DeviceOption, JsonOption, PackOption, ThreadsOption, WorkspaceOption
from nst_runtime.cli.output import fail, print_json, print_table
from nst_runtime.cli.styles import tell_hidden
from nst_runtime.contracts.workspace import DEFAULT
from nst_runtime.errors import NstError
from nst_runtime.inference.devices import DEVICES, RunSettings
from nst_runtime.inference.machine import usable_cpus

if TYPE_CHECKING:
    from nst_runtime.contracts.library import Library
    from nst_runtime.contracts.packs import Pack, PackFile

EPILOG = """\b
Examples:
  nst-runtime info
  nst-runtime info --device cuda
"""
TELEMETRY = "ORT_DISABLE_TELEMETRY"


class FileCheck(TypedDict):
    """A file of the pack, and what is wrong with it, "" for nothing."""

    file: str
    size_bytes: int
    error: str


class Overview(TypedDict):
    """What `info` shows; versions are None where a package is not installed, `device` where nothing computes."""

    versions: dict[str, str | None]
    device: str | None
    device_note: str
    devices: list[str]
    threads: int
    telemetry: str
    pack: str
    folder: str
    architecture: str
    codec_sha256: str
    files: list[FileCheck]
    styles: list[str]
    own_styles: str
    workspace_styles: str
    left_out: dict[str, str]


def info(
    pack: PackOption = None,
    workspace: WorkspaceOption = DEFAULT,
    device: DeviceOption = "auto",
    threads: ThreadsOption = None,
    as_json: JsonOption = False,
) -> None:
    """Show versions, devices, the pack and the styles.

    Each file of the pack is read and compared with what the pack says of it.
    """
    from nst_runtime.contracts.library import open_library

    library = open_library(pack, workspace)
    tell_hidden(library)
    overview = describe(library, RunSettings(device, threads))
    if as_json:
        print_json(overview)
    else:
        print_table(_rows(overview))
    if bad := [check["error"] for check in overview["files"] if check["error"]]:
        fail(f"{len(bad)} of {len(overview['files'])} files of the pack are damaged", bad)


def describe(library: "Library", settings: RunSettings) -> Overview:
    """Return the overview of `library` and the machine; every file of the pack is read."""
    pack = library.pack
    device, note = _find_device(library, settings)
    return {
        "versions": _versions(),
        "device": device,
        "device_note": note,
        "devices": _devices(),
        "threads": settings.threads or usable_cpus(),
        "telemetry": _telemetry(),
        "pack": pack.manifest.name,
        "folder": str(pack.folder),
        "architecture": pack.manifest.codec.architecture,
        "codec_sha256": pack.manifest.codec.sha256,
        "files": [_check(pack, entry) for entry in pack.files],
        "styles": [style.name for style in library.styles()],
        "own_styles": str(library.own),
        "workspace_styles": str(library.workspace),
        "left_out": {
            str(path): error for folder in (library.own, library.workspace) for path, error in _bad(library, folder)
        },
    }


def _versions() -> dict[str, str | None]:
    from importlib.metadata import PackageNotFoundError, version

    found: dict[str, str | None] = {"nst-runtime": __version__, "python": platform.python_version()}
    for package in ("numpy", "pillow", "onnxruntime", "onnxruntime-gpu"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def _find_device(library: "Library", settings: RunSettings) -> tuple[str | None, str]:
    """Return what computes when the pack is opened, and what there is to say about it."""
    from nst_runtime.inference.stylizer import Stylizer

    try:
        stylizer = Stylizer(library, settings)
    except NstError as error:
        return None, str(error)
    return stylizer.device, stylizer.note


def _devices() -> list[str]:
    from nst_runtime.inference.sessions import load_onnxruntime

    try:
        providers = load_onnxruntime().get_available_providers()
    except NstError:
        return []
    return [device.name for device in DEVICES if device.provider in providers]


def _telemetry() -> str:
    said = os.environ.get(TELEMETRY, "1")
    return "off" if said == "1" else f"as {TELEMETRY}={said} says"


def _check(pack: "Pack", entry: "PackFile") -> FileCheck:
    try:
        pack.read(entry)
    except NstError as error:
        return {"file": entry.file, "size_bytes": entry.size_bytes, "error": str(error)}
    return {"file": entry.file, "size_bytes": entry.size_bytes, "error": ""}


def _bad(library: "Library", folder: Path) -> list[tuple[Path, str]]:
    """Return the style files in `folder` that are damaged or for another codec, and why each is left out."""
    from nst_runtime.contracts.styles import SUFFIX

    found = []
    for path in sorted(folder.glob(f"*{SUFFIX}")):
        try:
            library.read(path)
        except NstError as error:
            found.append((path, error.message))
    return found


def _rows(overview: Overview) -> list[tuple[str, str]]:
    rows = [(name, found or "not installed") for name, found in overview["versions"].items()]
    files = overview["files"]
    good = [check for check in files if not check["error"]]
    what = "all" if len(good) == len(files) else f"{len(good)} of them"
    rows += [
        ("device", "; ".join(filter(None, [overview["device"] or "none", overview["device_note"]]))),
        ("devices", ", ".join(overview["devices"]) or "none"),
        ("threads", str(overview["threads"])),
        ("telemetry", overview["telemetry"]),
        ("pack", f"{overview['pack']} in {overview['folder']}"),
        ("files", f"{len(files)}, {sum(check['size_bytes'] for check in files)} bytes, {what} as the manifest says"),
        ("codec", f"{overview['architecture']} {overview['codec_sha256'][:12]}"),
        ("styles", ", ".join(overview["styles"]) or "none"),
        ("own styles", overview["own_styles"]),
        ("workspace", overview["workspace_styles"]),
    ]
    return rows + [("left out", error) for error in overview["left_out"].values()]
