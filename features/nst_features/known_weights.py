"""The one registry of weights files: what each is called, how to tell it, where it comes from. It loads no torch."""

from dataclasses import dataclass
from pathlib import PurePosixPath

from nst_features.names import NetworkName, NormalisationName

_TORCHVISION = "https://download.pytorch.org/models"
_BSD = "BSD-3-Clause (torchvision), CC BY 4.0 (VGG)"
_CONVERTED = "call the tensors as torchvision does, and save them with safetensors.torch.save_file"


@dataclass(frozen=True)
class KnownWeights:
    """A weights file.

    `name` is what settings may call it. It holds weights of `network` from the first layer to `last_layer`, trained
    with pixels normalised as `normalisation` says. `sha256` has 64 hex digits, or as many of the first as the source
    tells. `license` is that of the weights, `source` says where they come from. A file that can be downloaded as it is
    has a `url`; for any other `made` says in a line how it is made. `usual` marks the file that the network loads when
    nobody names one.
    """

    name: str
    network: NetworkName
    last_layer: str
    sha256: str
    normalisation: NormalisationName
    size_mib: float
    license: str
    source: str
    url: str = ""
    made: str = ""
    usual: bool = False

    @property
    def file(self) -> str:
        """The name of the file in a folder of weights."""
        return PurePosixPath(self.url).name if self.url else f"{self.name}.safetensors"


