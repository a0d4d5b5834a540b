"""Files whose lengths are not believed."""

import io

_FEW_BYTES = 65_536  # not worth to ask where the file ends


class WholeFile(io.BufferedReader):
    """A file of `size_bytes`, opened for reading, that takes no more memory than it has bytes.

    Python takes as much as is asked for, and a damaged picture asks for a part of 4 GiB.
    """

    def __init__(self, raw: io.FileIO) -> None:
        super().__init__(raw)
        self.size_bytes = self.seek(0, io.SEEK_END)
        self.seek(0)

    def read(self, size: int | None = -1, /) -> bytes:
        """Return the next `size` bytes, as many as there are; all that are left without it."""
        if size is None or size < 0:
            return super().read()
        return super().read(size if size <= _FEW_BYTES else min(size, max(0, self.size_bytes - self.tell())))
