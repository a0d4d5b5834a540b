"""Refuse settings that would change nothing, before any work is done; the values of a preset may be idle."""

from collections.abc import Callable, Collection
from dataclasses import dataclass

from nst_runtime.contracts.settings import Sections
from nst_runtime.errors import NstError
from nst_teacher.settings.plan import OptimizerName
from nst_teacher.settings.teacher_settings import TeacherSettings

Optimizers = Collection[OptimizerName]


@dataclass(frozen=True)
class Idle:
    """Settings, as ``section.name``, and when they change nothing; `why` follows the name."""

    keys: tuple[str, ...]
    when: Callable[[TeacherSettings, Optimizers], bool]
    why: str
    hint: str = "leave it out"


RULES = (
    Idle(
        ("network.pooling", "network.padding"),
        lambda settings, _: settings.method.network == "random",
        "replaces the network's own, and random filters have none",
    ),
    Idle(
        ("losses.balance_ratio",),
        lambda settings, _: settings.method.balance != "auto",
        "is for `balance` auto, and `balance` is fixed",
        "leave it out, or set `balance` to auto",
    ),
    Idle(
        ("losses.gram_scale",),
        lambda settings, _: settings.method.formula.style_distance == "wasserstein",
        "is for Gram matrices, and `style_distance` wasserstein compares Gaussians",
        "leave it out, or take another `style_distance`",
    ),
    Idle(
        ("optimisation.learning_rate", "optimisation.decay"),
        lambda _, optimizers: set(optimizers) == {"lbfgs"},
        "is for the other optimizers: lbfgs finds its steps by itself",
        "leave it out, or take another optimizer",
    ),
    Idle(
        ("optimisation.beta2",),
        lambda _, optimizers: "adam" not in optimizers,
        "is for adam, which does not minimise here",
        "leave it out, or take adam",
    ),
    Idle(
        ("style.style_size_px",),
        lambda settings, _: settings.method.style_scale is not None,
        "and `style_scale` both say how large the style picture is measured, and `style_scale` decides",
        "leave one of them out",
    ),
    Idle(
        ("stylize.preview_port",),
        lambda settings, _: not settings.stylize.preview,
        "is for the page of `preview`, and there is none",
        "leave it out, or set `preview` to true",
    ),
    Idle(
        ("machines.ray_address", "machines.worker_cpus"),
        lambda settings, _: settings.machines.engine != "ray",
        "is for a Ray cluster, and `engine` is local",
        "leave it out, or set `engine` to ray",
    ),
    Idle(
        ("run.device",),
        lambda settings, _: settings.machines.engine == "ray",
        "says where this process computes, and with `engine` ray the cluster's workers do",
    ),
)


def refuse_idle(given: Sections, settings: TeacherSettings, optimizers: Optimizers) -> None:
    """Raise NstError for the first of the settings `given` that changes nothing in `settings` under `optimizers`."""
    for rule in RULES:
        for section, name in (key.split(".") for key in rule.keys):
            if name in given.get(section, {}) and rule.when(settings, optimizers):
                raise NstError(f"`{name}` {rule.why}", rule.hint)


def refuse_deep(given: Sections, base: Sections) -> None:
    """Raise NstError where `given` has settings of a second network, and neither it nor `base` names its weights."""
    own = given.get("deep", {})
    if own and "weights" not in {**base.get("deep", {}), **own}:
        raise NstError(
            f"`deep.{next(iter(own))}` is for a second network, and there is none",
            "leave it out, or give `deep.weights`",
        )


def refuse_feather(given: Sections, *, masked: bool) -> None:
    """Raise NstError when the softness of masks' borders is `given` and there are no masks."""
    if "mask_feather_px" in given.get("style", {}) and not masked:
        raise NstError(
            "`mask_feather_px` softens the borders of masks, and there are none",
            "leave it out, or give `content_mask` and `style_mask`",
        )
