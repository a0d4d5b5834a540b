"""How much of a stylised picture is locked to the grid of the network's strides: checkerboards and fine lattices."""

from collections.abc import Sequence
from itertools import product

import numpy as np
import numpy.typing as npt

from nst_runtime.pictures.arrays import Pixels
from nst_student.evaluation.stylizers import Stylize

STRIDE_PX = 8
SHORTEST_SIDE_PX = 128
NEIGHBORS = (3, 4, 5, 6)
_LUMINANCE = np.array([0.299, 0.587, 0.114])

Spectrum = npt.NDArray[np.float64]


def lattice(stylize: Stylize, photos: Sequence[Pixels]) -> float:
    """Return the RMS, in levels of 255, of the pattern of period 8 px that `stylize` lays over `photos`.

    The pattern's energy is `locked_energy` of the stylised pictures less that of the photos themselves, the mean over
    `photos` (uint8 H×W×3, both sides at least 128 px); 0 when there is none. A checkerboard of ±2 levels has 2.
    """
    energies = [locked_energy(stylize(photo)) - locked_energy(photo) for photo in photos]
    return float(np.sqrt(max(float(np.mean(energies)), 0.0)))


def locked_energy(rgb: Pixels) -> float:
    """Return by how much the luminance of `rgb` (uint8 H×W×3) has more energy, in squared levels, at the grid.

    These are all frequencies (i/8, j/8) cycles a pixel but (0, 0), which those of the periods 2, 4 and 8 px are among.
    From the energy at each is taken the mean at the frequencies 3 to 6 bins around it, which strokes have as well; on
    the axes, where level and upright edges are, only those along the axis. Near 0, above or below, without a lattice.
    """
    power = _spectrum(rgb)
    height, width = power.shape
    steps = (step for step in product(range(STRIDE_PX), repeat=2) if step != (0, 0))
    return sum(_excess(power, down * height // STRIDE_PX, across * width // STRIDE_PX) for down, across in steps)


def _spectrum(rgb: Pixels) -> Spectrum:
    """Return the power of the luminance by frequency, under a Hann window; a sine's two bins have half its energy."""
    height, width = (side // STRIDE_PX * STRIDE_PX for side in rgb.shape[:2])
    if min(height, width) < SHORTEST_SIDE_PX:
        raise ValueError(f"a lattice shows in sides of {SHORTEST_SIDE_PX} px and more, got {width}×{height}")
    window = np.outer(_hann(height), _hann(width))
    luminance = rgb[:height, :width] @ _LUMINANCE
    centered = luminance - (luminance * window).sum() / window.sum()
    power: Spectrum = np.square(np.abs(np.fft.fft2(centered * window) / window.sum()))
    return power


def _hann(size: int) -> Spectrum:
    """Return the periodic Hann window, under which a sine of whole periods has three bins and no more."""
    return 0.5 - 0.5 * np.cos(2 * np.pi * np.arange(size) / size)


def _excess(power: Spectrum, row: int, column: int) -> float:
    reach = max(NEIGHBORS)
    sides = [*range(-reach, reach + 1)]
    down, across = (sides if row else [0]), (sides if column else [0])
    around = [(d, a) for d, a in product(down, across) if max(abs(d), abs(a)) in NEIGHBORS]
    height, width = power.shape
    level = np.mean([power[(row + d) % height, (column + a) % width] for d, a in around])
    return float(power[row, column] - level)
