"""Find the files of weights that settings name, before anything slow begins."""

from dataclasses import replace
from pathlib import Path
from typing import Any, get_args

from nst_features.known_weights import look_up
from nst_features.names import NetworkName
from nst_features.weights_folder import find_weights
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.settings import Sections
from nst_student.recipes.settings import LAYERS, JudgeSettings, StudentSettings, kind_of_network


def settle_weights(settings: StudentSettings, given: Sections) -> StudentSettings:
    """Return `settings` with the files of the weights that they name, each a path or a name of the registry.

    Where a person gave weights that are known to be another network's, and no network, it is that network, with its own
    layers. Raises NstError for weights that are not there.
    """
    judges = settings.perceptual.judges
    found = replace(
        judges,
        weights=_found(judges.weights),
        deep_weights=_found(judges.deep_weights),
        companions=tuple(replace(each, weights=_found(each.weights)) for each in judges.companions),
    )
    by_hand = given.get("judges", {})
    if "weights" in by_hand and "network" not in by_hand:
        network = _network_of(found)
        other = kind_of_network(network) != kind_of_network(found.network)
        foreign: dict[str, Any] = {name: () for name in LAYERS if other and name not in by_hand}
        found = replace(found, network=network, **foreign)
    return replace(settings, perceptual=replace(settings.perceptual, judges=found))


def _found(weights: Path | None) -> Path | None:
    return None if weights is None else find_weights(weights)


def _network_of(judges: JudgeSettings) -> NetworkName:
    """Return the network that the weights are known to be of, else the one that the settings say."""
    known = None if judges.weights is None else look_up(sha256_of_file(judges.weights))
    names: tuple[NetworkName, ...] = get_args(NetworkName)
    return next((name for name in names if known is not None and name == known.network), judges.network)
