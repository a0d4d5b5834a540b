"""The training loop: silent, resumable to the bit, and stopped by the first loss that is not a number."""

import io
import json
import math
import pickle
import time
from collections.abc import Callable, Generator, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch
from torch import nn

from nst_runtime.contracts.files import write_bytes
from nst_runtime.errors import NstError
from nst_student.recipes.settings import OptimizerName
from nst_student.training.interrupts import held_back
from nst_student.training.optimizers import OPTIMIZERS
from nst_student.training.step import RecordedStep, Step, Terms, gradients_of

SAVE_EVERY_S = 60.0

# What a state that is cut off, edited or of another program raises on being read.
_UNREADABLE = (
    pickle.UnpicklingError, RuntimeError, EOFError, LookupError, ValueError, TypeError, AttributeError, OSError,
)  # fmt: skip


@dataclass(frozen=True)
class Schedule:
    """How long and how fast: a linear warm-up, then half a cosine down to nought."""

    steps: int
    learning_rate: float
    warmup_steps: int = 50

    def rate(self, step: int) -> float:
        """Return the learning rate of `step`, counted from 0."""
        warm = min(1.0, (step + 1) / self.warmup_steps)
        return self.learning_rate * warm * 0.5 * (1 + math.cos(math.pi * step / self.steps))


@dataclass(frozen=True)
class Report:
    """Means of the loss terms over the steps since the last report; `step` counts finished steps."""

    step: int
    means: dict[str, float]


