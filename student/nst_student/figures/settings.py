"""What can be set of a comparison of optimizers; this module loads nothing that computes."""

from dataclasses import dataclass, field
from pathlib import Path
from typing import Annotated

from nst_runtime.contracts.settings import Setting
from nst_student.recipes.settings import (
    JointWeights,
    PerceptualSettings,
    PhotoSettings,
    StudentSettings,
    TrainingSettings,
)

STEPS, CROP_PX = 300, 192
IDLE = {
    "training.learning_rate": "each optimizer has a rate of its own, in `optimizers`",
    "training.optimizer": "`optimizers` names several",
    "training.sample_every": "`snapshots` says when to look",
    "photos.hard_pictures": "optimizers are compared on photographs alone",
    "losses.hard_style": "optimizers are compared on photographs alone",
    "losses.reconstruction": "the codec stays as it is",
}
"""Settings of trainings that change nothing in a comparison, and why."""


@dataclass(frozen=True)
class CompareSettings:
    """All settings of ``nst-student compare``: those of a training, and when to look at what."""

    training: TrainingSettings = field(default_factory=lambda: TrainingSettings(steps=STEPS, crop_px=CROP_PX))
    photos: PhotoSettings = field(default_factory=PhotoSettings)
    perceptual: PerceptualSettings = field(default_factory=PerceptualSettings)
    joint: Annotated[JointWeights, Setting("", section="losses")] = field(default_factory=JointWeights)
    photo: Annotated[
        Path | None,
        Setting("Photograph to stylise at the snapshots.", usual="the first one trained on", section="compare"),
    ] = None
    snapshots: Annotated[
        tuple[int, ...], Setting("Steps at which to look.", 1, usual="the last one", section="compare")
    ] = ()

    def student(self) -> StudentSettings:
        """Return the settings that a training has as well."""
        return StudentSettings(training=self.training, photos=self.photos, perceptual=self.perceptual, joint=self.joint)
