"""Find and load the student's checkpoints."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path

from nst_runtime.contracts.names import check_name, is_name
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.errors import NstError
from nst_student.checkpoint import BANK_FILE, CODEC_FILE, Codec, TrainedBank, load_bank, load_codec


@dataclass(frozen=True)
class Trained:
    """A codec and banks for it by style name, in the order in which a pack lists them."""

    codec: Codec
    banks: Mapping[str, TrainedBank]


@dataclass(frozen=True)
class Sources:
    """Where the checkpoints lie: `banks` holds a folder for each style with its bank.safetensors."""

    codec: Path
    banks: Path

    @classmethod
    def of(cls, workspace: Workspace) -> "Sources":
        """Return the places where the student keeps checkpoints in `workspace`."""
        return cls(workspace.codec / CODEC_FILE, workspace.root / "banks")

    def styles(self) -> list[str]:
        """Return the names of the styles that have a bank, sorted."""
        return sorted(path.parent.name for path in self.banks.glob(f"*/{BANK_FILE}") if is_name(path.parent.name))


def load_trained(sources: Sources, styles: Sequence[str] = ()) -> Trained:
    """Return the codec and the banks of `styles`, of all there are if none is given.

    Raises NstError when one is missing, damaged, for another codec, or there is none at all.
    """
    codec = load_codec(sources.codec)
    names = list(dict.fromkeys(styles)) or sources.styles()
    if not names:
        raise NstError(f"no banks in {sources.banks}; train one with nst-student train-bank --style NAME")
    return Trained(codec, {name: _load(sources, name, codec) for name in names})


def _load(sources: Sources, style: str, codec: Codec) -> TrainedBank:
    path = sources.banks / check_name(style) / BANK_FILE
    if not path.exists():
        there = ", ".join(sources.styles()) or "none"
        raise NstError(f"no bank at {path} (there are: {there}); train it with nst-student train-bank --style {style}")
    bank = load_bank(path, codec)
    if bank.description.style != style:
        raise NstError(f"{path} holds the bank of {bank.description.style!r}; name its folder so")
    return bank
