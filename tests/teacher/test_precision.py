"""Faster arithmetic must give the same picture: PSNR against fp32 on a real photograph and painting."""

import os
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nst_features import Precision
from nst_runtime.images import read_picture
from nst_teacher.engine import Engine, outcomes
from nst_teacher.method import Method
from nst_teacher.optimise import OptimizerName, Plan
from nst_teacher.photos import read_square

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[2] / "../shared/data"))


@pytest.mark.skipif(not DATA.is_dir(), reason=f"needs a photograph, a painting and weights in {DATA} (NST_DATA)")
@pytest.mark.parametrize("optimizer", ["lbfgs", "adam"])
def test_measure(optimizer: OptimizerName) -> None:
    method = Method(
        "vgg19",
        DATA / "weights/vgg19_normalised_conv3_1.safetensors",
        scales=1,
        plan=Plan(optimizer, 30),
        style_size_px=96,
    )
    photo = read_square(
        DATA / "photos/kodak_000001.jpg"
        if (DATA / "photos/kodak_000001.jpg").exists()
        else sorted((DATA / "photos").glob("kodak*"))[0],
        96,
    )
    style = read_picture(DATA / "styles/great_wave.jpg").rgb
    pictures = {}
    for precision in ("fp32", "bf16"):
        iterates = Engine(replace(method, precision=precision), style, torch.device("cpu")).run([photo], [0])
        pictures[precision] = {i.iteration: i.image for i in iterates}
    for n in (1, 2, 5, 10, 20, 30):
        a, b = pictures["fp32"][n], pictures["bf16"][n]
        print("PSNR", optimizer, n, float(-10 * ((a - b) ** 2).mean().log10()))
