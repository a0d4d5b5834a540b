"""Pictures that photographs seldom cover and that style networks fail on, drawn from a seed: nothing is read."""

import zlib
from collections.abc import Callable, Mapping
from functools import lru_cache
from types import MappingProxyType

import numpy as np

from nst_runtime.pictures.arrays import Pixels
from nst_student.data.hard.berries import berries
from nst_student.data.hard.faces import face
from nst_student.data.hard.lines import line_art
from nst_student.data.hard.night import night
from nst_student.data.hard.paper import document, handwriting
from nst_student.data.hard.patterns import checks, gradient, one_colour
from nst_student.data.hard.scenes import backlit_sky, fog, silhouette, snow
from nst_student.data.hard.screens import blueprint_or_chart, logo, screenshot

KINDS: Mapping[str, Callable[[np.random.Generator, int], Pixels]] = MappingProxyType(
    {
        "document": document,
        "handwriting": handwriting,
        "line_art": line_art,
        "blueprint_or_chart": blueprint_or_chart,
        "screenshot": screenshot,
        "logo": logo,
        "one_colour": one_colour,
        "gradient": gradient,
        "night": night,
        "fog": fog,
        "berries": berries,
        "face": face,
        "snow": snow,
        "silhouette": silhouette,
        "backlit_sky": backlit_sky,
        "checks": checks,
    }
)


def draw_hard(kind: str, size_px: int, seed: int) -> Pixels:
    """One picture of ``kind``, uint8 of shape size_px×size_px×3; the same arguments give the same bytes.

    Raises ``ValueError`` for a kind that ``KINDS`` does not hold.
    """
    if kind not in KINDS:
        raise ValueError(f"no kind of picture is named {kind!r}; there are {', '.join(KINDS)}")
    generator = np.random.default_rng([zlib.crc32(kind.encode()), seed])
    return KINDS[kind](generator, size_px)


@lru_cache(maxsize=1)  # each stage of a training asks for the same ones
def hard_pictures(size_px: int, count: int, seed: int) -> list[Pixels]:
    """``count`` pictures of all kinds in turn, each uint8 of shape size_px×size_px×3, no two from the same seed.

    They are not to be written to.
    """
    names = list(KINDS)
    seeds = np.random.SeedSequence(seed).generate_state(count, np.uint32)
    return [draw_hard(names[index % len(names)], size_px, int(value)) for index, value in enumerate(seeds)]