class Loop:
    """Trains `modules`; the state on disk is all it needs to go on where it was.

    `step` is what happens in one; on a card it is recorded and replayed. `controls` are small tensors that the step
    adapts. Nothing is asked of the device between two reports, but for a state once a minute by `clock`, in seconds.
    `kept_step` is the step whose state is on disk, 0 for none.
    """

    def __init__(
        self,
        modules: nn.Module,
        step: Step,
        schedule: Schedule,
        *,
        state_file: Path,
        settings: Mapping[str, Any],
        controls: Mapping[str, torch.Tensor] | None = None,
        optimizer: OptimizerName,
        report_every: int = 20,
        save_every: int = 100,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.modules, self.step_function, self.schedule = modules, step, schedule
        self.state_file, self.settings = state_file, json.dumps(settings, sort_keys=True)
        self.controls = dict(controls or {})
        self.report_every, self.save_every = report_every, save_every
        self.parameters = [p for p in modules.parameters() if p.requires_grad]
        self.optimizer = OPTIMIZERS[optimizer](self.parameters, schedule.learning_rate)
        self.clock = clock
        self.step = self.kept_step = 0
        self._saved_at = clock()
        self._names: list[str] = []
        self._rows: list[torch.Tensor] = []  # the terms of each step since the last report
        self._whole = True  # not within a step

    @property
    def reported_step(self) -> int:
        """The last step of which a report was made and taken."""
        return self.step - len(self._rows)

    def resume(self) -> bool:
        """Take up the state on disk, if there is one; raises NstError when it belongs to other settings."""
        if not self.state_file.exists():
            return False
        state, settings = _read_state(self.state_file)
        new = json.loads(self.settings)
        _refuse_differences(self.state_file, settings, new, sorted({*settings, *new}))
        try:
            self.modules.load_state_dict(state["modules"])
            self.optimizer.load_state_dict(state["optimizer"])
            for name, value in self.controls.items():
                value.copy_(state["controls"][name])
            self._names, rows = state.get("unreported", ([], torch.empty(0)))
            self._rows = list(rows.to(self.parameters[0].device))
            self.step = self.kept_step = int(state["step"])
        except _UNREADABLE as error:
            raise _damaged(self.state_file) from error
        return True

    def save(self) -> None:
        """Write the state to disk in one move; raises NstError when the loss or a weight is not a number."""
        self._refuse_no_numbers()
        buffer = io.BytesIO()
        state = {
            "step": self.step,
            "settings": self.settings,
            "modules": self.modules.state_dict(),
            "optimizer": self.optimizer.state_dict(),
            "controls": self.controls,
            "unreported": (self._names, torch.stack(self._rows).cpu() if self._rows else torch.empty(0)),
        }
        torch.save(state, buffer)
        write_bytes(self.state_file, buffer.getvalue())
        self.kept_step, self._saved_at = self.step, self.clock()

    def run(self) -> Generator[Report, None, None]:
        """Train to the schedule's end, saving on the way; yields a report every `report_every` steps.

        The state is saved every `save_every` steps, once a minute, and when the training is stopped: by Ctrl-C or
        SIGTERM, which wait for the step to end, or by closing this generator. A report in which it was stopped comes
        again when it goes on. Raises NstError when the loss or a weight stops being a number; the last saved state is
        then still good.
        """
        try:
            yield from self._train()
        except (KeyboardInterrupt, GeneratorExit):
            self._keep()
            raise

    def _train(self) -> Iterator[Report]:
        self._saved_at = self.clock()
        with held_back():
            train_step = self._recorded() if self.parameters[0].is_cuda else self._eager
        while self.step < self.schedule.steps or self._rows:
            if not self._report_due():
                with held_back() as stopped:
                    self._advance(train_step)
                    if stopped:
                        self._keep()
            if self._report_due():
                yield self._report()
                self._rows = []  # after the report was taken: a state that is saved before has its steps still
            if self._save_due():
                with held_back():
                    self.save()

    def _report_due(self) -> bool:
        return bool(self._rows) and (self.step % self.report_every == 0 or self.step == self.schedule.steps)

    def _save_due(self) -> bool:
        by_step = self.step % self.save_every == 0 or self.step == self.schedule.steps
        return by_step or self.clock() - self._saved_at >= SAVE_EVERY_S

    def _advance(self, train_step: Callable[[int], Terms]) -> None:
        self._whole = False
        for group in self.optimizer.param_groups:
            group["lr"] = self.schedule.rate(self.step)
        terms = train_step(self.step)
        self._names = list(terms)
        row = torch.stack([value.detach() for value in terms.values()])
        self._descend()
        self._rows.append(row)
        self.step += 1
        self._whole = True

    def _keep(self) -> None:
        """Save the state of the last finished step where that can be done and was not done yet."""
        if self._whole and self.step != self.kept_step:
            with held_back(), suppress(NstError):
                self.save()

    def _recorded(self) -> Callable[[int], Terms]:
        controls = {name: value.clone() for name, value in self.controls.items()}
        recorded = RecordedStep(self.step_function, self.step, self.parameters)
        for name, value in self.controls.items():
            value.copy_(controls[name])  # recording ran the step
        return recorded

    def _eager(self, number: int) -> Terms:
        self.optimizer.zero_grad(set_to_none=True)
        terms = self.step_function(number)
        gradients_of(terms)
        return terms

    def _descend(self) -> None:
        try:
            self.optimizer.step()
        except torch.linalg.LinAlgError as error:  # type: ignore[attr-defined]
            raise self._no_number("a gradient", self.step + 1) from error

    def _report(self) -> Report:
        """Return the means of the terms since the last report; raises NstError where one is not a number."""
        self._refuse_no_numbers()
        means = torch.stack(self._rows).cpu().mean(dim=0).tolist()
        return Report(self.step, dict(sorted(zip(self._names, means, strict=True))))

    def _refuse_no_numbers(self) -> None:
        for place, row in enumerate(torch.stack(self._rows).cpu() if self._rows else ()):
            if not row[self._names.index("loss")].isfinite():
                raise self._no_number("the loss", self.reported_step + place + 1)
        if not torch.stack([parameter.isfinite().all() for parameter in self.parameters]).all():
            raise self._no_number("a weight", self.step)

    def _no_number(self, what: str, step: int) -> NstError:
        kept = f"the state before is kept in {self.state_file}" if self.state_file.exists() else "nothing was saved yet"
        return NstError(
            f"{what} is no longer a number at step {step}; {kept}", "lower `learning_rate` and start again with `fresh`"
        )


def check_settings(state_file: Path, settings: Mapping[str, Any]) -> int:
    """Return how many steps the training of `state_file` has done, 0 where there is not one.

    Raises NstError when one of `settings` was another in that training, or the file is damaged.
    """
    if not state_file.exists():
        return 0
    state, old = _read_state(state_file)
    _refuse_differences(state_file, old, json.loads(json.dumps(settings)), sorted(settings))
    return int(state["step"])


def _read_state(path: Path) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the state in `path` and the settings of its training."""
    try:
        state = torch.load(path, map_location="cpu", weights_only=True)
        return state, dict(json.loads(state["settings"]))
    except _UNREADABLE as error:
        raise _damaged(path) from error


def _damaged(path: Path) -> NstError:
    return NstError(f"{path} is damaged", "start again with `fresh`")


def _refuse_differences(path: Path, old: Mapping[str, Any], new: Mapping[str, Any], names: Sequence[str]) -> None:
    different = ", ".join(f"{n}: {old.get(n)} → {new.get(n)}" for n in names if old.get(n) != new.get(n))
    if different:
        raise NstError(
            f"{path.parent} holds a training with other settings ({different})",
            "use the same settings to go on, choose another `workspace`, or start again with `fresh`, from `start` if "
            "you like",
        )
