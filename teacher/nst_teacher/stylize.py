"""Stylise a single picture by optimisation."""

from collections.abc import Iterator
from pathlib import Path

import torch

from nst_runtime.errors import NstError
from nst_runtime.images import check_writable_suffix, read_picture, resize_short_side, write_picture
from nst_teacher.engine import Engine, outcomes
from nst_teacher.job import Iterated
from nst_teacher.method import Method
from nst_teacher.photos import identify


def stylize(
    content: Path, style: Path, out: Path, size_px: int, method: Method, device: torch.device
) -> Iterator[Iterated]:
    """Write `content`, its short side made `size_px`, in the style of the picture `style` to `out`.

    Yields its progress; the file is there when it ends. Raises NstError when that cannot be done: `out` stays as it
    was.
    """
    check_writable_suffix(out)
    photo = resize_short_side(read_picture(content).rgb, size_px)
    engine = Engine(method, read_picture(style).rgb, device)
    for iterate in engine.run([photo], [identify(content, method.seed).seed]):
        if iterate.iteration == 0:
            first = iterate.losses
        yield Iterated(iterate.iteration, method.plan.iterations, 1)
    (outcome,) = outcomes(first, iterate, method.content_weight)
    if not outcome.finite:
        raise NstError(f"{content}: the loss is no number (NaN or infinite); check the weights file")
    write_picture(out, outcome.picture)
