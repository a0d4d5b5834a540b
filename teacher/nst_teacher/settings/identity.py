"""What the pictures of a method depend on, as settings: two jobs with the same settings make the same pictures."""

from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.library import open_library
from nst_runtime.contracts.records import to_json
from nst_runtime.contracts.settings import to_sections
from nst_runtime.errors import NstError
from nst_teacher.settings.method import Method

Settings = dict[str, Any]
"""Names of settings with JSON scalars and lists."""

# Raised whenever the same settings give other pictures than before, so that old pairs are not taken for new ones.
METHOD_VERSION = 1
# The only keys of a method's table (see `to_table`) in which two methods may differ and make the same
# pairs: pairs have no masks, and a bank's own hash tells it wherever its pack lies.
IGNORED = frozenset({"mask_feather_px", "start_pack"})
# What settings left out before every setting was among them; a key that is new in Method belongs here with what it was
# until then, so that the pairs there are can be added to.
EARLIER: Mapping[str, Any] = {
    "learning_rate": None, "style_weight": 1.0, "layer_weights": None, "content_layer_weights": None,
    "style_distance": "l2", "content_distance": "l2", "normalisation": "relative", "gram_scale": "pixels",
    "variation": "squared", "balance": "fixed", "balance_ratio": 1.0, "style_scale": None, "framing": "own",
    "colour": "style", "pooling": None, "padding": None, "decay": True, "beta2": 0.99, "bounded": True, "average": 0.0,
    "smallest_px": None, "start_picture_sha256": None, "start_bank": None, "start_bank_sha256": None,
    "deep_weights_sha256": None, "deep_network": None, "deep_layers": None, "deep_weight": None,
}  # fmt: skip


def to_table(method: Method) -> Settings:
    """Return every setting of `method` by name, as JSON has it; the second network's have ``deep_`` before theirs."""
    return {
        f"deep_{name}" if section == "deep" else name: to_json(value)
        for section, values in to_sections(method).items()
        for name, value in values.items()
    }


def describe(method: Method) -> Settings:
    """Return every setting of `method` but those IGNORED; files are told by their hash, wherever they lie.

    Raises NstError when a file is missing.
    """
    settings: Settings = {"method_version": METHOD_VERSION}
    for key, value in to_table(method).items():
        if key in _TOLD_OTHERWISE:
            settings |= _TOLD_OTHERWISE[key](method)
        elif key not in IGNORED:
            settings[key] = value
    return settings


def complete_settings(settings: Mapping[str, Any]) -> Settings:
    """Return `settings`, read from a record of any age, with all that `describe` gives today."""
    found = {**EARLIER, **_earlier_normalisations(settings), **settings}
    return {key: value for key, value in found.items() if key not in IGNORED}


def _earlier_normalisations(settings: Mapping[str, Any]) -> Settings:
    """Return what was held of normalisation when settings did not say: torchvision's, for VGG-16's download Caffe's.

    Of a file with weights of VGG-16, its name decided. That is not in the settings, so that nobody knows any more.
    """
    vgg16 = settings.get("network") == "vgg16"
    downloaded = settings.get("weights_sha256") is None
    own = ("caffe" if downloaded else "unknown") if vgg16 else "torchvision"
    deep = settings.get("deep_weights_sha256") and "torchvision"
    return {"weights_normalisation": own, "deep_normalisation": deep}


def _hash(path: Path | None) -> str | None:
    return None if path is None else sha256_of_file(path)


def _hash_weights(path: Path | None) -> str | None:
    if path is not None and not path.is_file():
        raise NstError(f"no weights file {path}", "check the path")
    return _hash(path)


def describe_bank(method: Method) -> Settings:
    """Return the name of the bank that paints the start, and the hash of its file; None where no bank does."""
    found: Settings = {"start_bank": None, "start_bank_sha256": None}
    if method.start_bank is not None:
        style = open_library(method.start_pack).find(method.start_bank)
        found |= {"start_bank": style.name, "start_bank_sha256": sha256_of_file(style.path)}
    return found


_TOLD_OTHERWISE: Mapping[str, Callable[[Method], Settings]] = {
    "weights": lambda method: {"weights_sha256": _hash_weights(method.weights)},
    "deep_weights": lambda method: {
        "deep_weights_sha256": _hash_weights(None if method.deep is None else method.deep.weights)
    },
    "content_layers": lambda method: {"content_layer": ",".join(method.content_layers or ()) or None},
    "style_layers": lambda method: {"style_layers": list(method.style_layers or ())},
    "learning_rate": lambda method: {"learning_rate": None if method.plan.optimizer == "lbfgs" else method.plan.rate},
    "start_picture": lambda method: {"start_picture_sha256": _hash(method.start_picture)},
    "start_bank": describe_bank,
}
