"""What `stylize` says while it works and at its end."""

import json
import os
import sys
from collections import defaultdict
from pathlib import Path
from typing import Literal

from nst_runtime.cli.launch import printable
from nst_runtime.cli.option_names import name_options
from nst_runtime.cli.output import fail, is_terminal, say
from nst_runtime.jobs.outcomes import STDIN, Outcome, to_record
from nst_runtime.jobs.plan import Plan

Shape = Literal["lines", "null", "json"]


class Report:
    """Prints the path of each picture that was written, and at the end what became of the others.

    As `lines`; `null`: each ended by a byte 0, as the file system has it; or as `json`, a line for every picture.
    """

    def __init__(self, plan: Plan, shape: Shape) -> None:
        self._plan = plan
        self._shape = shape
        self._outcomes: list[Outcome] = []
        self._with_note: dict[str, list[str]] = defaultdict(list)

    def take(self, outcome: Outcome) -> None:
        """Print the path that was written, and notes that are new."""
        self._outcomes.append(outcome)
        for note in outcome.notes:
            pictures = self._with_note[note]
            pictures.append(str(outcome.job.source or STDIN))
            if len(pictures) == 1:
                say(f"{pictures[0]}: {note}")
        if self._shape == "json":
            _print_record(outcome)
        elif outcome.job.target is not None and outcome.error is None:
            self._print_path(outcome.job.target)

    def _print_path(self, path: Path) -> None:
        if sys.stdout is None:  # closed by the caller
            return
        if self._shape == "null":
            sys.stdout.buffer.write(os.fsencode(readable(path)) + b"\0")
            sys.stdout.buffer.flush()
        elif self._shape == "lines":
            print(printable(readable(path)) if is_terminal(sys.stdout) else readable(path), flush=True)

    def end(self) -> None:
        """Print what is left to say; raises typer.Exit when a picture was not stylised."""
        if self._shape == "json":
            for job in self._plan.there:
                _print_record(Outcome(job, skipped=True, foreseen=any(done.foreseen for done in self._outcomes)))
        for note, pictures in self._with_note.items():
            if len(pictures) > 1:
                say(f"and {len(pictures) - 1} more: {note}")
        if there := len(self._plan.there):
            what, stay, them = (
                ("1 picture is", "stays", "it") if there == 1 else (f"{there} pictures are", "stay", "them")
            )
            say(f"{what} in {self._plan.folder} already and {stay} as found; `overwrite` makes {them} again")
        self._name_the_bad()

    def _name_the_bad(self) -> None:
        bad = [outcome for outcome in self._outcomes if outcome.error]
        if bad:
            missed = len(bad) + len(self._plan.jobs) - len(self._outcomes)  # where the disk was full, some not tried
            were = "would not be" if bad[0].foreseen else "was not" if missed == 1 else "were not"
            fail(f"{missed} of {len(self._plan.jobs)} pictures {were} stylised", [str(o.error) for o in bad])


def _print_record(outcome: Outcome) -> None:
    """Print what came of a job as a line of JSON in ASCII, its paths such that programs take them for paths."""
    record = to_record(outcome)
    for end, path in (("source", outcome.job.source), ("target", outcome.job.target)):
        record[end] = record[end] if path is None else readable(path)
    for told in ("message", "hint"):
        record[told] = name_options(record[told])
    print(json.dumps(record), flush=True)


def readable(path: Path) -> str:
    """Return `path` so that a program takes it for a path: one that begins with a dash gets ``./`` before it."""
    text = str(path)
    return f".{os.sep}{text}" if text.startswith("-") else text
