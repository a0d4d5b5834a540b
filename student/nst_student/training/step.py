"""What a training does in one step: draw its pictures, then judge what the networks make of them."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

import torch

Terms = Mapping[str, torch.Tensor]


@dataclass(frozen=True)
class Step:
    """One step in two halves: what it sees, which follows from its number alone, and the terms of its loss.

    `draw` returns tensors, of the same shapes in every step, on the device that computes. `judge` returns the terms,
    numbers as tensors, of which ``loss`` is descended; it asks the host for nothing, so that a card can record it.
    """

    draw: Callable[[int], tuple[torch.Tensor, ...]]
    judge: Callable[..., Terms]

    def __call__(self, number: int) -> Terms:
        """Return the terms of the step `number`, counted from 0."""
        return self.judge(*self.draw(number))


class RecordedStep:
    """A step whose judging and gradients are recorded once as a CUDA graph and replayed ever after.

    A student's layers are so small that launching them one by one takes a card longer than computing them.
    """

    WARM_UP = 3

    def __init__(self, step: Step, number: int, parameters: Sequence[torch.nn.Parameter]) -> None:
        """Record `step`; the gradients of `parameters` stay in their ``grad``, which every replay writes."""
        self.draw = step.draw
        self.inputs = [value.clone() for value in step.draw(number)]
        side = torch.cuda.Stream()  # type: ignore[no-untyped-call]
        side.wait_stream(torch.cuda.current_stream())
        with torch.cuda.stream(side):
            for _ in range(self.WARM_UP):
                gradients_of(step.judge(*self.inputs))
        torch.cuda.current_stream().wait_stream(side)
        for parameter in parameters:
            parameter.grad = None  # or the replays would add to it
        self.graph = torch.cuda.CUDAGraph()
        with torch.cuda.graph(self.graph):
            self.terms = step.judge(*self.inputs)
            gradients_of(self.terms)

    def __call__(self, number: int) -> Terms:
        """Compute the terms and gradients of the step `number`; they hold until the next call."""
        for place, value in zip(self.inputs, self.draw(number), strict=True):
            place.copy_(value, non_blocking=True)
        self.graph.replay()
        return self.terms


def gradients_of(terms: Terms) -> None:
    """Add the gradients of the loss among `terms` to the parameters."""
    terms["loss"].backward()  # type: ignore[no-untyped-call]
