"""Statistics of a look on one picture, kept in a file so that other pictures are painted alike."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from nst_runtime.contracts.files import check_sha256, read_json, sha256_of_bytes, write_json
from nst_runtime.contracts.styles import Statistics
from nst_runtime.contracts.versions import headed, read_headed
from nst_runtime.errors import PackError
from nst_runtime.inference.chain import PARTS

if TYPE_CHECKING:
    from pathlib import Path

    from nst_runtime.inference.chain import Parts
    from nst_runtime.inference.look import Strokes

FORMAT = "nst-statistics"
FORMAT_VERSION = 1
LIMIT_BYTES = 4_000_000
AGAIN = "measure the statistics again"


@dataclass(frozen=True)
class NormStatistics:
    """Mean and variance of each channel before a norm."""

    mean: tuple[float, ...]
    variance: tuple[float, ...]

    def __post_init__(self) -> None:
        if not np.isfinite([*self.mean, *self.variance]).all() or min(self.variance, default=0.0) < 0:
            raise ValueError("a mean or a variance is not finite, or a variance is negative")


@dataclass(frozen=True)
class LookStatistics:
    """The statistics of all norms by name, and whose they are: a codec's, a style's, and a look's strokes'."""

    codec_sha256: str
    style_sha256: str
    norms: Mapping[str, NormStatistics]
    strokes: str = "auto"
    requires: tuple[str, ...] = ()
    format: str = FORMAT
    format_version: int = FORMAT_VERSION

    def __post_init__(self) -> None:
        check_sha256(self.codec_sha256, self.style_sha256)

    def __hash__(self) -> int:
        return hash((self.codec_sha256, self.style_sha256))

    def of(self, norm: str) -> Statistics:
        """Return the statistics of a norm, float32."""
        entry = self.norms[norm]
        return Statistics(np.array(entry.mean, np.float32), np.array(entry.variance, np.float32))

    def check_strokes(self, strokes: Strokes, where: str = "the statistics") -> None:
        """Raise PackError unless these were measured with such `strokes`."""
        if self.strokes != str(strokes):
            raise PackError(f"{where} are of the `strokes` {self.strokes}, not {strokes}", AGAIN)

    def check(self, parts: Parts, where: str = "the statistics") -> None:
        """Raise PackError unless these are of the codec, the style's numbers and the norms of `parts`."""
        if self.codec_sha256 != parts.pack.manifest.codec.sha256:
            raise PackError(f"{where} are of another codec", AGAIN)
        if self.style_sha256 != hash_of_style(parts):
            raise PackError(f"{where} are of another style, mixture or strength", AGAIN)
        for norm in (norm for part in PARTS for norm in parts.norms(part)):
            entry = self.norms.get(norm.name)
            if entry is None or not len(entry.mean) == len(entry.variance) == norm.channels:
                raise PackError(f"{where} lack {norm.channels} numbers for the norm {norm.name}", AGAIN)


def look_statistics(parts: Parts, found: Mapping[str, Statistics], strokes: Strokes) -> LookStatistics:
    """Return what was `found` with `parts` and `strokes` together with what it belongs to."""
    norms = {
        name: NormStatistics(tuple(entry.mean.tolist()), tuple(entry.variance.tolist()))
        for name, entry in found.items()
    }
    return LookStatistics(parts.pack.manifest.codec.sha256, hash_of_style(parts), norms, str(strokes))


def save_statistics(statistics: LookStatistics, path: Path) -> None:
    """Write `statistics` to the JSON file `path`, whole or not at all; raises NstError as `write_json` does."""
    write_json(path, headed(statistics))


def load_statistics(path: Path, parts: Parts, strokes: Strokes) -> LookStatistics:
    """Return the statistics in the file `path`.

    Raises NstError when it cannot be read; PackError when it is damaged, or of another codec, style, mixture or
    `strokes`.
    """
    statistics = read_headed(
        LookStatistics,
        read_json(path, limit_bytes=LIMIT_BYTES),
        form=FORMAT,
        version=FORMAT_VERSION,
        what="a file of statistics",
        where=str(path),
        again=AGAIN,
        mend=AGAIN,
    )
    statistics.check(parts, f"the statistics in {path}")
    statistics.check_strokes(strokes, f"the statistics in {path}")
    return statistics


def hash_of_style(parts: Parts) -> str:
    """Return the SHA-256 of the names and numbers of a style or a mixture."""
    entries = (name.encode() + b"\0" + parts.style[name].tobytes() for name in sorted(parts.style))
    return sha256_of_bytes(b"\0".join(entries))
