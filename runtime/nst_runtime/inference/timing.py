"""Measure how long pictures and changes of style take."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nst_runtime.inference.regions import LookLike
from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.inference.tiles import decode_in_strips, decode_whole
from nst_runtime.pictures.arrays import to_network


@dataclass(frozen=True)
class Timing:
    """Median milliseconds for a picture of `width`×`height` pixels: the network's parts, and all of `stylize`.

    The decoder's time is up to the pixels. From end to end there is also what makes the network's input of pixels.
    """

    width: int
    height: int
    encoder_ms: float
    bank_ms: float
    decoder_ms: float
    end_to_end_ms: float


def time_size(stylizer: Stylizer, look: LookLike, width: int, height: int, *, repeats: int) -> Timing:
    """Return the timing of `look` on noise of `width`×`height` pixels, medians of `repeats` runs after one more."""
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    stylizer.check_size(image)
    codec = stylizer.pack.manifest.codec
    bank = stylizer.network.bank(look)
    framed = to_network(image, codec.multiple_px)
    code = stylizer.network.encoder(framed)
    painted = bank(*code)
    pixels = np.empty_like(image)

    def decode() -> None:
        if codec.norms.get("decoder"):
            decode_whole(stylizer.network.decoder, painted, pixels)
        else:
            decode_in_strips(stylizer.network.decoder, painted, pixels, codec.painted)

    return Timing(
        width,
        height,
        encoder_ms=median_ms(lambda: stylizer.network.encoder(framed), repeats),
        bank_ms=median_ms(lambda: bank(*code), repeats),
        decoder_ms=median_ms(decode, repeats),
        end_to_end_ms=median_ms(lambda: stylizer.stylize(image, look), repeats),
    )


def time_swap(stylizer: Stylizer, look: LookLike, *, repeats: int) -> float:
    """Return the median milliseconds to read, check and open the bank of `look`, the codec staying in memory."""
    return median_ms(lambda: stylizer.network.open_bank(look), repeats)


def median_ms(run: Callable[[], object], repeats: int) -> float:
    """Return the median time of `repeats` calls of `run` in milliseconds, after one that is not counted."""
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
