"""Stylise an animation, frame by frame, where its result is to move as well."""

from collections.abc import Callable
from itertools import chain

from nst_runtime.jobs.keeping import Keeping
from nst_runtime.jobs.outcomes import Outcome
from nst_runtime.jobs.plan import Job
from nst_runtime.pictures.animations import Animation, open_animation
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.read import open_file
from nst_runtime.pictures.writable import has_quality
from nst_runtime.pictures.write_animation import (
    ANIMATION_SUFFIXES,
    ONLY_ANIMATIONS,
    check_animation,
    not_moving,
    write_animation,
)


def stylize_animation(
    job: Job, paint: Callable[[Picture], Picture], max_pixels: int, keeping: Keeping
) -> Outcome | None:
    """Write all frames of the job's animation, each as `paint` returns it; None for what goes as a single picture.

    That is a source that does not move, the standard input or output, and a target in a format without animations.
    Raises ImageError for what does not move and a target in a format for animations alone; what reading, painting and
    writing raise, and then the target stays as it was.
    """
    if job.source is None or job.target is None or job.target.suffix.lower() not in ANIMATION_SUFFIXES:
        return None
    with (
        open_file(job.source) as stream,
        open_animation(stream, str(job.source), max_pixels=max_pixels) as animation,
    ):
        if animation is not None:
            return _write(job, animation, paint, keeping)
    if job.target.suffix.lower() in ONLY_ANIMATIONS:
        raise not_moving(job.target)
    return None


def _write(job: Job, animation: Animation, paint: Callable[[Picture], Picture], keeping: Keeping) -> Outcome:
    if job.target is None:
        raise ValueError("an animation is written to a file")
    frames = animation.frames()
    first = next(frames)
    size = first.rgb.shape[1], first.rgb.shape[0]
    suffix = job.target.suffix.lower()
    check_animation(suffix, *size)
    write_animation(
        job.target,
        map(paint, chain([first], frames)),
        animation.durations_ms,
        plays=animation.plays,
        is_transparent=animation.is_transparent,
        quality=keeping.quality if has_quality(suffix) else None,
        follow_links=not job.replaces_links,
    )
    return Outcome(job, animation.notes, size=size)
