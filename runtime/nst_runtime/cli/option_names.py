"""Name settings as the running command's options: errors of the core know them only by their names in Python."""

import re
from collections.abc import Mapping
from contextvars import ContextVar
from types import MappingProxyType
from typing import Any

# The context of the command that began last; typer's class for it has another home in each version.
_running: ContextVar[Any] = ContextVar("running", default=None)

# The settings of the running command that have no option of their own, by name: what --set calls them.
_settable: ContextVar[Mapping[str, str]] = ContextVar("settable", default=MappingProxyType({}))


def remember_settings(keys: Mapping[str, str]) -> None:
    """Name these settings as ``--set`` does, ``section.name``, where the running command has no option for them."""
    _settable.set(keys)


def watch(command: Any) -> None:  # noqa: ANN401 (typer's class for it has another home in each version)
    """Remember from now on which one of `command` and its subcommands is running."""
    open_context = command.context_class

    def open_and_remember(*arguments: Any, **settings: Any) -> Any:  # noqa: ANN401 (passed on as they are)
        context = open_context(*arguments, **settings)
        _running.set(context)
        return context

    command.context_class = open_and_remember
    for subcommand in getattr(command, "commands", {}).values():
        watch(subcommand)


def name_options(text: str) -> str:
    """Return `text` with each setting in backquotes, such as `max_pixels`, replaced by the running command's option.

    That is the first long option of the parameter of that name, ``--max-pixels``; or what the help calls it where it is
    given without an option, ``OUT``; or what ``--set`` calls it, ``optimisation.beta2``. Where the command has none of
    them, or no command is running, the name stays, without the backquotes; so does one that says its section itself,
    `deep.weights`.
    """
    return re.sub(r"`([\w.]+)`", lambda found: _option(found[1]) or _settable.get().get(found[1]) or found[1], text)


def _option(name: str) -> str | None:
    context = _running.get()
    while context is not None:
        for parameter in context.command.params:
            long = [option for option in parameter.opts if option.startswith("--")]
            if parameter.name == name and (called := long[0] if long else parameter.metavar):
                return str(called)
        context = context.parent
    return None
