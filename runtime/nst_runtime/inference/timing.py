"""Measure how long pictures and changes of style take."""

import statistics
import time
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from nst_runtime.inference.stylizer import Stylizer
from nst_runtime.pictures.arrays import to_network


@dataclass(frozen=True)
class Timing:
    """Median milliseconds for a picture of `width`×`height` pixels: the network's parts, and all of `stylize`."""

    width: int
    height: int
    encoder_ms: float
    bank_ms: float
    decoder_ms: float
    end_to_end_ms: float


def time_size(stylizer: Stylizer, style: str, width: int, height: int, *, repeats: int) -> Timing:
    """Return the timing of `style` on noise of `width`×`height` pixels, medians of `repeats` runs after one more."""
    image = np.random.default_rng(0).integers(0, 256, (height, width, 3), dtype=np.uint8)
    stylizer.check_size(image)
    bank = stylizer.bank(style)
    framed = to_network(image, stylizer.pack.manifest.codec.multiple_px)
    features = stylizer.encoder(framed)
    stylised = bank(*features)
    return Timing(
        width,
        height,
        encoder_ms=median_ms(lambda: stylizer.encoder(framed), repeats),
        bank_ms=median_ms(lambda: bank(*features), repeats),
        decoder_ms=median_ms(lambda: stylizer.decoder(*stylised), repeats),
        end_to_end_ms=median_ms(lambda: stylizer.stylize(image, style), repeats),
    )


def time_swap(stylizer: Stylizer, style: str, *, repeats: int) -> float:
    """Return the median milliseconds to read, check and load the bank of `style`, the codec staying in memory."""
    return median_ms(lambda: stylizer.open_bank(style), repeats)


def median_ms(run: Callable[[], object], repeats: int) -> float:
    """Return the median time of `repeats` calls of `run` in milliseconds, after one that is not counted."""
    run()
    times = []
    for _ in range(repeats):
        start = time.perf_counter()
        run()
        times.append((time.perf_counter() - start) * 1000)
    return statistics.median(times)
