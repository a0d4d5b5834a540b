"""The tools of onnxruntime, which print, and raise errors of no common kind."""

import contextlib
import io
import logging
from collections.abc import Iterator

from nst_runtime.errors import NstError
from nst_runtime.inference.opening import first_line


@contextlib.contextmanager
def using_tools(task: str) -> Iterator[None]:
    """Keep what runs inside from printing; raise NstError that names the `task` for errors that are not Python's own.

    OSError, of files, is for the caller.
    """
    disabled = logging.root.manager.disable
    logging.disable(logging.WARNING)
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            yield
    except (OSError, NstError):
        raise
    except Exception as error:  # they share no base class but Exception
        raise NstError(
            f"onnxruntime cannot {task}: {first_line(error)}", "is there space left, also for temporary files?"
        ) from error
    finally:
        logging.disable(disabled)
