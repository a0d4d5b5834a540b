"""Stylise pictures: one codec in memory, styles that come as they are asked for."""

from __future__ import annotations

import threading
from collections import OrderedDict
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any, Generic, TypeVar, overload

import numpy as np

from nst_runtime.contracts.library import Library, open_library
from nst_runtime.contracts.workspace import DEFAULT
from nst_runtime.errors import ImageError
from nst_runtime.inference.chain import Parts
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.finish import AUTO_FROM_PIXELS, finish, size_to_paint
from nst_runtime.inference.large import can_be_tiled, needs_tiles, paint_large
from nst_runtime.inference.look import Look, mix, reach, spread
from nst_runtime.inference.regions import LookLike, Regions, looks_of, weights_of
from nst_runtime.inference.templates import PartSession, open_part
from nst_runtime.inference.tiles import decode_in_strips, decode_whole
from nst_runtime.pictures.arrays import Picture, Pixels, check_pixels, resize, to_network
from nst_runtime.pictures.kinds import take

if TYPE_CHECKING:
    from PIL import Image

    from nst_runtime.contracts.library import FoundStyle
    from nst_runtime.contracts.tensors import Tensors
    from nst_runtime.inference.devices import DeviceName
    from nst_runtime.inference.look import Weighted
    from nst_runtime.pictures.arrays import Floats
    from nst_runtime.pictures.kinds import AnyPicture, Restore

PLAIN = "plain"  # the style that paints the photograph, where a pack has one
KindT = TypeVar("KindT")
LOOKS_KEPT = 32


@dataclass(frozen=True)
class Encoded(Generic[KindT]):
    """A photograph as the banks take it; paint it as often as you like."""

    photo: Pixels
    restore: Restore
    codes: dict[tuple[int, int], tuple[Floats, ...]] = field(default_factory=dict, repr=False)
    """What the encoder makes of it, by the height and width at which it is painted."""


