"""Stylise pictures: put looks on arrays, images and files."""

from __future__ import annotations

from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import numpy as np

from nst_runtime.contracts.library import Library, open_library
from nst_runtime.contracts.workspace import DEFAULT
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.large import can_be_tiled
from nst_runtime.inference.layers import FEWEST_ROWS
from nst_runtime.inference.look_statistics import LookStatistics, load_statistics
from nst_runtime.inference.network import Network
from nst_runtime.inference.painting import Painting, Sizes
from nst_runtime.inference.regions import LookLike, Regions, look_of, looks_of
from nst_runtime.inference.window import Window
from nst_runtime.pictures.arrays import Picture, Pixels, check_pixels
from nst_runtime.pictures.kinds import take

if TYPE_CHECKING:
    from collections.abc import Iterator

    from PIL import Image

    from nst_runtime.contracts.library import FoundStyle
    from nst_runtime.inference.devices import DeviceName
    from nst_runtime.pictures.arrays import PixelRows
    from nst_runtime.pictures.kinds import AnyPicture, Restore

KindT = TypeVar("KindT")


@dataclass(frozen=True)
class Encoded(Generic[KindT]):
    """A photograph as the banks take it; paint it as often as you like."""

    photo: Pixels
    restore: Restore
    sizes: Sizes = field(repr=False)
    """The photograph at the sizes at which it was painted, and what the encoder makes of it."""


