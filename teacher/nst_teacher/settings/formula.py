"""How features become a number: the choices of the losses."""

from dataclasses import dataclass
from typing import Annotated, Literal

from nst_runtime.contracts.settings import Setting
from nst_runtime.errors import NstError

Distance = Literal["l1", "l2"]
StyleDistance = Literal["l1", "l2", "wasserstein"]
Normalisation = Literal["relative", "mean", "sum", "gatys"]
GramScale = Literal["pixels", "values", "none"]
VariationName = Literal["squared", "absolute"]


@dataclass(frozen=True)
class Formula:
    """How features become a number.

    Distances are |d| (``l1``), d² (``l2``) or, for style, the squared Wasserstein-2 distance of Gaussians of the
    features' means and covariances. `normalisation` is what the distances of a layer's N filters are divided by:
    ``relative`` their mean over the target's own, ``mean``, ``sum``, or ``gatys``: ½ Σ for content and 1/(4N²) Σ for
    Gram matrices over M pixels, which is the paper's E_l = 1/(4N²M²) Σ. `gram_scale` divides Gram matrices by the
    number of ``pixels`` n, of ``values`` C·n, or by nothing.
    """

    style_distance: Annotated[
        StyleDistance,
        Setting(
            "How style statistics are compared: by absolute differences, by squared ones, or by the squared "
            "Wasserstein distance of Gaussians.",
            paper="l2: Gatys et al. (2016), eq. 4; l1: Mak (2021), table 1; wasserstein: Olkin and Pukelsheim (1982)",
        ),
    ] = "l2"
    content_distance: Annotated[
        Distance,
        Setting("How content features are compared.", paper="l2: Gatys et al. (2016), eq. 1; l1: Mak (2021), table 1"),
    ] = "l2"
    normalisation: Annotated[
        Normalisation,
        Setting(
            "What a layer's loss is divided by: the target's own energy, the number of values, nothing, or as in the "
            "paper 1/(4N²M²) for style and 1/2 for content.",
            paper="gatys: Gatys et al. (2016), eq. 1 and 4; mean: Srinath, Yin, Verma, sec. III.D",
        ),
    ] = "relative"
    gram_scale: Annotated[
        GramScale,
        Setting(
            "What Gram matrices are divided by: the number of pixels, of pixels times channels, or nothing.",
            paper="pixels: Šarić (2020), eq. 2.1-2.3",
        ),
    ] = "pixels"
    variation: Annotated[
        VariationName,
        Setting(
            "Total variation of squared or absolute differences.",
            paper="absolute: Ding, Liu, Wang (CS 229), L_v",
        ),
    ] = "squared"

    def __post_init__(self) -> None:
        if self.normalisation == "gatys" and self.gram_scale != "pixels":
            raise NstError(
                f"`normalisation` gatys is for Gram matrices over pixels, and `gram_scale` is {self.gram_scale}",
                "set `gram_scale` to pixels, or `normalisation` to mean",
            )


USUAL = Formula()
