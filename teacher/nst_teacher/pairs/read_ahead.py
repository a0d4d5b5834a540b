"""Read, decode and look up photos in threads, a few ahead of where they are needed."""

from collections import deque
from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor
from pathlib import Path
from typing import TypeVar

from nst_runtime.errors import NstError
from nst_teacher.pairs.batches import Loaded
from nst_teacher.pairs.job import PairReady, PhotoFailed
from nst_teacher.pairs.pair_folder import PairFolder
from nst_teacher.pictures.photos import identify, read_square

READERS = 4
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
