"""Let the layers of one network stand in for those of another, by depth."""

from collections.abc import Sequence
from dataclasses import dataclass, replace

from nst_features.networks import depth_of
from nst_runtime.errors import NstError
from nst_teacher.engine.judges import load
from nst_teacher.settings.method import Method


@dataclass(frozen=True)
class StandIn:
    """A layer that the network lacks, and the one that takes its place."""

    missing: str
    taken: str


def match_layers(method: Method) -> tuple[Method, tuple[StandIn, ...]]:
    """Return `method` with layers that its network lacks replaced by the nearest in depth, and which ones were.

    Depth is a layer's place from 0 (first) to 1 (last) of its architecture; layers that end up in the same place are
    one, with the sum of their weights. Raises NstError for a name of no known architecture, weights that are missing
    and whatever else keeps the network from loading.
    """
    network = load(method)
    stand_ins: dict[str, str] = {}
    style, weights = _match(method.style_layers, method.layer_weights, network.layers, network.name, stand_ins)
    content, content_weights = _match(
        method.content_layers, method.content_layer_weights, network.layers, network.name, stand_ins
    )
    matched = replace(
        method, style_layers=style, layer_weights=weights, content_layers=content, content_layer_weights=content_weights
    )
    return matched, tuple(StandIn(missing, taken) for missing, taken in stand_ins.items())


def _match(
    wanted: tuple[str, ...] | None,
    weights: tuple[float, ...] | None,
    there: Sequence[str],
    network: str,
    stand_ins: dict[str, str],
) -> tuple[tuple[str, ...] | None, tuple[float, ...] | None]:
    if wanted is None or all(layer in there for layer in wanted):
        return wanted, weights
    each = weights if weights is not None else (1 / len(wanted),) * len(wanted)
    sums: dict[str, float] = {}
    for layer, weight in zip(wanted, each, strict=True):
        taken = layer if layer in there else nearest(layer, there, network)
        sums[taken] = sums.get(taken, 0) + weight
        if taken != layer:
            stand_ins[layer] = taken
    same = len(sums) == len(wanted) and weights is None
    return tuple(sums), None if same else tuple(sums.values())


def nearest(layer: str, there: Sequence[str], network: str) -> str:
    """Return the layer out of `there` nearest in depth to `layer`, the deeper one of two; raises NstError."""
    place = depth_of(layer)
    if place is None:
        raise NstError(f"{network} has no layer {layer}, nor has any other network; it has {', '.join(there)}")
    return min(reversed(there), key=lambda other: round(abs((depth_of(other) or 0.0) - place), 6))
