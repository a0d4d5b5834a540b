"""The folder that gives every command its default inputs and outputs."""

from dataclasses import dataclass
from pathlib import Path

from nst_runtime.contracts.names import check_name

DEFAULT = Path("workspace")


@dataclass(frozen=True)
class Workspace:
    """Where things lie below `root`; style names are checked (NstError)."""

    root: Path = DEFAULT

    def pairs(self, style: str) -> Path:
        """Return the folder of the teacher's pairs for `style`."""
        return self.root / "pairs" / check_name(style)

    @property
    def codec(self) -> Path:
        """The folder of the codec's checkpoint, training state and curves."""
        return self.root / "codec"

    def bank(self, style: str) -> Path:
        """Return the folder of the training state and curves of `style`'s bank."""
        return self.root / "banks" / check_name(style)

    @property
    def styles(self) -> Path:
        """The folder of the style files that were trained here, which programs find by their names."""
        return self.root / "styles"

    def style(self, name: str) -> Path:
        """Return the style file of `name`."""
        return self.styles / f"{check_name(name)}.safetensors"

    @property
    def pack(self) -> Path:
        """The folder of the exported style pack."""
        return self.root / "pack"
