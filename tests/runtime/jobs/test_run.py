"""Single jobs, from Python."""

import io
from pathlib import Path

import numpy as np
import numpy.typing as npt
import pytest

from nst_runtime import Stylizer
from nst_runtime.errors import ImageError, NstError, PackError
from nst_runtime.jobs.plan import Job, plan
from nst_runtime.jobs.run import Streams, stylize_all, stylize_job
from nst_runtime.pictures.arrays import Picture
from nst_runtime.pictures.read import read_picture, read_picture_bytes
from nst_runtime.pictures.write import encode_picture, write_picture

Pixels = npt.NDArray[np.uint8]


def test_transparency_goes_along(tmp_path: Path, stylizer: Stylizer, photo: Pixels) -> None:
    alpha = (photo[:, :, 0] // 2).astype(np.uint8)
    write_picture(tmp_path / "in.png", Picture(photo, alpha))
    for name in ("new/out.webp", "out.png"):
        assert stylize_job(stylizer, Job(tmp_path / "in.png", tmp_path / name), "negative") == ()
        result = read_picture(tmp_path / name)
        assert result.alpha is not None
        np.testing.assert_array_equal(result.alpha, alpha)
    np.testing.assert_array_equal(result.rgb, stylizer.stylize(photo, "negative"))


def test_streams(stylizer: Stylizer, photo: Pixels) -> None:
    streams = Streams(io.BytesIO(encode_picture(photo, ".bmp")), io.BytesIO())
    stylize_job(stylizer, Job(None, None), "swapped", streams=streams)
    data = streams.target.getvalue()  # type: ignore[attr-defined]
    assert data.startswith(b"BM")
    np.testing.assert_array_equal(read_picture_bytes(data, "it").rgb, stylizer.stylize(photo, "swapped"))
    with pytest.raises(ValueError, match="needs streams"):
        stylize_job(stylizer, Job(None, None), "swapped")


def test_a_stream_that_does_not_end(stylizer: Stylizer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("nst_runtime.jobs.inputs.STREAM_LIMIT_BYTES", 1000)
    with Path("/dev/zero").open("rb") as endless, pytest.raises(ImageError, match="holds more than 1000 bytes"):
        stylize_job(stylizer, Job(None, None), "plain", streams=Streams(endless, io.BytesIO()))


def test_an_unknown_style_is_told_before_any_picture_is_read(tmp_path: Path, stylizer: Stylizer) -> None:
    with pytest.raises(PackError, match="no style 'dots'"):
        next(stylize_all(stylizer, [Job(tmp_path / "none.png", tmp_path / "out.png")], "dots"))


@pytest.mark.parametrize("error", [MemoryError(), NstError("not enough memory for a picture of this size")])
def test_memory_that_runs_out_is_told_with_the_picture_s_name(
    tmp_path: Path, stylizer: Stylizer, photo: Pixels, monkeypatch: pytest.MonkeyPatch, error: Exception
) -> None:
    write_picture(tmp_path / "x.png", photo)

    def fail(*_: object) -> Pixels:
        raise error

    monkeypatch.setattr(Stylizer, "stylize", fail)
    (outcome,) = stylize_all(stylizer, plan([str(tmp_path / "x.png")], str(tmp_path / "y.png")).jobs, "plain")
    assert isinstance(outcome.error, ImageError)
    assert "not enough memory for" in outcome.error.message
    assert "x.png" in outcome.error.message
    assert not (tmp_path / "y.png").exists()
