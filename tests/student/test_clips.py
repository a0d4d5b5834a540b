"""Clips from folders of frames and from video files."""

import importlib
import os
import sys
from pathlib import Path

import numpy as np
import pytest

from nst_runtime.errors import NstError
from nst_runtime.pictures.write import write_picture
from nst_student.evaluation.clips import read_clips

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[3] / "shared" / "data"))


def write_frames(folder: Path, count: int, height: int = 40) -> None:
    for number in range(count):
        write_picture(folder / f"{number:03}.png", np.full((height, 60, 3), number, np.uint8))


def test_folders_of_frames_come_in_order_resized_and_cut(tmp_path: Path) -> None:
    write_frames(tmp_path / "b", 3)
    write_frames(tmp_path / "a", 12, height=80)
    clips = read_clips(tmp_path, frames=5, short_side_px=20)
    assert list(clips) == ["a", "b"]
    assert [int(frame[0, 0, 0]) for frame in clips["a"]] == [0, 1, 2, 3, 4]
    assert [len(clip) for clip in clips.values()] == [5, 3]
    assert clips["a"][0].shape == (27, 20, 3)
    assert clips["b"][0].shape == (20, 30, 3)


def test_a_folder_of_frames_is_a_clip_itself(tmp_path: Path) -> None:
    write_frames(tmp_path / "film", 4)
    assert [len(clip) for clip in read_clips(tmp_path / "film").values()] == [4]


def test_no_clips_or_too_few_frames_are_one_line(tmp_path: Path) -> None:
    (tmp_path / "notes.txt").write_text("none")
    (tmp_path / "empty").mkdir()
    with pytest.raises(NstError, match=r"no clips in .*video files"):
        read_clips(tmp_path)
    with pytest.raises(NstError, match="no folder"):
        read_clips(tmp_path / "nowhere")
    write_frames(tmp_path / "one", 1)
    with pytest.raises(NstError, match="a clip needs two or more"):
        read_clips(tmp_path)


def test_frames_of_several_sizes_are_refused(tmp_path: Path) -> None:
    write_frames(tmp_path / "film", 2)
    write_picture(tmp_path / "film" / "002.png", np.zeros((40, 90, 3), np.uint8))
    with pytest.raises(NstError, match="differ in size"):
        read_clips(tmp_path)


def test_videos_name_the_package_they_need(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "film.mp4").write_bytes(b"no film")
    monkeypatch.setitem(sys.modules, "av", None)
    with pytest.raises(NstError, match="needs PyAV; pip install av"):
        read_clips(tmp_path)


def test_a_damaged_video_is_named(tmp_path: Path) -> None:
    pytest.importorskip("av")
    (tmp_path / "film.mp4").write_bytes(b"no film" * 100)
    with pytest.raises(NstError, match=r"cannot read .*film\.mp4: it is damaged or not a video") as caught:
        read_clips(tmp_path)
    assert "\n" not in str(caught.value)


def test_a_video_s_frames_are_what_was_written(tmp_path: Path) -> None:
    pytest.importorskip("av")
    av = importlib.import_module("av")
    with av.open(str(tmp_path / "film.mkv"), "w") as container:
        stream = container.add_stream("ffv1", rate=10)
        stream.width, stream.height, stream.pix_fmt = 64, 48, "bgr0"
        for level in (10, 90, 200):
            frame = av.VideoFrame.from_ndarray(np.full((48, 64, 3), (level, 0, 255 - level), np.uint8), "rgb24")
            container.mux(stream.encode(frame))
        container.mux(stream.encode())
    (clip,) = read_clips(tmp_path, short_side_px=24).values()
    assert [tuple(map(int, frame[12, 16])) for frame in clip] == [(10, 0, 245), (90, 0, 165), (200, 0, 55)]
    assert clip[0].shape == (24, 32, 3)


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs clips in {DATA} (NST_DATA)")
def test_real_clips_move(tmp_path: Path) -> None:
    pytest.importorskip("av")
    clips = read_clips(DATA / "video", frames=3)
    assert clips["flower.mp4"][0].shape == (270, 480, 3)
    for first, second, _ in clips.values():
        assert 0.1 < np.abs(first.astype(int) - second).mean() < 20
