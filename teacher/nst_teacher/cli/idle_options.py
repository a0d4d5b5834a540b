"""Refuse options that would change nothing, before any work is done; the values of a preset may be idle."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from nst_runtime.errors import NstError
from nst_teacher.optimise.optimise import OptimizerName
from nst_teacher.settings.method import Method
from nst_teacher.settings.method_table import Table

Optimizers = Collection[OptimizerName]


@dataclass(frozen=True)
class Idle:
    """Options, by the keys of a method's table, and when they change nothing; `why` follows the option's name."""

    keys: tuple[str, ...]
    when: Callable[[Method, Optimizers], bool]
    why: str
    hint: str = "leave it out"


RULES = (
    Idle(
        ("pooling", "padding"),
        lambda method, _: method.network == "random",
        "replaces the network's own, and random filters have none",
    ),
    Idle(
        ("balance_ratio",),
        lambda method, _: method.balance != "auto",
        "is for `balance` auto, and `balance` is fixed",
        "leave it out, or set `balance` to auto",
    ),
    Idle(
        ("learning_rate", "decay"),
        lambda _, optimizers: set(optimizers) == {"lbfgs"},
        "is for the other optimizers: lbfgs finds its steps by itself",
        "leave it out, or take another optimizer",
    ),
    Idle(
        ("beta2",),
        lambda _, optimizers: "adam" not in optimizers,
        "is for adam, which does not minimise here",
        "leave it out, or take adam",
    ),
    Idle(
        ("style_size_px",),
        lambda method, _: method.style_scale is not None,
        "and `style_scale` both say how large the style picture is measured, and `style_scale` decides",
        "leave one of them out",
    ),
    Idle(
        ("deep_layers", "deep_weight", "deep_normalisation"),
        lambda method, _: method.deep is None,
        "is for a second network, and there is none",
        "leave it out, or give `deep_weights`",
    ),
)


def refuse_idle(given: Table, method: Method, optimizers: Optimizers) -> None:
    """Raise NstError for the first of the options `given` that changes nothing in `method` under `optimizers`."""
    for rule in RULES:
        for key in rule.keys:
            if key in given and rule.when(method, optimizers):
                raise NstError(f"`{key}` {rule.why}", rule.hint)


def refuse_feather(given: Table, *, masked: bool) -> None:
    """Raise NstError when the softness of masks' borders is `given` and there are no masks."""
    if "mask_feather_px" in given and not masked:
        raise NstError(
            "`mask_feather_px` softens the borders of masks, and there are none",
            "leave it out, or give `content_mask` and `style_mask`",
        )
