"""Describe a pack and the software that runs it."""

import platform
from importlib.metadata import PackageNotFoundError, version
from typing import TypedDict

from nst_runtime import __version__
from nst_runtime.contracts.packs import Pack, Style


class StyleOverview(TypedDict):
    """A style as programs get to see it; `size_bytes` is its bank's."""

    name: str
    title: str
    artist: str
    year: str
    licence: str
    size_bytes: int
    metrics: dict[str, float]


class Overview(TypedDict):
    """Versions (None where a package is not installed), onnxruntime's providers, and the pack in hashes and bytes."""

    versions: dict[str, str | None]
    providers: list[str]
    pack: str
    folder: str
    architecture: str
    codec_sha256: str
    codec_bytes: int
    banks_bytes: int
    styles: list[str]


def describe_style(style: Style) -> StyleOverview:
    """Return what a list of styles shows of `style`."""
    return {
        "name": style.name,
        "title": style.title,
        "artist": style.artist,
        "year": style.year,
        "licence": style.licence,
        "size_bytes": style.bank.size_bytes,
        "metrics": dict(style.metrics),
    }


def describe(pack: Pack) -> Overview:
    """Return the overview of `pack`; raises PackError when one of its files is missing or damaged."""
    codec, styles = pack.manifest.codec, pack.manifest.styles
    for graph in (codec.encoder, codec.decoder, *(style.bank for style in styles)):
        pack.read_graph(graph)
    return {
        "versions": _versions(),
        "providers": _providers(),
        "pack": pack.manifest.name,
        "folder": str(pack.folder),
        "architecture": codec.architecture,
        "codec_sha256": codec.sha256,
        "codec_bytes": codec.encoder.size_bytes + codec.decoder.size_bytes,
        "banks_bytes": sum(style.bank.size_bytes for style in styles),
        "styles": [style.name for style in styles],
    }


def _versions() -> dict[str, str | None]:
    found: dict[str, str | None] = {"nst-runtime": __version__, "python": platform.python_version()}
    for package in ("numpy", "pillow", "onnxruntime", "onnxruntime-gpu"):
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            found[package] = None
    return found


def _providers() -> list[str]:
    try:
        import onnxruntime  # noqa: PLC0415 (0.15 s, and maybe not installed)
    except ImportError:
        return []
    return list(onnxruntime.get_available_providers())
