"""Feature networks and the statistics of style that teacher and student share.

Both sides judge pictures with the same networks but may not import each other, and the runtime beneath them
never imports torch; so what they share lives here.
"""

from nst_features.device import DeviceName, pick_device, set_arithmetic
from nst_features.likeness import structure, style_share
from nst_features.network import FeatureNetwork, NormalisationName, Precision
from nst_features.networks import NETWORK_NAMES, NetworkName, load_network
from nst_features.pyramid import pyramid
from nst_features.statistics import gram, guided_gram, guided_mean
from nst_features.variants import PADDING_NAMES, POOLING_NAMES, PaddingName, PoolingName

__all__ = [
    "NETWORK_NAMES",
    "PADDING_NAMES",
    "POOLING_NAMES",
    "DeviceName",
    "FeatureNetwork",
    "NetworkName",
    "NormalisationName",
    "PaddingName",
    "PoolingName",
    "Precision",
    "gram",
    "guided_gram",
    "guided_mean",
    "load_network",
    "pick_device",
    "pyramid",
    "set_arithmetic",
    "structure",
    "style_share",
]
