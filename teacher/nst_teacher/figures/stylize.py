"""Stylise a single picture by optimisation."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import torch

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels, from_unit
from nst_runtime.pictures.read import read_picture, read_profile
from nst_runtime.pictures.write import check_writable_suffix, write_picture
from nst_teacher.engine.compiled import CompiledLoss
from nst_teacher.engine.engine import Engine, outcomes
from nst_teacher.engine.style_picture import StylePicture
from nst_teacher.figures.so_far import SoFar
from nst_teacher.optimise.optimise import Iterate
from nst_teacher.pairs.job import Iterated
from nst_teacher.pictures.framing import frame_photo, frame_shares
from nst_teacher.pictures.masks import Regions, align, read_regions
from nst_teacher.pictures.photos import check_other_pictures, check_sides, identify
from nst_teacher.settings.method import Method
from nst_teacher.settings.style_file import StyleFile, check_weights


@dataclass(frozen=True)
class StylizeTask:
    """What to stylise: the photo, the styles, the file to write, and its short side in px.

    `snapshots` are iterations after which the picture is written, too: ``out_100.png`` beside ``out.png``.
    With `save_every` the best picture so far is written to `out` after every so many iterations.
    """

    content: Path
    styles: tuple[StyleFile, ...]
    out: Path
    size_px: int = 512
    content_masks: tuple[Path, ...] = ()
    snapshots: tuple[int, ...] = field(default=())
    save_every: int | None = None


def stylize(
    task: StylizeTask,
    method: Method,
    device: torch.device,
    compiled: CompiledLoss | None = None,
    so_far: SoFar | None = None,
) -> Iterator[Iterated]:
    """Write the photo of `task`, in its styles, to its file, with the photo's colour profile.

    Yields its progress; the file is there when it ends. `so_far` is told every iterate, so that whoever interrupts the
    work can write the best picture. Raises NstError when that cannot be done: the file stays as it was, or as it was
    saved last.
    """
    check_writable_suffix(task.out)
    _check(task, method)
    original = read_picture(task.content).rgb
    check_sides(task.content, original)
    styles, regions = _read_styles(task, original)
    engine = Engine(method, styles, device, compiled)
    photo = frame_photo(original, task.size_px, method.framing)
    shares = None if regions is None else [frame_shares(regions.shares, photo.shape[:2], "stretch")]
    profile = read_profile(task.content)
    seed = identify(task.content, method.seed).seed
    so_far = SoFar(task.out) if so_far is None else so_far
    so_far.begin((photo.shape[0], photo.shape[1]), profile)
    for iterate in engine.run([photo], [seed], shares):
        if iterate.iteration == 0:
            first = iterate.losses
        so_far.look(iterate)
        if iterate.iteration in task.snapshots:
            write_picture(snapshot_path(task.out, iterate.iteration), pixels_of(iterate), profile=profile)
        if _is_to_be_saved(task, iterate.iteration, method.plan.iterations):
            so_far.write()
        yield Iterated(iterate.iteration, method.plan.iterations, 1)
    (outcome,) = outcomes(first, iterate, method.content_weight)
    if not outcome.finite:
        raise NstError(
            f"{task.content}: the loss is not a number (NaN or infinite)",
            "check the weights file, or take a lower learning rate",
        )
    write_picture(task.out, outcome.picture, profile=profile)


def _is_to_be_saved(task: StylizeTask, iteration: int, last: int) -> bool:
    """Tell whether the picture is written after `iteration`; the last is written anyway."""
    return task.save_every is not None and 0 < iteration < last and iteration % task.save_every == 0


def snapshot_path(out: Path, iteration: int) -> Path:
    """Return the file of the snapshot at `iteration`: ``out_100.png``."""
    return out.with_name(f"{out.stem}_{iteration}{out.suffix}")


def pixels_of(iterate: Iterate) -> Pixels:
    """Return the picture of an iterate of one, uint8 H×W×3; reads it back from the device."""
    return from_unit(iterate.image.float().nan_to_num().cpu().numpy())


def _check(task: StylizeTask, method: Method) -> None:
    if late := [number for number in task.snapshots if not 0 <= number <= method.plan.iterations]:
        raise NstError(
            f"no snapshot at {late[0]}: there are {method.plan.iterations} iterations", "give numbers from 0 to that"
        )
    check_weights(task.styles)
    masked = [bool(style.masks) for style in task.styles]
    if any(masked) != bool(task.content_masks) or any(masked) != all(masked):
        raise NstError(
            "masks are needed for the photo and for every style picture, or for none",
            "give `content_mask` and `style_mask`, both",
        )
    check_other_pictures([task.content], [style.path for style in task.styles])


def _read_styles(task: StylizeTask, photo: Pixels) -> tuple[Sequence[StylePicture], Regions | None]:
    pictures = [read_picture(style.path).rgb for style in task.styles]
    for style, picture in zip(task.styles, pictures, strict=True):
        check_sides(style.path, picture)
    if not task.content_masks:
        plain = [StylePicture(rgb, style.weight) for style, rgb in zip(task.styles, pictures, strict=True)]
        return plain, None
    regions = read_regions(task.content_masks, task.content, photo.shape[:2])
    own = [
        read_regions(style.masks, style.path, rgb.shape[:2]) for style, rgb in zip(task.styles, pictures, strict=True)
    ]
    masked = [
        StylePicture(rgb, style.weight, aligned)
        for style, rgb, aligned in zip(task.styles, pictures, align(regions, own), strict=True)
    ]
    return masked, regions
