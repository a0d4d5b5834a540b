"""The judges that a method stands for: its networks, loaded, with the layers that they compare."""

from dataclasses import replace

import torch

from nst_features.network import FeatureNetwork
from nst_features.networks import load_network
from nst_runtime.errors import NstError
from nst_teacher.objective.objective import GatysJudge, TermWeights
from nst_teacher.settings.method import DeepJudge, Method, check_counts

SCALES = 3  # where nobody says otherwise; the random network is a pyramid itself and takes one


def build_judges(method: Method, device: torch.device) -> tuple[GatysJudge, ...]:
    """Return the judges of `method` on `device`; raises NstError for weights or layers that are not there."""
    network = load(method).to(device)
    content_layers = method.content_layers or (network.default_content_layer,)
    style_layers = method.style_layers or network.default_style_layers
    check_layers(network, (*style_layers, *content_layers))
    check_counts(method, style_layers, content_layers)
    scales = method.scales or (1 if method.network == "random" else SCALES)
    weights = method.layer_weights, method.content_layer_weights
    judges = (GatysJudge(network, style_layers, scales, content_layers, 1.0, *weights, method.formula),)
    if method.deep is None:
        return judges
    deep = _load_deep(method.deep, method).to(device)
    return (*judges, GatysJudge(deep, method.deep.layers, weight=method.deep.weight, formula=method.formula))


def load(method: Method) -> FeatureNetwork:
    """Return the (first) feature network of `method`, on the processor."""
    return load_network(
        method.network,
        weights=method.weights,
        weights_normalisation=method.weights_normalisation,
        seed=method.seed,
        precision=method.precision,
        pooling=method.pooling,
        padding=method.padding,
    )


def _load_deep(deep: DeepJudge, method: Method) -> FeatureNetwork:
    """Return the second network; an error names its own settings, not those of the first."""
    try:
        network = load_network(
            deep.network,
            weights=deep.weights,
            weights_normalisation=deep.normalisation,
            seed=method.seed,
            precision=method.precision,
        )
        network.check_layers(deep.layers)
    except NstError as error:
        settings = "`deep.weights`, `deep.layers` and `deep.normalisation`"
        raise NstError(f"second network: {error.message}", f"check {settings}") from error
    return network


def check_layers(network: FeatureNetwork, layers: tuple[str, ...]) -> None:
    """Raise NstError, which lists the layers there are, when one of `layers` is not among them."""
    try:
        network.check_layers(layers)
    except NstError as error:
        hint = error.hint or "name some of these"
        raise NstError(error.message, f"{hint}, or let the nearest stand in with `match_layers`") from error


def complete(method: Method, judges: tuple[GatysJudge, ...]) -> Method:
    """Return `method` with what its judges chose in place of None."""
    first = judges[0]
    deep = method.deep and replace(method.deep, normalisation=judges[1].network.normalisation)
    return replace(
        method,
        content_layers=first.content_layers,
        style_layers=first.style_layers,
        scales=first.scales,
        weights_normalisation=first.network.normalisation,
        deep=deep,
    )


def weigh_terms(method: Method) -> TermWeights:
    """Return the weights of the content and variation terms and of style."""
    return TermWeights(method.content_weight, method.variation_weight, method.style_weight)
