"""Weights files that are known by their hash: the network they fit, and how they want pixels normalised."""

from dataclasses import dataclass

from nst_features.names import NormalisationName

_TORCHVISION = "https://download.pytorch.org/models"
_BSD = "BSD-3-Clause (torchvision), CC BY 4.0 (VGG)"


@dataclass(frozen=True)
class KnownWeights:
    """A weights file: its `network`, its sha256 (or as many of the first digits as its source tells) and its origin.

    `normalisation` is what the weights were trained with. `license` is that of the weights.
    """

    network: str
    sha256: str
    normalisation: NormalisationName
    source: str
    license: str


# What torchvision downloads; it tells the first eight digits of their sha256, in the files' names. Its features of
# VGG-16 are the original weights of Caffe.
DOWNLOADS = {
    row.network: row
    for row in (
        KnownWeights("vgg16", "88682ab5", "caffe", f"{_TORCHVISION}/vgg16_features-amdegroot-88682ab5.pth", _BSD),
        KnownWeights("vgg19", "dcbb9e9d", "torchvision", f"{_TORCHVISION}/vgg19-dcbb9e9d.pth", _BSD),
        KnownWeights(
            "squeezenet1_1", "b8a52dc0", "torchvision", f"{_TORCHVISION}/squeezenet1_1-b8a52dc0.pth", "BSD-2-Clause"
        ),
        KnownWeights("resnet50", "11ad3fa6", "torchvision", f"{_TORCHVISION}/resnet50-11ad3fa6.pth", "BSD-3-Clause"),
    )
}
KNOWN = (
    *DOWNLOADS.values(),
    KnownWeights("vgg16", "397923af", "torchvision", f"{_TORCHVISION}/vgg16-397923af.pth", _BSD),
    KnownWeights("resnet50", "0676ba61", "torchvision", f"{_TORCHVISION}/resnet50-0676ba61.pth", "BSD-3-Clause"),
    KnownWeights(
        "vgg19",
        "9c2a983b792a771f6f3beebba00216e50114251efe2acb87da7787eebca2e5a1",
        "torchvision",
        "torchvision's VGG-19 (IMAGENET1K_V1) up to relu3_1, as safetensors",
        _BSD,
    ),
    KnownWeights(
        "vgg19",
        "4498af036425ae0bbcc06aca4caee8ee979f105c7fc49af38e4aef830ae16c02",
        "torchvision",
        "https://github.com/pietrocarbo/deep-transfer: VGG-19 with mean activations of 1 (Gatys et al.) up to relu3_1, "
        "its preprocessing folded in, as safetensors",
        "Apache-2.0 (deep-transfer), CC BY 4.0 (VGG)",
    ),
    KnownWeights(
        "vgg19",
        "e6a609dbd4c2bd0b1b405d67cb7775b7a65d1f534aaf11b76b56a9d095946a47",
        "torchvision",
        "https://github.com/MingSun-Tse/Collaborative-Distillation: VGG-19 distilled to a sixteenth up to relu5_1 "
        "(trained_models/wct_se_16x_new/5SE.pth), as safetensors",
        "MIT",
    ),
    KnownWeights(
        "squeezenet1_1",
        "aae004f74f6b5db33f4df9651c681329ae759381d726bb9afaf1a936c15bd7c1",
        "torchvision",
        "https://github.com/chaosmail/caffejs: SqueezeNet 1.1 of its authors, as safetensors",
        "BSD-2-Clause",
    ),
    KnownWeights(
        "resnet50",
        "0974b41103c68b63dea2fd497f0a84a23489d600f24a5a750e7c0abae896b792",
        "torchvision",
        "https://github.com/lxd-cumt/ABM-SpConv: ResNet-50, pruned and quantised to 8 bits, as safetensors of 16 bits",
        "MIT",
    ),
)


def look_up(sha256: str) -> KnownWeights | None:
    """Return what is known of the weights file with this hash (64 hex digits), None for an unknown file."""
    return next((row for row in KNOWN if sha256.startswith(row.sha256)), None)
