"""Read what the commands that make figures leave behind."""

import csv
import json
from pathlib import Path
from typing import Any

from .conftest import Result

Line = dict[str, Any]


def read_table(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(newline="") as file:
        return list(csv.DictReader(file))


def read_log(path: Path) -> list[Line]:
    """Return the lines of a JSONL file."""
    return [json.loads(line) for line in path.read_text().splitlines()]


def paths_of(result: Result) -> list[Path]:
    """Return the files that a command printed, all of which must be there."""
    assert result.code == 0, result.err
    paths = [Path(line) for line in result.out.splitlines()]
    assert all(path.is_file() for path in paths)
    return paths
