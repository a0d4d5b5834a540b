"""The terms of the perceptual objective: a row each, and a weight of the same name.

A term that needs no judge is a row of PICTURE_TERMS and a field of PerceptualWeights in
nst_student.recipes.settings, nothing more.
"""

from collections.abc import Callable, Collection, Mapping
from dataclasses import asdict, dataclass

import torch
from torch.nn import functional as F

from nst_features.names import NETWORK_NAMES
from nst_student.losses.texture import texture_distances
from nst_student.recipes.settings import GRID_PX, PerceptualWeights


@dataclass(frozen=True)
class Painted:
    """Pictures N×3×H×W as they were painted in S `styles`, one after the other, and as the judges see them, `clipped`.

    `distances` are the N content losses, `texture` the energies of the styles' fine textures.
    """

    outputs: torch.Tensor
    clipped: torch.Tensor
    distances: torch.Tensor
    texture: torch.Tensor
    styles: int

    def by_style(self, values: torch.Tensor) -> torch.Tensor:
        """Return the means of N `values` over each of the styles, S values."""
        return values.view(self.styles, -1).mean(dim=1)


def grid_energies(image: torch.Tensor) -> torch.Tensor:
    """Return how much a pattern locked to the network's 8 px grid shows in each of `image` N×3×H×W, 0 for none.

    A network without noise cannot draw grain in a flat area; what it can draw there is a lattice of dots, which
    Gram matrices take for grain and people do not. Strokes lie anywhere on the grid, so over a window of 8×8 cells
    the 64 positions in a cell have nearly the same mean; a lattice's positions differ. The variance of those means,
    averaged over windows and channels; the mean around each pixel, which a lattice has no part in, is taken out first.
    """
    before, after = (GRID_PX - 1) // 2, GRID_PX // 2
    fine = image[..., before:-after, before:-after] - F.avg_pool2d(image, GRID_PX, stride=1)
    height, width = (side // GRID_PX * GRID_PX for side in fine.shape[-2:])
    positions = F.pixel_unshuffle(fine[..., :height, :width], GRID_PX)
    means = F.avg_pool2d(positions, min(8, *positions.shape[-2:]), stride=4)
    spread = means.reshape(len(image), -1, GRID_PX**2, *means.shape[2:]).var(dim=2, unbiased=False)
    return spread.flatten(1).mean(dim=1)


# The terms that need no judge of their own, by name: each gives S values and has a weight of its name.
PICTURE_TERMS: Mapping[str, Callable[[Painted], torch.Tensor]] = {
    "content": lambda painted: painted.by_style(painted.distances),
    "range": lambda painted: painted.by_style((painted.outputs - painted.clipped).square().flatten(1).mean(dim=1)),
    "grid": lambda painted: painted.by_style(grid_energies(painted.clipped)),
    "texture": lambda painted: texture_distances(painted.clipped, painted.texture),
}
# The weights of judges: one of each name, and one for all companions, each named as its network.
JUDGE_WEIGHTS = ("style", "deep", "companion")


def term_weights(weights: PerceptualWeights, judges: Collection[str]) -> dict[str, float]:
    """Return the weight of each term: of PICTURE_TERMS, and of the judges, by whose names their terms go.

    Raises ValueError for a term that has no weight, a weight that has no term, or a judge that is named as a picture's
    term.
    """
    known, named = asdict(weights), (*PICTURE_TERMS, *JUDGE_WEIGHTS)
    if known.keys() != set(named):
        raise ValueError(f"there are weights {sorted(known)}, but terms {sorted(named)}")
    fields = {name: name for name in JUDGE_WEIGHTS} | dict.fromkeys(NETWORK_NAMES, "companion")
    wrong = [judge for judge in judges if judge not in fields]
    if wrong:
        raise ValueError(f"no weight for the judges {wrong}; there are {', '.join(fields)}")
    return {term: known[fields.get(term, term)] for term in (*PICTURE_TERMS, *judges)}
