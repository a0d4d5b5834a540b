"""The search for an architecture on a card, rehearsed: small pictures, two styles and networks of random weights."""

import json
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
from assets.default_pack import card, search, search_table

from nst_runtime.pictures.read import read_picture
from nst_student.networks.checkpoint import load_codec
from nst_student.training.session import STATE_FILE

from .test_card import ENTRY, STYLES, assert_comes_home, write_data

TINY = ("--tiny", "--steps", 30, "--reconstruct", 30, "--set", "training.batch=1")
Call = Callable[..., str]


@pytest.fixture
def call(monkeypatch: pytest.MonkeyPatch, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> Call:
    catalogue = tmp_path / "catalogue.toml"
    catalogue.write_text("\n".join(ENTRY.format(name=name) for name in STYLES))
    monkeypatch.setattr(card, "CATALOGUE", catalogue)

    def run(main: Callable[[], None], *arguments: object) -> str:
        monkeypatch.setattr(sys, "argv", ["search", *(str(argument) for argument in arguments)])
        capsys.readouterr()
        main()
        return capsys.readouterr().out

    return run


def test_all_trials_of_the_network_are_searched_by_themselves() -> None:
    assert search.UNETS == [
        "unet", "unet_pooled", "unet_wide", "unet_dense", "unet_sixteenth", "unet_shared",
    ]  # fmt: skip


@pytest.mark.parametrize(("option", "value"), [("--architectures", "unet,unets"), ("--styles", "klee,kle")])
def test_a_name_that_is_not_known_is_refused_at_once(
    call: Call, tmp_path: Path, capsys: pytest.CaptureFixture[str], option: str, value: str
) -> None:
    with pytest.raises(SystemExit):
        call(search.main, tmp_path, tmp_path / "out", option, value)
    assert f"no {value.split(',')[1]}; there are" in capsys.readouterr().err


@pytest.mark.parametrize("name", ["unet", "unet_pooled"])
def test_costs_are_those_counted_by_hand(name: str) -> None:
    """Products for each pixel of the picture, layer by layer, kernels over the square of the stride they work at."""
    codec = 25 * 3 * 8 / 4 + 9 * 8 * 32 / 16 + 9 * 8 * 12 / 4
    deep = 9 * 32 * 64 / 64 + 6 * (9 * 64 + 64 * 64) / 64 + 64 * 32 / 64
    risen = (9 * 32 + 32 * 32) / 16 + 4 * 32 * 32 / 16 + 2 * 9 * 8 * 8 / 4 + 8 * 8 / 4
    costs = search_table._sizes(name)
    assert costs["k_mac_a_pixel"] == pytest.approx((codec + deep + risen) / 1000, rel=1e-3)
    assert costs["k_numbers"] == pytest.approx(54.336)


@pytest.mark.slow
def test_a_search_that_was_cut_short_goes_on_and_is_told(call: Call, tmp_path: Path) -> None:
    folder, outs = tmp_path / "folder", [tmp_path / f"out{number}" for number in range(2)]
    monkey = ("--styles", ",".join(STYLES), "--architectures", "unet_pooled,unet_shared", *TINY)
    call(card.main, "gather", write_data(tmp_path / "data"), folder)
    said = call(search.main, folder, outs[0], *monkey, "--minutes", 0)
    assert "still to be trained: unet_pooled, unet_shared" in said
    assert not (outs[0] / search.FIGURES).exists()

    said = call(search.main, folder, outs[1], *monkey, "--resume", outs[0])
    assert "still to be trained: nothing" in said
    assert_comes_home(outs[1])
    found = json.loads((outs[1] / search.FIGURES).read_text())
    trained = ("unet_pooled", "unet_shared")
    assert {name: set(rows) for name, rows in found.items()} == {name: set(STYLES) for name in trained}
    assert all("lattice" in row for rows in found.values() for row in rows.values())
    rows, columns = (side // card.SHEET_PX for side in read_picture(outs[1] / "sheet_unet_pooled.jpg").rgb.shape[:2])
    assert (rows, columns) == (1 + len(STYLES), 2)

    work = tmp_path / "work"
    told = call(search_table.main, outs[1], work)
    assert "| unet_shared waves |" in told
    assert told.count("| unet_pooled |") == 1
    assert read_picture(work / search_table.PLOT).rgb.std() > 1
    for name in found:
        codec = load_codec(work / name / "codec/codec.safetensors")
        assert codec.record.training["architecture"] == name
        assert not (work / name / "codec" / STATE_FILE).exists()
