"""Write pairs in threads, so that the next batch does not wait for the disk."""

from collections import deque
from collections.abc import Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from types import TracebackType

from nst_runtime.contracts.pairs import Pair
from nst_teacher.engine.engine import Outcome
from nst_teacher.pairs.batches import Loaded
from nst_teacher.pairs.pair_folder import PairFolder

WRITERS = 4
QUEUED = 32


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
