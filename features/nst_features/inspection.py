"""Tell what a weights file holds."""

from dataclasses import dataclass
from pathlib import Path

from nst_features.known_weights import KnownWeights, look_up
from nst_features.names import NetworkName, NormalisationName
from nst_features.networks import NETWORKS, Trained, fitting_networks
from nst_features.weights import ForeignWeightsError, StateDict, read_normalisation, read_weights
from nst_runtime.contracts.files import sha256_of_file


@dataclass(frozen=True)
class WeightsFacts:
    """What a weights file holds.

    `known` is its row in the registry, if its hash has one. `networks` are those that can be built of its tensors: two
    where a VGG ends before they differ; `layers` are theirs. `normalisation` is None where neither the
    registry nor the file says it.
    """

    sha256: str
    known: KnownWeights | None
    networks: tuple[NetworkName, ...]
    layers: tuple[str, ...]
    normalisation: NormalisationName | None


def inspect_weights(path: Path) -> WeightsFacts:
    """Return what the weights file `path` holds; raises NstError when it cannot be read."""
    tensors = read_weights(path)
    sha256 = sha256_of_file(path)
    known = look_up(sha256)
    layers = {name: _layers(name, tensors) for name in fitting_networks(tensors)}
    networks = tuple(name for name, there in layers.items() if there)
    normalisation = read_normalisation(path) if known is None else known.normalisation
    return WeightsFacts(sha256, known, networks, layers[networks[0]] if networks else (), normalisation)


def _layers(name: NetworkName, tensors: StateDict) -> tuple[str, ...]:
    """Return the layers of the network `name` that can be built of `tensors`; none where they end within one."""
    row = NETWORKS[name]
    try:
        return tuple(layer for layer, _ in row.build(tensors)) if isinstance(row, Trained) else ()
    except ForeignWeightsError:
        return ()
