"""The runtime's typical picture is what its program makes of the scenes."""

import numpy as np
from assets.typical_picture import typical_picture

from nst_runtime.inference import beside


def test_the_committed_file_is_what_the_program_makes() -> None:
    made, committed = typical_picture().astype(float), beside.typical_picture()
    assert made.shape == committed.shape
    assert 10 * np.log10(255**2 / np.mean((made - committed) ** 2)) > 30
