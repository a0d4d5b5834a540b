"""Refuse settings that would change nothing, before any work is done; the values of a recipe may be idle."""

from collections.abc import Callable, Collection, Mapping
from dataclasses import dataclass

from nst_runtime.contracts.settings import Sections, entries
from nst_runtime.errors import NstError
from nst_student.recipes.settings import Objective, StudentSettings


@dataclass(frozen=True)
class Idle:
    """Settings by their keys, and when they change nothing; `why` follows a setting's name."""

    keys: tuple[str, ...]
    when: Callable[[StudentSettings], bool]
    why: str
    hint: str = "leave it out"


_SEES_CROPS = ("photos.photo_px", "photos.crop_px", "photos.hard_pictures")
_JUDGED = tuple(
    entry.key
    for entry in entries(StudentSettings)
    if entry.section in ("judges", "losses") and entry.key != "losses.pixels"
)
SHARED = (
    Idle(
        ("judges.deep_layers", "judges.deep_content_layers", "losses.deep"),
        lambda settings: settings.perceptual.judges.deep_weights is None,
        "is for a second network, and there is none", "give `deep_weights` as well, or leave it out",
    ),
    Idle(
        ("losses.companion",),
        lambda settings: not settings.perceptual.judges.companions,
        "weighs the companions, and there are none", "give `companions` as well, or leave it out",
    ),
    Idle(
        ("losses.hard_style",),
        lambda settings: not settings.training.hard_pictures,
        "is for hard pictures, and there are none", "set `hard_pictures` above 0, or leave it out",
    ),
)  # fmt: skip
BANK: Mapping[Objective, tuple[Idle, ...]] = {
    "pixels": (
        Idle(_JUDGED, lambda _: True, "is for judges, and `objective` is pixels", "leave it out, or give `content`"),
        Idle(_SEES_CROPS, lambda _: True, "is for photographs; pairs are seen whole"),
        Idle(("losses.pixels",), lambda _: True, "weighs pixels against judges, and `objective` is pixels"),
    ),
    "hybrid": (
        Idle((*_SEES_CROPS, "losses.hard_style"), lambda _: True, "is for photographs; pairs are seen whole"),
        *SHARED,
    ),
    "perceptual": (
        Idle(("photos.pairs",), lambda _: True, "is for objectives with pixels, and `objective` is perceptual"),
        Idle(("losses.pixels",), lambda _: True, "is for `objective` hybrid, and it is perceptual"),
        *SHARED,
    ),
}
CODEC = (
    Idle(
        tuple(key for key in _JUDGED if key != "losses.reconstruction"),
        lambda settings: settings.mode == "reconstruct",
        "is for joint trainings, and `mode` is reconstruct",
    ),
    Idle(
        ("losses.reconstruction",),
        lambda settings: settings.mode == "reconstruct",
        "weighs the photograph against styles, and `mode` is reconstruct",
    ),
    *SHARED,
)


def refuse_idle(given: Sections, stages: Collection[StudentSettings], rules: tuple[Idle, ...]) -> None:
    """Raise NstError for the first of the settings `given` that changes nothing in all `stages` by the `rules`."""
    keys = {f"{section}.{name}": name for section, values in given.items() for name in values}
    for rule in rules:
        for key in rule.keys:
            if key in keys and all(map(rule.when, stages)):
                raise NstError(f"`{keys[key]}` {rule.why}", rule.hint)
