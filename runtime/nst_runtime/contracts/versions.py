"""What every file of ours says first: its format, its version, and what a reader must understand."""

from collections.abc import Mapping
from typing import TypeVar

from nst_runtime.contracts.files import Json
from nst_runtime.contracts.names import shown
from nst_runtime.contracts.records import from_json, to_json
from nst_runtime.errors import NstError, PackError

RecordT = TypeVar("RecordT")
UPGRADE = "upgrade with pip install -U nst-stylebank"


def check_head(
    content: Json,
    *,
    form: str,
    version: int,
    what: str,
    where: str,
    again: str,
    understood: frozenset[str] = frozenset(),
    error: type[NstError] = PackError,
) -> Mapping[str, Json]:
    """Return `content`, parsed JSON, if this reader may read on; its other keys are looked at only then.

    ``format`` must be `form`, ``format_version`` must be `version`, and each name that ``requires`` lists one of those
    `understood`: such a file needs a reader that knows what the name stands for. Other keys that a reader does not know
    are ignored, so that files can grow. `what` and `where` name the file in errors, and `again` says how an older one
    is made again. Raises `error`.
    """
    if not isinstance(content, dict) or content.get("format") != form:
        raise error(f'{where} is not {what} (its "format" is not "{form}")', f"give {what}")
    found = content.get("format_version")
    if type(found) is not int or found < 1:
        raise error(f"{where} has the unknown format_version {shown(repr(found))}; this version reads {version}", again)
    if found > version:
        raise error(f"{where} is of the newer format {found}; this version reads {version}", UPGRADE)
    if found < version:
        raise error(f"{where} is of the old format {found}; this version reads {version}", again)
    _check_requires(content.get("requires", []), understood, where, error)
    return content


def read_headed(
    record: type[RecordT],
    content: Json,
    *,
    form: str,
    version: int,
    what: str,
    where: str,
    again: str,
    mend: str,
    error: type[NstError] = PackError,
) -> RecordT:
    """Return the dataclass `record` that `content` describes, its head checked first by `check_head`.

    `mend` is what to do about a damaged one. Raises `error`.
    """
    head = check_head(content, form=form, version=version, what=what, where=where, again=again, error=error)
    try:
        return from_json(record, head, strict=False)
    except ValueError as wrong:
        raise error(f"{where} is damaged: {shown(str(wrong))}", mend) from wrong


def headed(record: object) -> Json:
    """Return `record` as JSON that says first of all what a reader must know first."""
    content = to_json(record)
    head = {key: content.pop(key) for key in ("format", "format_version", "requires") if key in content}
    return {**head, **content}


def _check_requires(requires: Json, understood: frozenset[str], where: str, error: type[NstError]) -> None:
    if not isinstance(requires, list) or not all(isinstance(name, str) for name in requires):
        raise error(f'{where} is damaged: its "requires" is not a list of names', "get the file again")
    if unknown := [name for name in requires if name not in understood]:
        raise error(f"{where} requires {shown(', '.join(unknown))}, which this version does not know", UPGRADE)
