"""Read short film clips: video files, or folders of frames."""

import importlib
from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels, resize_short_side
from nst_runtime.pictures.read import list_pictures, read_picture

VIDEO_SUFFIXES = (".mp4", ".mov", ".m4v", ".mkv", ".webm", ".avi")
FRAMES = 24
SHORT_SIDE_PX = 270


def read_clips(folder: Path, frames: int = FRAMES, short_side_px: int = SHORT_SIDE_PX) -> dict[str, list[Pixels]]:
    """Return the first `frames` frames in a row of each clip in `folder`, uint8 H×W×3, by the clip's file name.

    Clips are video files, read by PyAV, and folders of pictures; `folder` itself is one when it holds pictures. Raises
    NstError when there are none, one is damaged or has fewer than two frames, or PyAV is missing.
    """
    sources = _sources(folder)
    if not sources:
        raise NstError(
            f"no clips in {folder}",
            f"give a folder that holds video files ({', '.join(VIDEO_SUFFIXES)}) or folders of frames",
        )
    clips = {}
    for source in sources:
        decoded = _picture_frames(source) if source.is_dir() else _video_frames(source)
        clip = [resize_short_side(frame, short_side_px) for frame in islice(decoded, frames)]
        _check(clip, source)
        clips[source.name] = clip
    return clips


def _sources(folder: Path) -> list[Path]:
    if list_pictures(folder):
        return [folder]
    entries = sorted(entry for entry in folder.iterdir() if not entry.name.startswith("."))
    return [e for e in entries if (list_pictures(e) if e.is_dir() else e.suffix.lower() in VIDEO_SUFFIXES)]


def _picture_frames(folder: Path) -> Iterator[Pixels]:
    return (read_picture(path).rgb for path in list_pictures(folder))


def _video_frames(path: Path) -> Iterator[Pixels]:
    try:
        av = importlib.import_module("av")
    except ImportError as error:
        raise NstError(f"reading {path} needs PyAV", "pip install av, or give a folder of its frames") from error
    try:
        with av.open(str(path)) as container:
            for frame in container.decode(video=0):
                yield frame.to_ndarray(format="rgb24")
    except (av.FFmpegError, IndexError) as error:
        raise NstError(f"cannot read {path}: it is damaged or not a video ({error})", "get the file again") from error


def _check(clip: Sequence[Pixels], source: Path) -> None:
    if len(clip) < 2:
        raise NstError(f"{source} has {len(clip)} frame(s), and a clip needs two or more", "leave it out")
    if len({frame.shape for frame in clip}) > 1:
        raise NstError(f"the frames in {source} differ in size", "give the frames of one clip, all of one size")
