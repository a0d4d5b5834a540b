"""Photos are read a few ahead of where they are needed, pairs written behind: batches do not wait for the disk."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from types import TracebackType
from typing import TypeVar

from nst_runtime.contracts.pairs import Pair
from nst_runtime.errors import NstError
from nst_teacher.engine.engine import Outcome
from nst_teacher.pairs.batches import Loaded
from nst_teacher.pairs.job import PairReady, PhotoFailed
from nst_teacher.pairs.pair_folder import PairFolder
from nst_teacher.pictures.photos import identify, read_square

READERS, WRITERS = 4, 4
QUEUED = 32
Item = TypeVar("Item")
Result = TypeVar("Result")


def map_ahead(
    function: Callable[[Item], Result], items: Iterable[Item], ahead: int, threads: int = READERS
) -> Iterator[Result]:
    """Yield ``function(item)`` in the order of `items`, computed by threads; at most `ahead` wait to be taken.

    What `function` raises is raised in its turn. When nobody takes any more, what has not begun is not done.
    """
    waiting: deque[Future[Result]] = deque()
    pool = ThreadPoolExecutor(threads, thread_name_prefix="nst-read")
    try:
        for item in items:
            waiting.append(pool.submit(function, item))
            if len(waiting) > ahead:
                yield waiting.popleft().result()
        while waiting:
            yield waiting.popleft().result()
    finally:
        pool.shutdown(wait=True, cancel_futures=True)


def prepare_photo(path: Path, seed: int, size_px: int, folder: PairFolder) -> PairReady | PhotoFailed | Loaded:
    """Return the pair of the photo at `path` if `folder` has it, else its pixels, or why it cannot be read."""
    try:
        photo = identify(path, seed)
        pair = folder.find(photo)
        return Loaded(photo, read_square(path, size_px)) if pair is None else PairReady(pair, reused=True)
    except NstError as error:
        return PhotoFailed(path.name, error.message)


class PairWriter:
    """Saves pairs to a folder in the background. Leaving its block ends the writes that have begun, and no others."""

    def __init__(self, folder: PairFolder) -> None:
        self._folder = folder
        self._pool = ThreadPoolExecutor(WRITERS, thread_name_prefix="nst-write")
        self._waiting: deque[tuple[Loaded, Future[Pair]]] = deque()

    def __enter__(self) -> "PairWriter":
        """Return itself."""
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Wait for what is half-done; what has not begun is dropped."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def save(self, loaded: Loaded, outcome: Outcome) -> None:
        """Have the pair of `loaded` written."""
        future = self._pool.submit(self._folder.save, loaded.photo, loaded.pixels, outcome)
        self._waiting.append((loaded, future))

    def finished(self, leave: int = QUEUED) -> Iterator[tuple[Loaded, Pair]]:
        """Yield the pairs that are on disk, in the order given; waits until at most `leave` are not.

        Raises NstError when one could not be written.
        """
        while self._waiting and (len(self._waiting) > leave or self._waiting[0][1].done()):
            loaded, future = self._waiting.popleft()
            yield loaded, future.result()
