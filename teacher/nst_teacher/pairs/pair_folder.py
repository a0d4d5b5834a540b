"""The folder of pairs while it is made: each pair with a record of its settings, so that work can go on."""

import hashlib
import json
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from nst_runtime.contracts.files import path_inside, read_json, sha256_of_file, write_json
from nst_runtime.contracts.pairs import MANIFEST, Losses, Network, Pair, PairManifest, StyleSource, write_pairs
from nst_runtime.contracts.records import from_json, to_json
from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.write import write_picture
from nst_teacher.engine.engine import Outcome
from nst_teacher.pairs.folder_lock import locked
from nst_teacher.pairs.shard_parts import part_folder, remove_parts
from nst_teacher.pairs.shards import WHOLE, Shard
from nst_teacher.pictures.photos import Photo
from nst_teacher.settings.identity import complete_settings

SHEET = "sheet.jpg"
FOLDERS = ("content", "target", "records")
ABANDONED_S = 3600
SAMPLED_RECORDS = 100


@dataclass(frozen=True)
class PairRecord:
    """What is written after a pair's two pictures: the pair, and the settings that made it."""

    settings: Mapping[str, Any]
    settings_sha256: str
    pair: Pair
    format: str = field(default="nst-pair", kw_only=True)
    format_version: int = field(default=1, kw_only=True)


def hash_settings(settings: Mapping[str, Any]) -> str:
    """Return the sha256 of `settings` written as JSON with sorted keys."""
    text = json.dumps(settings, sort_keys=True, separators=(",", ":"), allow_nan=False)
    return hashlib.sha256(text.encode()).hexdigest()


class PairFolder:
    """The pairs of one style and one set of settings in a folder."""

    def __init__(self, root: Path, settings: Mapping[str, Any]) -> None:
        self.root, self.settings = root, dict(settings)
        self.settings_sha256 = hash_settings(settings)

    @contextmanager
    def opened(self, *, fresh: bool, shard: Shard = WHOLE) -> Iterator[None]:
        """Hold the folder for this process alone, with nothing in it of other settings.

        Leftovers of a killed process are removed. Pairs of other settings raise NstError that names what differs; with
        `fresh` they are removed. A `shard` shares the folder with the other shards, and holds only its own part: it
        leaves young temporary files, which may be theirs, and looks at a few records for the settings of all.
        """
        if not shard.whole:
            with locked(self.root, shared=True), locked(part_folder(self.root, shard)):
                self._clean(older_than_s=ABANDONED_S)
                self._check(self._records(SAMPLED_RECORDS))
                yield
            return
        with locked(self.root):
            self._clean()
            records = self._records()
            if fresh:
                self._remove(records)
            else:
                self._check(records)
            yield

    def find(self, photo: Photo) -> Pair | None:
        """Return the pair of `photo` if it is here, whole and of these settings."""
        record = _read_record(self._record_path(photo.id))
        if record is None or not self._has_settings_of(record):
            return None
        pair = record.pair
        if (pair.source_sha256, pair.seed) != (photo.sha256, photo.seed):
            return None
        files = ((pair.content, pair.content_sha256), (pair.target, pair.target_sha256))
        whole = all(_is_file_with_hash(path_inside(self.root, name), sha256) for name, sha256 in files)
        return pair if whole else None

    def save(self, photo: Photo, content: Pixels, outcome: Outcome) -> Pair:
        """Write a pair's pictures (uint8 H×W×3) and, after both, its record; return the pair."""
        names = f"content/{photo.id}.png", f"target/{photo.id}.png"
        for name, picture in zip(names, (content, outcome.picture), strict=True):
            write_picture(self.root / name, picture)
        hashes = [sha256_of_file(self.root / name) for name in names]
        losses = Losses(outcome.initial, outcome.final, outcome.content, outcome.style)
        pair = Pair(
            photo.id, photo.path.name, photo.sha256, names[0], hashes[0], names[1], hashes[1], photo.seed, losses
        )
        write_json(self._record_path(photo.id), to_json(PairRecord(self.settings, self.settings_sha256, pair)))
        return pair

    def finish(self, style: StyleSource, network: Network, pairs: list[Pair]) -> Path:
        """Write the manifest of `pairs` and return its path."""
        write_pairs(self.root, PairManifest(style, self.settings, self.settings_sha256, network, tuple(pairs)))
        return self.root / MANIFEST

    def _record_path(self, name: str) -> Path:
        return self.root / "records" / f"{name}.json"

    def _records(self, most: int | None = None) -> list[PairRecord]:
        paths = islice((self.root / "records").glob("*.json"), most)
        return [record for path in sorted(paths) if (record := _read_record(path)) is not None]

    def _check(self, records: list[PairRecord]) -> None:
        for record in records:
            if not self._has_settings_of(record):
                differences = _difference(complete_settings(record.settings), self.settings)
                raise NstError(
                    f"{self.root} holds pairs of other settings ({differences})",
                    "give another folder as `out`, or let `fresh` remove those pairs",
                )

    def _has_settings_of(self, record: PairRecord) -> bool:
        """Tell whether the pair of `record` is of this folder's settings, whenever it was written."""
        if record.settings_sha256 == self.settings_sha256:
            return True
        return hash_settings(complete_settings(record.settings)) == self.settings_sha256

    def _remove(self, records: list[PairRecord]) -> None:
        """Remove what the records name, and nothing else that may lie in the folder."""
        for name in (MANIFEST, SHEET) if records else ():
            (self.root / name).unlink(missing_ok=True)
        for pair in (record.pair for record in records):
            for name in (f"records/{pair.id}.json", pair.content, pair.target):
                path_inside(self.root, name).unlink(missing_ok=True)
        if records:
            remove_parts(self.root)

    def _clean(self, older_than_s: float = 0) -> None:
        for folder in (self.root, *(self.root / name for name in FOLDERS)):
            for leftover in folder.glob(".nst-*.tmp"):
                with suppress(FileNotFoundError):
                    if time.time() - leftover.stat().st_mtime >= older_than_s:
                        leftover.unlink()


def _read_record(path: Path) -> PairRecord | None:
    """Return the record at `path`; a damaged one counts as none, its pair is made again."""
    try:
        return from_json(PairRecord, read_json(path))
    except (NstError, ValueError):
        return None


def _is_file_with_hash(path: Path, sha256: str) -> bool:
    return path.is_file() and sha256_of_file(path) == sha256


def _difference(old: Mapping[str, Any], new: Mapping[str, Any]) -> str:
    """Name the settings that differ, with both values: ``iterations 60, now 80``."""
    changed = [key for key in {**old, **new} if old.get(key) != new.get(key)]
    return "; ".join(f"{key} {_short(old.get(key))}, now {_short(new.get(key))}" for key in changed)


def _short(value: object) -> str:
    text = ",".join(map(str, value)) if isinstance(value, list) else str(value)
    return text if len(text) < 40 else f"{text[:8]}…"