class Stylizer:
    """A pack and the styles on the search path, ready to paint: `stylize` puts a look on a picture.

    The codec is loaded once; a look when it is first used, and kept, so that a change of style is a matter of
    milliseconds once and of nothing after. An object may be used from several threads at once, in forked processes, and
    pickled: it opens itself again.
    """

    def __init__(self, library: Library, settings: RunSettings = RunSettings()) -> None:  # noqa: B008 (frozen)
        self.library = library
        self.pack = library.pack
        self._settings = settings
        self._codec = self.pack.codec_tensors()
        self.encoder = open_part(self.pack, "encoder", "direct", self._codec, settings)
        self.decoder = open_part(self.pack, "decoder", "direct", self._codec, settings)
        self._banks: OrderedDict[Weighted, PartSession] = OrderedDict()
        self._lock = threading.Lock()

    @classmethod
    def load(
        cls,
        pack: Path | str | None = None,
        threads: int | None = None,
        *,
        workspace: Path | str = DEFAULT,
        device: DeviceName = "auto",
    ) -> Stylizer:
        """Return a Stylizer for the built-in pack, or for the one in the folder `pack`, and all styles for its codec.

        These are the pack's, then the user's own, then those in the folder `workspace`. `threads` is how many CPU
        threads compute, None for as many as this process may use; `device` is what computes: what is asked for, or an
        error, and "auto" takes the best that starts. Raises PackError when the pack is missing, damaged or of another
        format, DeviceError when the device is not there.
        """
        return cls(open_library(pack, workspace), RunSettings(device, threads))

    def __reduce__(self) -> tuple[Any, ...]:
        return Stylizer, (self.library, self._settings)

    @property
    def styles(self) -> tuple[FoundStyle, ...]:
        """The styles that there are, in the search path's order; their records say who they are."""
        return self.library.styles()

    @property
    def device(self) -> str:
        """What computes, such as ``cpu`` or ``cuda``."""
        return self.encoder.session.device

    @property
    def note(self) -> str:
        """Why not a better device computes, where "auto" was asked for and one did not start; else ""."""
        return self.encoder.session.note

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

        Raises PackError when there is no such style, or its file is damaged or for another codec; ImageError when the
        picture cannot be read or is too small; NstError when memory runs out; TypeError or ValueError for what is not a
        picture or a look.
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
        height, width = encoded.photo.shape[:2]
        self._code(encoded, size_to_paint(height, width, "auto"))
        return encoded

    def _take(self, picture: AnyPicture) -> Encoded[Any]:
        """Return `picture` with nothing encoded yet: a look says at which size that is needed."""
        taken, restore = take(picture)
        self.check_size(taken.rgb)
        return Encoded(taken.rgb, restore)

    def _code(self, encoded: Encoded[Any], size: tuple[int, int]) -> tuple[Floats, ...]:
        """Return what the encoder makes of a photograph at the height and width of `size`, made at the first call."""
        if size not in encoded.codes:
            photo = resize(encoded.photo, size[1], size[0])
            encoded.codes[size] = tuple(self.encoder(to_network(photo, self.pack.manifest.codec.multiple_px)))
        return encoded.codes[size]

    def paint(self, encoded: Encoded[KindT], look: LookLike | Regions, *, out: Pixels | None = None) -> KindT:
        """Return the picture that was `encoded` by this Stylizer painted with `look`, as `stylize` does."""
        shape = encoded.photo.shape
        rgb = np.empty(shape, np.uint8) if out is None else _checked(out, shape)
        if isinstance(look, Regions):
            self._paint_regions(encoded, look, rgb)
        else:
            self._paint(encoded, look if isinstance(look, Look) else Look(look), rgb)
        restored: KindT = encoded.restore(rgb)
        return restored

    def _paint_regions(self, encoded: Encoded[Any], regions: Regions, rgb: Pixels) -> None:
        height, width = encoded.photo.shape[:2]
        weights, looks = weights_of(regions, height, width), looks_of(regions)
        kept = np.ones((height, width), np.float32) - sum(weights)
        result = encoded.photo * kept[..., None]
        painted = np.empty_like(encoded.photo)
        for look, weight in zip(looks, weights, strict=True):
            self._paint(encoded, look, painted)
            result += painted * weight[..., None]
        rgb[...] = np.clip(result + np.float32(0.5), 0, 255)

    def _paint(self, encoded: Encoded[Any], look: Look, rgb: Pixels) -> None:
        """Write the photograph painted with `look` into `rgb`."""
        height, width = encoded.photo.shape[:2]
        size = size_to_paint(height, width, look.strokes)
        share = spread(look.strength)[1] if self._has_plain else look.strength
        if not share:
            rgb[...] = encoded.photo
            return
        as_painted = size == (height, width) and share == 1 and look.colors == 1
        in_tiles = size == (height, width) and self._needs_tiles(height, width)
        painted = rgb if as_painted and not in_tiles else np.empty((*size, 3), np.uint8)
        if in_tiles:
            paint_large(self.parts(look), encoded.photo, painted)
        else:
            self._decode(self.bank(look)(*self._code(encoded, size)), painted)
        if painted is not rgb:
            finish(painted, encoded.photo, rgb, share=share, colors=look.colors)

    def _needs_tiles(self, height: int, width: int) -> bool:
        """Return whether a picture painted as a whole takes more memory than there should be for it."""
        return height * width > AUTO_FROM_PIXELS and can_be_tiled(self.pack) and needs_tiles(height, width)

    def _decode(self, painted: list[Floats], rgb: Pixels) -> None:
        codec = self.pack.manifest.codec
        if codec.norms.get("decoder"):
            decode_whole(self.decoder, painted, rgb)
        else:
            decode_in_strips(self.decoder, painted, rgb, codec.painted)

    def check_size(self, image: Pixels) -> None:
        """Raise ImageError when `image` is too small for the codec, TypeError or ValueError if it is not a picture."""
        check_pixels(image)
        minimum = self.pack.manifest.codec.minimum_px
        height, width = image.shape[:2]
        if min(height, width) < minimum:
            raise ImageError(f"a picture of {width}×{height} pixels is too small; both sides need at least {minimum}")

    @property
    def _has_plain(self) -> bool:
        return self.pack.manifest.plain is not None

    def bank(self, look: LookLike) -> PartSession:
        """Return the bank of `look`, opened at the first call; raises PackError as `stylize` does."""
        key = self._weights(look)
        with self._lock:
            if key not in self._banks:
                self._banks[key] = self._open(key)
            self._banks.move_to_end(key)
            while len(self._banks) > LOOKS_KEPT:
                self._banks.popitem(last=False)
            return self._banks[key]

    def prepare(self, look: LookLike | Regions) -> None:
        """Open all that `look` needs now, not at the first picture; raises PackError as `stylize` does."""
        for each in looks_of(look):
            self.bank(each)

    def parts(self, look: LookLike) -> Parts:
        """Return what `look` is painted with, as `paint_large` takes it; raises PackError as `stylize` does."""
        tensors = mix([(self._numbers(name), weight) for name, weight in self._weights(look)])
        return Parts(self.pack, self._codec, tensors, self._settings)

    def open_bank(self, look: LookLike) -> PartSession:
        """Return the bank of `look`, read and opened again at every call: the cost of a new look."""
        return self._open(self._weights(look))

    def _weights(self, look: LookLike) -> Weighted:
        """Return the styles that the bank of `look` is the sum of, the one that paints the photograph among them."""
        chosen = look if isinstance(look, Look) else Look(look)
        return reach(chosen.styles, PLAIN, spread(chosen.strength)[0] if self._has_plain else 1.0)

    def _open(self, styles: Weighted) -> PartSession:
        tensors = mix([(self._numbers(name), weight) for name, weight in styles])
        return open_part(self.pack, "bank", "direct", tensors, self._settings)

    def _numbers(self, style: str) -> Tensors:
        where = str(self.library.find(style).path)
        return self.pack.template("bank", "direct").select(self.library.read(style).tensors, where)


def _checked(out: Pixels, shape: tuple[int, ...]) -> Pixels:
    if not isinstance(out, np.ndarray) or out.dtype != np.uint8 or out.shape != shape:
        found = f"{out.dtype} {'×'.join(map(str, out.shape))}" if isinstance(out, np.ndarray) else type(out).__name__
        raise ValueError(f"out must be uint8 {'×'.join(map(str, shape))}, not {found}")
    return out
