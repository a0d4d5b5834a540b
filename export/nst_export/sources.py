"""Find and load what the student trained: a codec and style files."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_runtime.contracts.names import check_name, is_name
from nst_runtime.contracts.styles import SUFFIX
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.errors import NstError
from nst_student.networks.checkpoint import CODEC_FILE, Codec, load_codec
from nst_student.networks.style_files import TrainedBank, load_bank


@dataclass(frozen=True)
class Trained:
    """A codec and banks for it by style name, in the order in which a pack lists them."""

    codec: Codec
    banks: Mapping[str, TrainedBank]


@dataclass(frozen=True)
class Sources:
    """Where the trained files lie: the codec's checkpoint, and the folder of the style files."""

    codec: Path
    styles: Path

    @classmethod
    def of(cls, workspace: Workspace) -> "Sources":
        """Return the places where the student keeps them in `workspace`."""
        return cls(workspace.codec / CODEC_FILE, workspace.styles)

    def names(self) -> list[str]:
        """Return the names of the style files there are, sorted."""
        found = (path.name.removesuffix(SUFFIX) for path in self.styles.glob(f"*{SUFFIX}"))
        return sorted(name for name in found if is_name(name))


def load_trained(sources: Sources, styles: Sequence[str] = ()) -> Trained:
    """Return the codec and the banks of `styles`, of all there are if none is given.

    Raises NstError when one is missing, damaged, for another codec, or there is none at all.
    """
    codec = load_codec(sources.codec)
    names = list(dict.fromkeys(styles)) or sources.names()
    if not names:
        raise NstError(f"no style files in {sources.styles}", "train one with nst-student train-bank")
    return Trained(codec, {name: _load(sources, name, codec) for name in names})


def _load(sources: Sources, style: str, codec: Codec) -> TrainedBank:
    path = sources.styles / f"{check_name(style)}{SUFFIX}"
    if not path.exists():
        there = ", ".join(sources.names()) or "none"
        raise NstError(f"no style file at {path} (there are: {there})", "train it with nst-student train-bank")
    return load_bank(path, codec)
