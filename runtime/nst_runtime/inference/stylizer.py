"""Stylise pictures: one codec in memory, banks that come as they are asked for."""

from __future__ import annotations

import threading
from pathlib import Path
from typing import TYPE_CHECKING

from nst_runtime.contracts.packs import DEFAULT_PACK, FORMAT_VERSION, Pack, Style, read_pack
from nst_runtime.errors import ImageError, PackError
from nst_runtime.inference.sessions import Graph, open_graph
from nst_runtime.inference.tiles import paint
from nst_runtime.pictures.arrays import check_pixels, to_network

if TYPE_CHECKING:
    from nst_runtime.contracts.packs import GraphFile
    from nst_runtime.inference.sessions import Part
    from nst_runtime.pictures.arrays import Pixels


class Stylizer:
    """A pack, loaded: `stylize` puts any of its styles on any picture.

    The codec is loaded once; a style's bank when it is first used, and kept, so that a change of style is a matter of
    milliseconds once and of nothing after. An object may be used from several threads at once.
    """

    def __init__(self, pack: Pack, threads: int | None = None) -> None:
        if threads is not None and threads < 1:
            raise ValueError(f"threads must be at least 1 or None, got {threads}")
        self.pack = pack
        self._threads = threads
        codec = pack.manifest.codec
        self.encoder = self._open("encoder", codec.encoder, {})
        self.decoder = self._open("decoder", codec.decoder, {})
        self._banks: dict[str, Graph] = {}
        self._lock = threading.Lock()

    @classmethod
    def load(cls, pack: Path | str | None = None, threads: int | None = None) -> Stylizer:
        """Return a Stylizer for the pack in the folder `pack`, or for the default pack inside this package.

        `threads` is how many threads compute a picture; None leaves it to onnxruntime, which takes a thread for each
        core. Raises PackError when the pack is missing, damaged or of a newer format.
        """
        return cls(read_pack(DEFAULT_PACK if pack is None else Path(pack)), threads)

    @property
    def styles(self) -> tuple[Style, ...]:
        """The pack's styles."""
        return self.pack.manifest.styles

    def stylize(self, image: Pixels, style: str) -> Pixels:
        """Return `image` (uint8 H×W×3, sRGB) in the style called `style`, as uint8 of the same shape.

        Raises ImageError when a side is shorter than the codec's minimum (16 px), PackError when there is no such
        style (the message lists those there are) or its bank is damaged or of another codec, NstError when memory runs
        out; TypeError or ValueError for an array of another type or shape.
        """
        self.check_size(image)
        bank = self.bank(style)
        height, width = image.shape[:2]
        stylised = bank(*self.encoder(to_network(image, self.pack.manifest.codec.multiple_px)))
        return paint(self.decoder, stylised, height, width)

    def check_size(self, image: Pixels) -> None:
        """Raise ImageError when `image` is too small for the codec, TypeError or ValueError when it is no picture."""
        check_pixels(image)
        minimum = self.pack.manifest.codec.minimum_px
        height, width = image.shape[:2]
        if min(height, width) < minimum:
            raise ImageError(f"a picture of {width}×{height} pixels is too small; both sides need at least {minimum}")

    def bank(self, style: str) -> Graph:
        """Return the bank of `style`, loaded at the first call; raises PackError as `stylize` does."""
        with self._lock:
            if style not in self._banks:
                self._banks[style] = self.open_bank(style)
            return self._banks[style]

    def open_bank(self, style: str) -> Graph:
        """Return the bank of `style`, checked and loaded from its file, at every call anew: the cost of a swap."""
        entry = self.pack.style(style)
        codec = self.pack.manifest.codec.sha256
        if entry.codec_sha256 != codec:
            raise PackError(
                f"the bank {entry.bank.file} was trained for codec {entry.codec_sha256[:12]}, the codec of "
                f"{self.pack.folder} is {codec[:12]}; train the bank for this codec and export the pack again"
            )
        bank = self._open("bank", entry.bank, {"nst.style": style})
        if len(bank.outputs) != len(self.decoder.inputs):
            raise PackError(f"the bank {entry.bank.file} does not give what the decoder takes; export the pack again")
        return bank

    def _open(self, part: Part, graph: GraphFile, extra: dict[str, str]) -> Graph:
        codec = self.pack.manifest.codec
        expected = {
            "nst.part": part,
            "nst.format_version": str(FORMAT_VERSION),
            "nst.architecture": codec.architecture,
            "nst.codec_sha256": codec.sha256,
            **extra,
        }
        data = self.pack.read_graph(graph)
        return open_graph(part, data, expected, where=str(self.pack.folder / graph.file), threads=self._threads)
