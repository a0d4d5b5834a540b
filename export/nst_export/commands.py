"""What the commands of ``nst-export`` do, without a word to the person."""

from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path

from nst_export.assemble import Labels, write_pack
from nst_export.parity import Check, compare, require, sample_picture
from nst_export.sources import Sources, Trained, load_trained
from nst_runtime.contracts.folders import replacing_pack
from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import Pack, read_pack
from nst_runtime.errors import NstError
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.stylizer import Stylizer

PROBE_PX = 33


def export_pack(trained: Trained, labels: Labels, out: Path) -> Iterator[Check]:
    """Write a pack of `trained` to `out`, yielding the parity checks as they pass.

    The pack takes its place when the last check has passed, with the iterator's end; until then, and if a check fails
    (NstError), `out` is as it was.
    """
    with replacing_pack(out) as folder:
        write_pack(folder, trained, labels)
        yield from require(compare(trained, _open(folder)))


def open_whole(folder: Path) -> Stylizer:
    """Return the pack in `folder`, and no style from elsewhere, after reading each file and painting with each style.

    Raises PackError when a file is missing, damaged, of another codec, or does not run.
    """
    stylizer = _open(folder)
    for file in stylizer.pack.files:
        stylizer.pack.read(file)
    probe = sample_picture(PROBE_PX, PROBE_PX, seed=0)
    for style in stylizer.styles:
        stylizer.stylize(probe, style.name)
    return stylizer


def _open(folder: Path) -> Stylizer:
    pack = read_pack(folder)
    return Stylizer(Library(pack, NOWHERE, NOWHERE), RunSettings("cpu", 1))


def find_trained(pack: Pack, sources: Sources) -> Trained:
    """Return the checkpoints that `pack` was exported from; raises NstError when they are others or missing."""
    trained = load_trained(sources, [style.name for style in pack.manifest.styles])
    if trained.codec.sha256 != pack.manifest.codec.sha256:
        raise NstError(
            f"{sources.codec} is codec {trained.codec.sha256[:12]}, the pack's is {pack.manifest.codec.sha256[:12]}",
            "write the pack again with nst-export pack",
        )
    return trained


def are_there(pack: Pack, sources: Sources) -> bool:
    """Tell whether `sources` holds the checkpoints that `pack` was exported from."""
    try:
        find_trained(pack, sources)
    except NstError:
        return False
    return True


def in_order(styles: Sequence[str], first: Iterable[str]) -> list[str]:
    """Return `styles` in the order of `first`, then the rest as they are."""
    known = [name for name in first if name in styles]
    return known + [name for name in styles if name not in known]
