"""The settings of trainings: the one place of their defaults, from which the commands' options take theirs."""

from dataclasses import asdict, dataclass, field
from typing import Any

from nst_student.losses.judges import JudgeSettings
from nst_student.losses.terms import PerceptualWeights
from nst_student.training.optimizers import OptimizerName


@dataclass(frozen=True)
class TrainingSettings:
    """What every training needs: its length, its batches and its pace.

    Photographs are seen in square crops, of the shortest side of all if `crop_px` is None; pairs are not cropped.
    `hard_pictures` is how many pictures of what photographs lack are drawn to be seen among them.
    """

    steps: int = 8000
    batch: int = 2
    crop_px: int | None = None
    learning_rate: float = 5e-3
    optimizer: OptimizerName = "soap"
    seed: int = 0
    sample_every: int = 500
    hard_pictures: int = 160

    def recipe(self) -> dict[str, Any]:
        """Return all settings by name but those of the photographs' crops, which say themselves what they are."""
        return {name: value for name, value in asdict(self).items() if name not in ("crop_px", "hard_pictures")}


@dataclass(frozen=True)
class PerceptualSettings:
    """What the judges' losses need: the judges, the terms' weights and how close to the photo to stay."""

    judges: JudgeSettings = field(default_factory=JudgeSettings)
    weights: PerceptualWeights = field(default_factory=PerceptualWeights)
    content_target: float | None = 0.95

    def recipe(self) -> dict[str, Any]:
        """Return all settings as scalars by name."""
        weights = {f"{name}_weight": value for name, value in asdict(self.weights).items()}
        return {**self.judges.recipe(), **weights, "content_target": self.content_target}
