"""The documents say of the shipped pack what the pack says of itself."""

from pathlib import Path

import pytest
from assets.figures_table import BEGIN, COLUMNS, END, shipped_records, table, with_table
from assets.style_cards import PAGE, page

from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack

STYLES = Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE).styles()
RECORDS = shipped_records()


@pytest.mark.parametrize("path", COLUMNS, ids=lambda path: path.name)
def test_tables_hold_the_packs_figures(path: Path) -> None:
    text = path.read_text()
    assert text == with_table(text, table(RECORDS, COLUMNS[path])), "run python assets/figures_table.py"
    assert f"| {RECORDS[0].name} | {RECORDS[0].metrics['mean']:.3f} |" in text


def test_every_style_has_a_card_and_its_picture() -> None:
    assert PAGE.read_text() == page(STYLES), "run python assets/style_cards.py"
    assert {path.stem for path in PAGE.with_suffix("").glob("*.jpg")} == {style.name for style in STYLES}


def test_a_table_needs_its_place() -> None:
    assert with_table(f"a {BEGIN} old {END} b", "new") == f"a {BEGIN}\nnew\n{END} b"
    with pytest.raises(ValueError, match="found 0"):
        with_table("no marks", "new")
