"""Stylise an animation, frame by frame, where its result is to move as well."""

from __future__ import annotations

from itertools import chain
from typing import TYPE_CHECKING

from nst_runtime.jobs.inputs import given
from nst_runtime.jobs.keeping import size_kept
from nst_runtime.jobs.outcomes import STDOUT, Outcome
from nst_runtime.pictures.animations import open_animation
from nst_runtime.pictures.writable import ANIMATION_SUFFIXES, ONLY_ANIMATIONS, has_quality
from nst_runtime.pictures.write_animation import (
    check_animation,
    encode_animation,
    not_moving,
    write_animation,
)

if TYPE_CHECKING:
    from collections.abc import Callable

    from nst_runtime.jobs.inputs import Input, Streams
    from nst_runtime.jobs.keeping import Keeping
    from nst_runtime.jobs.plan import Job
    from nst_runtime.pictures.animations import Animation
    from nst_runtime.pictures.arrays import Picture


def stylize_animation(
    job: Job,
    source: Input,
    paint: Callable[[Picture], Picture],
    max_pixels: int,
    keeping: Keeping,
    streams: Streams | None,
) -> Outcome | None:
    """Write all frames of an animation, each as `paint` returns it; None for what goes as a single picture.

    That is a source that does not move, and a target in a format without animations. Raises ImageError for what does
    not move and a target in a format for animations alone; what reading, painting and writing raise, and then the
    target stays as it was.
    """
    suffix = job.target.suffix.lower() if job.target else job.suffix or source.suffix
    if suffix not in ANIMATION_SUFFIXES:
        return None
    with source.open() as stream, open_animation(stream, source.name, max_pixels=max_pixels) as animation:
        if animation is not None:
            return _write(job, animation, paint, suffix, keeping, streams)
    asked_for = job.target or job.suffix
    if suffix in ONLY_ANIMATIONS and asked_for:
        raise not_moving(str(job.target or STDOUT), suffix)
    return None


def _write(
    job: Job,
    animation: Animation,
    paint: Callable[[Picture], Picture],
    suffix: str,
    keeping: Keeping,
    streams: Streams | None,
) -> Outcome:
    frames = animation.frames()
    first = next(frames)
    size = first.rgb.shape[1], first.rgb.shape[0]
    check_animation(suffix, *size_kept(keeping, *size))
    painted = map(paint, chain([first], frames))
    quality = keeping.quality if has_quality(suffix) else None
    if job.target is not None:
        write_animation(
            job.target,
            painted,
            animation.durations_ms,
            plays=animation.plays,
            is_transparent=animation.is_transparent,
            quality=quality,
            follow_links=not job.replaces_links,
        )
        return Outcome(job, animation.notes, size=size)
    data = encode_animation(
        suffix,
        painted,
        animation.durations_ms,
        plays=animation.plays,
        is_transparent=animation.is_transparent,
        quality=quality,
    )
    given(streams).write(data)
    return Outcome(job, animation.notes, size=size)
