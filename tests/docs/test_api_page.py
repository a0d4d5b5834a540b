"""docs/api.md says what the code says, and the examples of the documents run."""

import ast
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from assets.api_page import HEAD, PAGE, page
from assets.api_signatures import described

import nst_runtime
from nst_runtime.contracts.packs import DEFAULT_PACK
from nst_runtime.pictures.arrays import resize
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

ROOT = Path(__file__).parents[2]
FORMAT_PAGE, README, QUICKSTART = ROOT / "docs" / "pack-format.md", ROOT / "README.md", ROOT / "docs" / "quickstart.md"
BLOCK = re.compile(r"^```python\n(.*?)^```$", re.MULTILINE | re.DOTALL)
# What must hold when all blocks of a page have run, one after the other.
AFTERWARDS = {
    README: """
assert scream.rgb.shape == between.rgb.shape == photo.rgb.shape
assert (scream.rgb != between.rgb).any()
""",
    QUICKSTART: """
assert mixed.rgb.shape == photo.rgb.shape and (mixed.rgb != read_picture("waves.jpg").rgb).any()
assert read_picture("mixed.jpg").rgb.shape == photo.rgb.shape
""",
    PAGE: """
assert stylised.shape == array.shape and Image.open("scream.png").size == (array.shape[1], array.shape[0])
assert len(list(Path("out").iterdir())) == 3
assert (pictures[0].rgb != pictures[1].rgb).any()
assert (batch[2] == frame_out).all() and (batch[2] != batch[1]).any()
assert "mine" not in [style.name for style in open_library().styles()]
if __name__ == "__main__":
    assert means == [painted[0].mean()] * 2
""",
    FORMAT_PAGE: """
from nst_runtime import Stylizer

wanted = Stylizer.load("pack").stylize(photo, "waves").astype(int)
for made in (stylised, in_strips, measured):
    assert abs(made - wanted).max() <= 1, abs(made - wanted).max()
assert 1 < abs(by_typical - wanted).mean() < 64, abs(by_typical - wanted).mean()
""",
}


def test_the_page_is_what_the_script_writes() -> None:
    assert PAGE.read_text(encoding="utf-8") == page(), "run python assets/api_page.py"


def test_every_public_name_has_a_heading_and_a_docstring() -> None:
    text = PAGE.read_text(encoding="utf-8")
    for name in set(nst_runtime.__all__) - {"__version__", "main"}:
        assert text.count(f"\n#### {name}\n") == 1, name
    assert text.startswith(HEAD.read_text(encoding="utf-8")[:200])


def test_signatures_are_written_as_they_are_called() -> None:
    text = described(nst_runtime.Stylizer)
    assert "    Stylizer.stylize(picture: Image.Image, look: LookLike | Regions) -> Image.Image\n" in text
    assert "        threads: int | None = None,\n" in text
    assert "\n    Stylizer.device: str\n" in text
    assert "_encode" not in text
    assert "max_pixels: int = 64000000" in described(nst_runtime.read_picture)
    assert "metrics: Mapping[str, float] = dict()" in described(nst_runtime.StyleRecord)
    assert "    class PackError(NstError)\n" in described(nst_runtime.PackError)


@pytest.mark.parametrize("path", AFTERWARDS, ids=lambda path: path.name)
def test_every_example_runs(path: Path, tmp_path: Path) -> None:
    script = tmp_path / "example.py"
    script.write_text(_blocks(path) + AFTERWARDS[path], encoding="utf-8")
    photo = resize(read_picture(ROOT / "assets" / "scenes" / "town.jpg").rgb, 250, 190)
    write_picture(tmp_path / "photo.jpg", photo)
    shutil.copy(DEFAULT_PACK / "styles" / "starry.safetensors", tmp_path / "mine.safetensors")
    shutil.copytree(DEFAULT_PACK, tmp_path / "pack")
    environment = {**os.environ, "NST_STYLES": str(tmp_path / "own")}
    done = subprocess.run(
        [sys.executable, str(script)], cwd=tmp_path, env=environment, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stderr}\n(line numbers are those of {path})"


def _blocks(path: Path) -> str:
    """Return the Python of the blocks of `path`, each on the lines that it has in the page."""
    text = path.read_text(encoding="utf-8")
    found = list(BLOCK.finditer(text))
    assert found, f"{path} has no examples"
    lines = [""] * text.count("\n")
    for block in found:
        ast.parse(block[1])
        first = text[: block.start(1)].count("\n")
        lines[first : first + block[1].count("\n")] = block[1].splitlines()
    return "\n".join(lines) + "\n"


def test_the_javascript_of_the_format_is_that_of_the_reference() -> None:
    script = (ROOT / "tests" / "reference" / "stylize.mjs").read_text(encoding="utf-8")
    blocks = re.findall(r"^```js\n(.*?)^```$", FORMAT_PAGE.read_text(encoding="utf-8"), re.MULTILINE | re.DOTALL)
    assert len(blocks) == 2
    assert all(block in script for block in blocks)
    assert script.count("\n") <= 60
