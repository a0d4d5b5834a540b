"""Run a command-line program so that a person sees `error:` and `hint:` lines and the right exit code, no traceback."""

import errno
import importlib
import io
import logging
import os
import sys
import warnings
from pathlib import Path
from typing import Protocol, runtime_checkable

from nst_runtime import __version__
from nst_runtime.cli.option_names import name_options, watch
from nst_runtime.errors import NstError

DONE, FAILED, USAGE, INTERRUPTED = 0, 1, 2, 130
_EXTRAS = {"onnxruntime": "cpu", "onnx": "mobile"}  # that bring a module which a program may do without
# What a path may have wrong that no check of a single file foresees: its folders, or its length.
_NAMES_AND_RIGHTS = {errno.EACCES, errno.EPERM, errno.ENAMETOOLONG, errno.ELOOP}


@runtime_checkable
class _UsageError(Protocol):
    """What typer raises for wrong usage; its own class has another home in each version."""

    def format_message(self) -> str: ...


def launch(cli_module: str, program: str, extra: str) -> int:
    """Run the typer ``app`` of `cli_module` on the process's arguments and return the exit code.

    Results go to stdout; a failure is a line ``error: …`` on stderr and, where there is something to do about it, a
    line ``hint: …``. The code is 1 for what the user can fix (NstError, a missing third-party module, whose `extra` is
    named, no memory) and for a fault in the program, 2 for wrong usage, 130 after Ctrl-C. With NST_TRACEBACK=1 in the
    environment, errors keep their traceback; libraries' warnings show with ``python -W``.
    """
    if sys.stderr is None:  # the caller closed it: what is printed to it would go to stdout, into the picture
        sys.stderr = Path(os.devnull).open("w", encoding="utf-8")  # noqa: SIM115 (open until the process ends)
    if not sys.warnoptions:
        warnings.simplefilter("ignore")
        logging.getLogger("PIL").addHandler(logging.NullHandler())  # else Python prints its errors beside ours
    try:
        _let_names_through(sys.stdout)
        code = _show_version(program) if sys.argv[1:] == ["--version"] else _run(cli_module, program)
        if sys.stdout is not None:  # as it is where the caller closed it
            sys.stdout.flush()
    except BrokenPipeError:
        _close_stdout()
        return FAILED
    except KeyboardInterrupt:
        print("interrupted", file=sys.stderr)
        return INTERRUPTED
    except Exception as error:
        if os.environ.get("NST_TRACEBACK") == "1":
            raise
        return _explain(error, program, extra)
    return code


def _show_version(program: str) -> int:
    """Answer at once, without what the commands need."""
    print(f"{program} {__version__}")
    return DONE


def _run(cli_module: str, program: str) -> int:
    import typer

    command = typer.main.get_command(importlib.import_module(cli_module).app)
    if f"_{program.replace('-', '_').upper()}_COMPLETE" in os.environ:
        command.main(prog_name=program)  # a shell asks how a line might go on
    watch(command)
    try:
        with command.make_context(program, sys.argv[1:]) as context:
            command.invoke(context)
    except typer.Exit as stop:
        return stop.exit_code
    except typer.Abort as error:
        raise KeyboardInterrupt from error
    return DONE


def _explain(error: Exception, program: str, extra: str) -> int:
    if isinstance(error, NstError):
        return _fail(name_options(error.message), name_options(error.hint))
    if isinstance(error, ModuleNotFoundError) and not (error.name or "nst_").startswith("nst_"):
        extra = _EXTRAS.get(error.name or "", extra)
        return _fail(
            f"{program} needs the '{extra}' extra (no module {error.name})", f"pip install 'nst-stylebank[{extra}]'"
        )
    if isinstance(error, OSError) and (error.filename is None or error.errno in _NAMES_AND_RIGHTS):
        return _explain_file(error)
    if isinstance(error, MemoryError):
        return _fail("not enough memory", "use smaller pictures, or fewer at once")
    if isinstance(error, _UsageError):
        return _explain_usage(error, program)
    return _fail(
        f"{type(error).__name__}: {error} (a fault in the program)",
        "run again with NST_TRACEBACK=1 and report what it shows",
    )


def _explain_file(error: OSError) -> int:
    if error.filename is not None:
        return _fail(f"cannot open {error.filename}: {error.strerror}", "check the path and who may open it")
    _close_stdout()
    return _fail(f"cannot write the results: {error.strerror or error}", "free some space, or send them elsewhere")


def _explain_usage(error: _UsageError, program: str) -> int:
    context = getattr(error, "ctx", None)
    if type(error).__name__ == "NoArgsIsHelpError" and context is not None:
        print(context.get_help(), file=sys.stderr)
        return USAGE
    path = context.command_path if context is not None else program
    return _fail(error.format_message().rstrip("."), f"see {path} --help", USAGE)


def _fail(message: str, hint: str, code: int = FAILED) -> int:
    """Say what went wrong and what to do next, where there is something to do, on stderr; return the exit code."""
    print(f"error: {printable(message)}", file=sys.stderr)
    if hint:
        print(f"hint: {printable(hint)}", file=sys.stderr)
    return code


def printable(text: str) -> str:
    """Return `text` on one line with nothing that steers a terminal: control characters become escapes."""
    return "".join(c if c.isprintable() else c.encode("unicode_escape").decode() for c in text)


def _let_names_through(stream: object) -> None:
    """Print file names that are not valid text as the bytes they are, and what the terminal lacks as escapes."""
    if isinstance(stream, io.TextIOWrapper):
        stream.reconfigure(errors="surrogateescape" if stream.encoding.lower() == "utf-8" else "backslashreplace")


def _close_stdout() -> None:
    """Point stdout at nothing, so that the interpreter does not complain when it flushes at exit."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
