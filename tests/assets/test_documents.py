"""The documents say of the shipped pack what the pack says of itself."""

import math
import re
from pathlib import Path

import pytest
from assets.figures_table import BEGIN, COLUMNS, END, shipped_records, table, with_table
from assets.style_cards import PAGE, page

from nst_runtime.contracts.library import NOWHERE, Library
from nst_runtime.contracts.packs import DEFAULT_PACK, read_pack

STYLES = Library(read_pack(DEFAULT_PACK), NOWHERE, NOWHERE).styles()
RECORDS = shipped_records()
ROOT = Path(__file__).parents[2]


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


def test_the_readme_says_what_the_pages_and_the_pack_say() -> None:
    """Its times, memory and ratios stand on the page of performance; its styles are the pack's, and of their size."""
    text, performance = ((ROOT / path).read_text() for path in ("README.md", "docs/performance.md"))
    times, memory = re.findall(r"([\d.]+) ms", text), re.findall(r"([\d.]+) MB", text)
    ratios = re.findall(r"([\d.]+) times as fast", text)
    assert times and memory and ratios
    row = next(line for line in performance.splitlines() if line.startswith("| 512×512 |"))
    for figure in [*(f"{n} ms" for n in times), *(f"{n} MB" for n in memory), *(f"{n}×" for n in ratios)]:
        assert f"| {figure} |" in row
    named = [word for word in re.findall(r"`(\w+)`", text) if word in {record.name for record in RECORDS}]
    assert list(dict.fromkeys(named)) == [record.name for record in RECORDS]
    sizes = sorted(style.path.stat().st_size for style in STYLES)
    for stated in re.findall(r"(\d+) kB", text):
        assert sizes[0] * 0.98 <= int(stated) * 1000 <= sizes[-1], stated


def test_the_page_of_quality_says_in_words_what_its_table_has() -> None:
    text = " ".join((ROOT / "docs" / "quality.md").read_text().split())
    restless = re.search(r"- (\S+ [^-]*) follow a moving photograph less well .* shift gains are above (\d+)", text)
    borders = re.search(r"Border errors are (\d+) to (\d+) levels", text)
    assert restless and borders
    above = {record.name for record in RECORDS if record.metrics["shift_gain"] > int(restless[2])}
    assert set(re.findall(r"\*(\w+)\*", restless[1])) == above
    errors = [record.metrics["border_error"] for record in RECORDS]
    assert (int(borders[1]), int(borders[2])) == (math.floor(min(errors)), math.ceil(max(errors)))
