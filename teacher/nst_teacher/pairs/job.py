"""What a run of ``generate`` is asked to do, and what it reports while it does it."""

from dataclasses import dataclass
from pathlib import Path

from nst_runtime.contracts.pairs import Pair
from nst_teacher.pairs.shards import WHOLE, Shard
from nst_teacher.settings.method import Method
from nst_teacher.settings.style_file import StyleFile


@dataclass(frozen=True)
class Job:
    """Which photos to stylise how, and where to: `count` pictures of the folder `content`, as squares of `size_px`.

    The style is that of `style_picture`, which counts 1, blended with those of `blend` by their weights. Of the photos,
    this run makes the pairs of its `shard`; `batch` of them are optimised at once.
    """

    style: str
    style_picture: Path
    content: Path
    count: int
    size_px: int
    out: Path
    method: Method
    title: str | None = None
    batch: int = 1
    fresh: bool = False
    shard: Shard = WHOLE
    blend: tuple[StyleFile, ...] = ()

    @property
    def styles(self) -> tuple[StyleFile, ...]:
        """All style pictures, with their weights."""
        return StyleFile(self.style_picture), *self.blend


@dataclass(frozen=True)
class Started:
    """The first event: this run has `photos` to see to, some of which may be done."""

    photos: int


@dataclass(frozen=True)
class Iterated:
    """The batch in work has gone through `iteration` of `iterations`."""

    iteration: int
    iterations: int
    pictures: int


@dataclass(frozen=True)
class BatchHalved:
    """Memory did not suffice for `pictures` at once; the run goes on with at most `now`."""

    pictures: int
    now: int


@dataclass(frozen=True)
class PairReady:
    """A pair is on disk; `reused` when an earlier run made it."""

    pair: Pair
    reused: bool


@dataclass(frozen=True)
class PictureMade:
    """A picture of a figure is finished; its loss at the start and at the end."""

    name: str
    initial: float
    final: float


@dataclass(frozen=True)
class PhotoFailed:
    """A photo without a pair, and why."""

    source: str
    reason: str


@dataclass(frozen=True)
class Generated:
    """The end: the manifest, this run's pairs in the order of the photos, and its photos without a pair.

    `manifest` is None when there is no pair, or when other shards have pairs yet to make.
    """

    manifest: Path | None
    pairs: tuple[Pair, ...]
    failures: tuple[PhotoFailed, ...]


Event = Started | Iterated | BatchHalved | PairReady | PictureMade | PhotoFailed | Generated