# torchvision tells the first eight digits of its files' sha256, in their names. Its features of VGG-16 are the original
# weights of Caffe.
KNOWN = (
    KnownWeights(
        name="vgg16_caffe",
        network="vgg16",
        last_layer="relu5_3",
        sha256="88682ab5",
        normalisation="caffe",
        size_mib=527.802,
        license=_BSD,
        source="torchvision's VGG16_Weights.IMAGENET1K_FEATURES, the weights of its authors",
        url=f"{_TORCHVISION}/vgg16_features-amdegroot-88682ab5.pth",
        usual=True,
    ),
    KnownWeights(
        name="vgg16_torchvision",
        network="vgg16",
        last_layer="relu5_3",
        sha256="397923af",
        normalisation="torchvision",
        size_mib=527.796,
        license=_BSD,
        source="torchvision's VGG16_Weights.IMAGENET1K_V1",
        url=f"{_TORCHVISION}/vgg16-397923af.pth",
    ),
    KnownWeights(
        name="vgg19_torchvision",
        network="vgg19",
        last_layer="relu5_4",
        sha256="dcbb9e9d",
        normalisation="torchvision",
        size_mib=548.051,
        license=_BSD,
        source="torchvision's VGG19_Weights.IMAGENET1K_V1",
        url=f"{_TORCHVISION}/vgg19-dcbb9e9d.pth",
        usual=True,
    ),
    KnownWeights(
        name="vgg19_torchvision_conv3_1",
        network="vgg19",
        last_layer="relu3_1",
        sha256="9c2a983b792a771f6f3beebba00216e50114251efe2acb87da7787eebca2e5a1",
        normalisation="torchvision",
        size_mib=2.119,
        license=_BSD,
        source="torchvision's VGG19_Weights.IMAGENET1K_V1 up to relu3_1",
        made="save the tensors features.0 to features.10 of vgg19_torchvision with safetensors.torch.save_file",
    ),
    KnownWeights(
        name="vgg19_normalised_conv3_1",
        network="vgg19",
        last_layer="relu3_1",
        sha256="4498af036425ae0bbcc06aca4caee8ee979f105c7fc49af38e4aef830ae16c02",
        normalisation="torchvision",
        size_mib=2.119,
        license="Apache-2.0 (deep-transfer), CC BY 4.0 (VGG)",
        source="https://github.com/pietrocarbo/deep-transfer: VGG-19 with mean activations of 1 (Gatys et al.)",
        made="convert its models/autoencoder_vgg19/vgg19_3/vgg_normalised_conv3_1.pth (commit e87e72f): fold the first "
        f"1×1 convolution into the next, for pixels as torchvision normalises them, {_CONVERTED}",
    ),
    KnownWeights(
        name="vgg19_balanced",
        network="vgg19",
        last_layer="relu3_1",
        sha256="a1173c70b83dc9c7702da136c988b5a1ac5b3f4c710ecca2019da7850c0e6f99",
        normalisation="torchvision",
        size_mib=2.119,
        license="Apache-2.0 (deep-transfer), CC BY 4.0 (VGG)",
        source="vgg19_normalised_conv3_1 with its filters' norms in balance",
        made="python assets/balance_vgg.py vgg19_normalised_conv3_1 vgg19_balanced.safetensors",
    ),
    KnownWeights(
        name="vgg19_distilled16x_conv5_1",
        network="vgg19",
        last_layer="relu5_1",
        sha256="e6a609dbd4c2bd0b1b405d67cb7775b7a65d1f534aaf11b76b56a9d095946a47",
        normalisation="torchvision",
        size_mib=3.681,
        license="MIT",
        source="https://github.com/MingSun-Tse/Collaborative-Distillation: VGG-19 distilled to a sixteenth",
        made=f"convert its trained_models/wct_se_16x_new/5SE.pth (commit 4a269dc): {_CONVERTED}",
    ),
    KnownWeights(
        name="squeezenet1_1_torchvision",
        network="squeezenet1_1",
        last_layer="fire9",
        sha256="b8a52dc0",
        normalisation="torchvision",
        size_mib=4.729,
        license="BSD-2-Clause",
        source="torchvision's SqueezeNet1_1_Weights.IMAGENET1K_V1",
        url=f"{_TORCHVISION}/squeezenet1_1-b8a52dc0.pth",
        usual=True,
    ),
    KnownWeights(
        name="squeezenet1_1",
        network="squeezenet1_1",
        last_layer="fire9",
        sha256="aae004f74f6b5db33f4df9651c681329ae759381d726bb9afaf1a936c15bd7c1",
        normalisation="torchvision",
        size_mib=4.718,
        license="BSD-2-Clause",
        source="https://github.com/chaosmail/caffejs: SqueezeNet 1.1 of its authors",
        made=f"convert its models/squeezenet/weights (commit 424d986): {_CONVERTED}",
    ),
    KnownWeights(
        name="squeezenet1_1_fire5",
        network="squeezenet1_1",
        last_layer="fire5",
        sha256="783edbc05f0997188430d24ee2b5f568bd19a39e15afebf9b0588e4b5b81de98",
        normalisation="torchvision",
        size_mib=0.462,
        license="BSD-2-Clause",
        source="squeezenet1_1 up to fire5",
        made="python assets/default_pack/card.py gather DATA FOLDER, which leaves it there as weights/squeezenet1_1",
    ),
    KnownWeights(
        name="resnet50_torchvision",
        network="resnet50",
        last_layer="block4",
        sha256="11ad3fa6",
        normalisation="torchvision",
        size_mib=97.79,
        license="BSD-3-Clause",
        source="torchvision's ResNet50_Weights.IMAGENET1K_V2",
        url=f"{_TORCHVISION}/resnet50-11ad3fa6.pth",
        usual=True,
    ),
    KnownWeights(
        name="resnet50_torchvision_v1",
        network="resnet50",
        last_layer="block4",
        sha256="0676ba61",
        normalisation="torchvision",
        size_mib=97.781,
        license="BSD-3-Clause",
        source="torchvision's ResNet50_Weights.IMAGENET1K_V1",
        url=f"{_TORCHVISION}/resnet50-0676ba61.pth",
    ),
    KnownWeights(
        name="resnet50_pruned_int8",
        network="resnet50",
        last_layer="block4",
        sha256="0974b41103c68b63dea2fd497f0a84a23489d600f24a5a750e7c0abae896b792",
        normalisation="torchvision",
        size_mib=48.875,
        license="MIT",
        source="https://github.com/lxd-cumt/ABM-SpConv: ResNet-50, pruned and quantised to 8 bits",
        made=f"convert its data/neon_resnet50 (commit 8149a22) to 16 bits: {_CONVERTED}",
    ),
    KnownWeights(
        name="resnet50_block2",
        network="resnet50",
        last_layer="block2",
        sha256="00b7106bf5931f03de1be906027b2ea005f3b73aa75d08ec257b6ccd3f705792",
        normalisation="torchvision",
        size_mib=2.787,
        license="MIT",
        source="resnet50_pruned_int8 up to block2",
        made="python assets/default_pack/card.py gather DATA FOLDER, which leaves it in FOLDER/weights",
    ),
)
# What a network loads when nobody names a file, by its name.
DOWNLOADS: dict[NetworkName, KnownWeights] = {row.network: row for row in KNOWN if row.usual}


def look_up(sha256: str) -> KnownWeights | None:
    """Return what is known of the weights file with this hash (64 hex digits), None for an unknown file."""
    return next((row for row in KNOWN if sha256.startswith(row.sha256)), None)
