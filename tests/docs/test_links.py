"""Every link of the documents leads to a file or a heading that is there."""

import re
from collections import Counter
from pathlib import Path
from urllib.parse import unquote

import pytest

ROOT = Path(__file__).parents[2]
PAGES = sorted(
    [
        ROOT / "README.md",
        ROOT / "CONTRIBUTING.md",
        ROOT / "CHANGELOG.md",
        *(ROOT / "docs").rglob("*.md"),
    ]
)
LINK = re.compile(r"\]\(\s*<?([^)\s>]+)>?(?:\s+\"[^\"]*\")?\s*\)")
CODE = re.compile(r"^(?:```.*?^```$|(?: {4}|\t).*?$)|`[^`\n]+`", re.MULTILINE | re.DOTALL)
HEADING = re.compile(r"^#{1,6}\s+(.+?)\s*#*$", re.MULTILINE)
ELSEWHERE = re.compile(r"[a-z][a-z0-9+.-]*:", re.IGNORECASE)


def _links(text: str) -> list[str]:
    """Return what the links and pictures of `text` lead to, without those in code and those to other sites."""
    return [link for link in LINK.findall(CODE.sub("", text)) if not ELSEWHERE.match(link)]


def _anchors(text: str) -> set[str]:
    """Return the anchors of the headings in `text` as GitHub makes them; a heading's second gets ``-1``."""
    seen: Counter[str] = Counter()
    anchors = set()
    for heading in HEADING.findall(re.sub(r"^```.*?^```$", "", text, flags=re.MULTILINE | re.DOTALL)):
        plain = re.sub(r"\[([^\]]*)\]\([^)]*\)", r"\1", heading).lower()
        anchor = re.sub(r"[^\w\- ]", "", plain).replace(" ", "-")
        anchors.add(f"{anchor}-{seen[anchor]}" if seen[anchor] else anchor)
        seen[anchor] += 1
    return anchors


def _broken(page: Path, link: str) -> bool:
    path, _, anchor = unquote(link).partition("#")
    target = (page.parent / path).resolve() if path else page
    if not target.exists() or not target.is_relative_to(ROOT):
        return True
    return bool(anchor) and (target.suffix != ".md" or anchor not in _anchors(target.read_text(encoding="utf-8")))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(ROOT)))
def test_links_lead_somewhere(page: Path) -> None:
    broken = [link for link in _links(page.read_text(encoding="utf-8")) if _broken(page, link)]
    assert not broken


def test_what_counts_as_a_link() -> None:
    text = "[a](b.md) ![c](d.jpg 'e') `[f](g)`\n\n    [h](i)\n\n```\n[j](k)\n```\n[l](https://m) [n](#o)\n"
    assert _links(text.replace("'", '"')) == ["b.md", "d.jpg", "#o"]


def test_anchors_are_githubs() -> None:
    text = "# pack.json, key by key\n\n## The *same*\n\n```\n# code\n```\n### The same\n"
    assert _anchors(text) == {"packjson-key-by-key", "the-same", "the-same-1"}


def test_a_link_to_nowhere_is_found(tmp_path: Path) -> None:
    page = ROOT / "docs" / "pack-format.md"
    assert not _broken(page, "#security")
    assert _broken(page, "#nowhere")
    assert _broken(page, "nothing.md")
    assert _broken(page, "../pyproject.toml#name")
    assert _broken(page, str(tmp_path))
