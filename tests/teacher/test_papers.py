"""docs/papers.md goes through every preset, with a section and a picture; what documents show is there."""

import re
from pathlib import Path

import pytest
from PIL import Image

from nst_teacher.settings.presets import preset_names

ROOT = Path(__file__).parents[2]
PAGE = ROOT / "docs" / "papers.md"
PICTURE = re.compile(r"!\[[^\]]*\]\(([^)\s]+)\)")
LARGEST_BYTES, ALL_BYTES = 120_000, 1_600_000


def sections() -> dict[str, str]:
    """Return the page's sections by heading."""
    parts = re.split(r"^## (.+)$", PAGE.read_text(encoding="utf-8"), flags=re.MULTILINE)
    return dict(zip(parts[1::2], parts[2::2], strict=True))


@pytest.mark.parametrize("preset", preset_names())
def test_a_section_shows_the_preset(preset: str) -> None:
    family = preset.partition("-")[0]
    (heading, text), *others = [(h, t) for h, t in sections().items() if f"`{family}`" in h]
    assert not others
    assert f"`{preset}`" in heading + text or (preset != family and f"`-{preset.partition('-')[2]}`" in heading + text)
    pictures = PICTURE.findall(text)
    assert any(Path(picture).name.startswith(family) for picture in pictures), f"{heading} shows no picture of {family}"
    assert f"--preset {family}" in text or "--layer-cases" in text


@pytest.mark.parametrize(
    "page", [*sorted((ROOT / "docs").glob("*.md")), ROOT / "README.md"], ids=lambda path: path.name
)
def test_pictures_of_the_documents_are_there(page: Path) -> None:
    for name in PICTURE.findall(page.read_text(encoding="utf-8")):
        if not name.startswith("http"):
            with Image.open(page.parent / name) as picture:
                assert min(picture.size) >= 16, name


def test_the_papers_pictures_are_small_and_all_shown() -> None:
    files = sorted((ROOT / "docs" / "papers").iterdir())
    sizes = [file.stat().st_size for file in files]
    assert max(sizes) <= LARGEST_BYTES
    assert sum(sizes) <= ALL_BYTES
    shown = {Path(name).name for name in PICTURE.findall(PAGE.read_text(encoding="utf-8"))}
    assert shown == {file.name for file in files}
