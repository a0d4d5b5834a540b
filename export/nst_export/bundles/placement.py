"""How a phone's accelerator divides a graph."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Placement:
    """How a graph is divided in one of an accelerator's formats: `placed` of `nodes`, in so many `partitions`.

    `convolutions` of all are those where nearly all of the work is.
    """

    format: str
    partitions: int
    nodes: int
    placed: int
    convolutions: int
    convolutions_placed: int

    @property
    def is_whole(self) -> bool:
        """Whether it is placed in one piece."""
        return self.partitions == 1 and self.placed == self.nodes

    @property
    def has_all_convolutions(self) -> bool:
        """Whether all of them are placed."""
        return self.convolutions_placed == self.convolutions
