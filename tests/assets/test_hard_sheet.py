"""The committed sheet of what photographs lack is what its program draws with the shipped pack."""

import numpy as np
from assets.hard_sheet import SHEET, TILE_PX, sheet_rows

from nst_runtime import Library, Stylizer
from nst_runtime.contracts.library import NOWHERE
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack
from nst_runtime.inference.devices import RunSettings
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.read import read_picture
from nst_student.data.hard.pictures import KINDS

LOOKED_AT = ("logo", "berries")


def test_the_committed_sheet_is_what_the_program_draws() -> None:
    pack = read_pack(DEFAULT_PACK)
    stylizer = Stylizer(Library(pack, NOWHERE, NOWHERE), RunSettings("cpu", 1))
    committed = read_picture(SHEET).rgb.astype(float)
    pitch = (committed.shape[0] - TILE_PX) // (len(KINDS) - 1)
    for kind in LOOKED_AT:
        made = tile(sheet_rows(stylizer, TILE_PX, [kind])).astype(float)
        top = list(KINDS).index(kind) * pitch
        assert made.shape == (TILE_PX, committed.shape[1], 3)
        assert made.shape[1] > TILE_PX * len(pack.manifest.styles)
        error = np.square(made - committed[top : top + TILE_PX]).mean()
        assert 10 * np.log10(255**2 / error) > 25, f"{kind}: run python assets/hard_sheet.py"
