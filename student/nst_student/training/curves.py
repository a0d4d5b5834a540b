"""Loss curves on disk: JSON lines for programs, TensorBoard for people."""

import json
from pathlib import Path
from types import TracebackType

from torch.utils.tensorboard import SummaryWriter

from nst_runtime.contracts.files import write_text
from nst_student.training.loop import Report


class Curves:
    """Appends reports to ``log.jsonl`` and to TensorBoard event files in `folder`.

    Reports after `start_step`, left by a run that was killed before it saved its state, are taken out first, so
    that an interrupted training leaves the same lines as an unbroken one.
    """

    def __init__(self, folder: Path, start_step: int) -> None:
        self.path = folder / "log.jsonl"
        self._keep_until(start_step)
        self.writer = SummaryWriter(str(folder / "tensorboard"), purge_step=start_step + 1 if start_step else None)

    def _keep_until(self, step: int) -> None:
        lines = self.path.read_text(errors="replace").splitlines() if self.path.exists() else []
        kept = [line for line in lines if (found := _step_of(line)) is not None and found <= step]
        write_text(self.path, "".join(f"{line}\n" for line in kept))

    def add(self, report: Report) -> None:
        """Write one report."""
        with self.path.open("a") as file:
            file.write(json.dumps({"step": report.step, **report.means}) + "\n")
        for name, value in report.means.items():
            self.writer.add_scalar(name, value, report.step)

    def __enter__(self) -> "Curves":
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.writer.close()


def _step_of(line: str) -> int | None:
    """Return the step that `line` reports, None where it is cut off or something else."""
    try:
        step = json.loads(line)["step"]
    except (ValueError, LookupError, TypeError):
        return None
    return step if isinstance(step, int) else None
