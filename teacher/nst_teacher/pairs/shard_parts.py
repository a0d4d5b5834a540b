"""What each shard leaves for the others, so that the last one to end can write the manifest of all pairs."""

import hashlib
from collections.abc import Sequence
from contextlib import suppress
from dataclasses import dataclass, field
from pathlib import Path

from nst_runtime.contracts.files import read_json, write_json
from nst_runtime.contracts.pairs import MANIFEST_LIMIT_BYTES, Pair
from nst_runtime.contracts.records import from_json, to_json
from nst_runtime.errors import NstError
from nst_teacher.pairs.shards import Shard

SHARDS = "shards"
PART = "part.json"


@dataclass(frozen=True)
class Part:
    """The pairs of one finished shard; `job_sha256` tells the job that it is a part of."""

    job_sha256: str
    pairs: tuple[Pair, ...]
    format: str = field(default="nst-part", kw_only=True)
    format_version: int = field(default=1, kw_only=True)


def hash_job(settings_sha256: str, style: str, photos: Sequence[Path]) -> str:
    """Return what shards must agree on to be parts of one job: settings, style and all photos' names, as a sha256."""
    lines = [settings_sha256, style, *(photo.name for photo in photos)]
    return hashlib.sha256("\n".join(lines).encode(errors="surrogateescape")).hexdigest()


def part_folder(root: Path, shard: Shard) -> Path:
    """Return the folder below `root` that belongs to `shard` alone."""
    return root / SHARDS / f"{shard.index + 1}-of-{shard.count}"


def write_part(root: Path, shard: Shard, part: Part) -> None:
    """Say that `shard` has ended, with these pairs."""
    write_json(part_folder(root, shard) / PART, to_json(part))


def gather_pairs(root: Path, shard: Shard, job_sha256: str) -> list[Pair] | None:
    """Return the pairs of all shards of the job, or None when one of them has not ended yet.

    Each shard writes its part before it looks for the others', so the last of them finds all.
    """
    pairs: list[Pair] = []
    for index in range(shard.count):
        part = _read_part(part_folder(root, Shard(index, shard.count)) / PART)
        if part is None or part.job_sha256 != job_sha256:
            return None
        pairs += part.pairs
    return pairs


def remove_parts(root: Path) -> None:
    """Forget what shards have ended."""
    for path in (root / SHARDS).glob(f"*-of-*/{PART}"):
        with suppress(FileNotFoundError):
            path.unlink()


def _read_part(path: Path) -> Part | None:
    if not path.is_file():
        return None
    try:
        return from_json(Part, read_json(path, limit_bytes=MANIFEST_LIMIT_BYTES))
    except (NstError, ValueError):
        return None