class Stylizer:
    """A pack and the styles on the search path, ready to paint: `stylize` puts a look on a picture.

    The codec is loaded once; a look when it is first used, and kept, so that a change of style is a matter of
    milliseconds once and of nothing after. An object may be used from several threads at once, in forked processes, and
    pickled: it opens itself again.
    """

    def __init__(self, library: Library, settings: RunSettings = RunSettings()) -> None:  # noqa: B008 (frozen)
        self.library = library
        self.pack = library.pack
        self.network = Network(library, settings)

    @classmethod
    def load(
        cls,
        pack: Path | str | None = None,
        threads: int | None = None,
        *,
        workspace: Path | str = DEFAULT,
        device: DeviceName = "auto",
        memory_bytes: int | None = None,
    ) -> Stylizer:
        """Return a Stylizer for the built-in pack, or for the one in the folder `pack`, and all styles for its codec.

        These are the pack's, then the user's own, then those in the folder `workspace`. `threads` is how many CPU
        threads compute, None for as many as this process may use; `device` is what computes: what is asked for, or an
        error, and "auto" takes the best that starts. `memory_bytes` is what the whole process may take, None for half
        of the memory that is free when it is needed; larger pictures are painted in tiles. Raises PackError when the
        pack is missing, damaged or of another format, DeviceError when the device is not there.
        """
        return cls(open_library(pack, workspace), RunSettings(device, threads, memory_bytes))

    def __reduce__(self) -> tuple[Any, ...]:
        return Stylizer, (self.library, self.network.settings)

    @property
    def styles(self) -> tuple[FoundStyle, ...]:
        """The styles that there are, in the search path's order; their records say who they are."""
        return self.library.styles()

    @property
    def device(self) -> str:
        """What computes, such as ``cpu`` or ``cuda``."""
        return self.network.encoder.session.device

    @property
    def note(self) -> str:
        """Why not a better device computes, where "auto" was asked for and one did not start; else ""."""
        return self.network.encoder.session.note

    def prepare(self, look: LookLike | Regions) -> None:
        """Open all that `look` needs now, not at the first picture; raises PackError as `stylize` does."""
        for each in looks_of(look):
            self.network.bank(each)

    @overload
    def stylize(self, picture: Pixels, look: LookLike | Regions, *, out: Pixels | None = None) -> Pixels: ...
    @overload
    def stylize(self, picture: Image.Image, look: LookLike | Regions) -> Image.Image: ...
    @overload
    def stylize(self, picture: Picture | Path | str, look: LookLike | Regions) -> Picture: ...
    def stylize(self, picture: AnyPicture, look: LookLike | Regions, *, out: Pixels | None = None) -> Any:
        """Return `picture` painted with `look`, of the same size and kind, its transparency kept.

        `picture` is uint8 H×W×3 or H×W×4 (sRGB, with alpha), a PIL image, a Picture or a path, which comes back as a
        Picture. `look` is a style's name, the path of a style file, weights by style, a Look, or Regions with a look
        each. `out`, uint8 H×W×3, is written to and returned, if it is given, for an array H×W×3.

        Raises PackError when there is no such style, or its file or its statistics are damaged or for another codec;
        ImageError when the picture cannot be read or is too small; NstError when memory runs out; TypeError or
        ValueError for what is not a picture or a look.
        """
        if out is not None and not (isinstance(picture, np.ndarray) and picture.shape[2:] == (3,)):
            raise ValueError("out goes with an array H×W×3, not with a picture of another kind")
        return self.paint(self._take(picture), look, out=out)

    def stylize_batch(self, pictures: Pixels, look: LookLike, *, out: Pixels | None = None) -> Pixels:
        """Return `pictures`, uint8 N×H×W×3, painted with `look`, one after the other, in `out` if it is given."""
        if not isinstance(pictures, np.ndarray) or pictures.ndim != 4 or pictures.shape[3] != 3:
            raise ValueError(f"expected an array N×H×W×3, got {getattr(pictures, 'shape', type(pictures).__name__)}")
        painted = np.empty_like(pictures) if out is None else _checked(out, pictures.shape)
        for picture, place in zip(pictures, painted, strict=True):
            self.stylize(picture, look, out=place)
        return painted

    def stylize_rows(self, photo: PixelRows, look: LookLike | Regions) -> Iterator[Pixels]:
        """Yield `photo` painted with `look` a strip at a time, uint8 h×W×3, from the top down.

        `photo`, uint8 H×W×3, is read in the same way, a few times, and a picture of any size takes no more than the
        memory that there is. Raises what `stylize` does; NstError when the memory is too little for a single tile.
        """
        painting = self._reading(photo, look)
        return (rows for _, rows in painting.strips(look if isinstance(look, Regions) else look_of(look)))

    @overload
    def encode(self, picture: Pixels) -> Encoded[Pixels]: ...
    @overload
    def encode(self, picture: Image.Image) -> Encoded[Image.Image]: ...
    @overload
    def encode(self, picture: Picture | Path | str) -> Encoded[Picture]: ...
    def encode(self, picture: AnyPicture) -> Encoded[Any]:
        """Return `picture`, as `stylize` takes it, encoded: what all looks have in common is done once.

        Raises what `stylize` does for pictures.
        """
        encoded = self._take(picture)
        Painting(self.network, encoded.sizes).encode()
        return encoded

    def _take(self, picture: AnyPicture) -> Encoded[Any]:
        """Return `picture` with nothing encoded yet: a look says at which size that is needed."""
        taken, restore = take(picture)
        self.check_size(taken.rgb)
        return Encoded(taken.rgb, restore, Sizes(taken.rgb))

    def paint(self, encoded: Encoded[KindT], look: LookLike | Regions, *, out: Pixels | None = None) -> KindT:
        """Return the picture that was `encoded` by this Stylizer painted with `look`, as `stylize` does."""
        if not isinstance(encoded, Encoded):
            raise TypeError(f"expected what `encode` returns, got {type(encoded).__name__}")
        shape = encoded.photo.shape
        rgb = np.empty(shape, np.uint8) if out is None else _checked(out, shape)
        sizes = encoded.sizes
        if np.may_share_memory(encoded.photo, rgb):
            sizes = Sizes(encoded.photo.copy())  # tiles see rows around them that are painted by then
        painting = Painting(self.network, sizes, encoded.photo.nbytes + rgb.nbytes)
        painting.paint(look if isinstance(look, Regions) else look_of(look), rgb)
        restored: KindT = encoded.restore(rgb)
        return restored

    def measure(self, picture: AnyPicture, look: LookLike) -> LookStatistics:
        """Return the statistics by which `look` is painted on `picture`; a Look with them paints others alike.

        `picture` is as `stylize` takes it. ``Look("waves", statistics=stylizer.measure(first, "waves"))`` gives all
        pictures of an album what the first one has. Raises what `stylize` does.
        """
        encoded = self._take(picture)
        return Painting(self.network, encoded.sizes, encoded.photo.nbytes).measure(look_of(look))

    def measure_rows(self, photo: PixelRows, look: LookLike) -> LookStatistics:
        """Do the same for a picture that is read as `stylize_rows` reads it."""
        return self._reading(photo, look).measure(look_of(look))

    def _reading(self, photo: PixelRows, look: LookLike | Regions) -> Painting:
        if not hasattr(photo, "shape") or len(photo.shape) != 3:
            raise TypeError(f"expected rows of pixels H×W×3, got {type(photo).__name__}")
        self.network.check_sides(*photo.shape[:2])
        looks = looks_of(look) if can_be_tiled(self.pack) else []
        halo = max(map(self.network.halo, looks), default=0)
        return Painting(self.network, Sizes(Window(photo, behind=halo + FEWEST_ROWS)))

    def read_statistics(self, path: Path | str, look: LookLike) -> LookStatistics:
        """Return the statistics that `save_statistics` wrote to the file `path` for `look`.

        Raises NstError when it cannot be read; PackError when it is damaged, or of another codec, style, strength or
        strokes.
        """
        return load_statistics(Path(path), self.network.parts(look), look_of(look).strokes)

    def check_look(self, look: LookLike | Regions, height: int, width: int) -> None:
        """Raise what `stylize` does for a picture of `height`×`width` pixels, as far as that can be told before."""
        self.network.check_sides(height, width)
        nothing = np.broadcast_to(np.uint8(0), (height, width, 3))
        Painting(self.network, Sizes(nothing)).check(look if isinstance(look, Regions) else look_of(look))

    def check_size(self, image: Pixels) -> None:
        """Raise ImageError when `image` is too small for the codec, TypeError or ValueError if it is not a picture."""
        check_pixels(image)
        self.network.check_sides(*image.shape[:2])


def _checked(out: Pixels, shape: tuple[int, ...]) -> Pixels:
    if not isinstance(out, np.ndarray) or out.dtype != np.uint8 or out.shape != shape:
        found = f"{out.dtype} {'×'.join(map(str, out.shape))}" if isinstance(out, np.ndarray) else type(out).__name__
        raise ValueError(f"out must be uint8 {'×'.join(map(str, shape))}, not {found}")
    return out
