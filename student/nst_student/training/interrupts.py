"""Ctrl-C waits while something must not stop halfway."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType

HELD = (signal.SIGINT, signal.SIGTERM)


@contextmanager
def held_back() -> Iterator[list[int]]:
    """Hold back Ctrl-C and SIGTERM until the block has ended; they are in the list given as soon as they have come.

    Then they do what they would have done. A second one is not held back, nor is one that the process ignores. Signals
    come to the main thread alone; in another one nothing is held back.
    """
    came: list[int] = []
    if threading.current_thread() is not threading.main_thread():
        yield came
        return
    handlers = {number: signal.getsignal(number) for number in HELD}
    held = {number: handler for number, handler in handlers.items() if handler not in (None, signal.SIG_IGN)}

    def release() -> None:
        for number, handler in held.items():
            signal.signal(number, handler)

    def remember(number: int, frame: FrameType | None) -> None:
        came.append(number)
        release()

    for number in held:
        signal.signal(number, remember)
    try:
        yield came
    finally:
        release()
    if came:
        signal.raise_signal(came[0])
