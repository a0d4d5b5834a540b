"""What came of a job, or would come of it, for people and for programs."""

from dataclasses import dataclass
from typing import Any, Literal

from nst_runtime.errors import NstError
from nst_runtime.jobs.plan import STREAM, Job

STDIN, STDOUT = "the standard input", "the standard output"
Result = Literal["made", "skipped", "error"]


@dataclass(frozen=True)
class Outcome:
    """What came of a job: `notes` on what of the picture's file was not used; `error` is None if it was written.

    `size` is the picture's width and height in pixels, None where it was not read; `skipped` that its result was there
    already; `seconds` how long it took from reading to writing, while others may have computed too; `foreseen` that
    nothing was done, and this is what would come of it.
    """

    job: Job
    notes: tuple[str, ...] = ()
    error: NstError | None = None
    size: tuple[int, int] | None = None
    skipped: bool = False
    seconds: float = 0.0
    foreseen: bool = False

    @property
    def result(self) -> Result:
        """What came of it, in a word."""
        return "error" if self.error else "skipped" if self.skipped else "made"


def to_record(outcome: Outcome) -> dict[str, Any]:
    """Return `outcome` as what JSON holds, always with the same keys; ``-`` is the standard input or output.

    ``message`` and ``hint`` are empty unless there is an error; a setting in them stands in backquotes by its name in
    Python.
    """
    source, target = outcome.job.source, outcome.job.target
    return {
        "source": STREAM if source is None else str(source),
        "target": STREAM if target is None else str(target),
        "result": outcome.result,
        "message": outcome.error.message if outcome.error else "",
        "hint": outcome.error.hint if outcome.error else "",
        "notes": list(outcome.notes),
        "size": list(outcome.size) if outcome.size else None,
        "seconds": round(outcome.seconds, 3),
        "dry_run": outcome.foreseen,
    }
