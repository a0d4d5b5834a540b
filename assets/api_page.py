"""Write docs/api.md: assets/api_head.md, then every public name of nst_runtime with its signature and docstring.

python assets/api_page.py
"""

import sys
from pathlib import Path

ROOT = Path(__file__).parents[1]
sys.path.insert(0, str(ROOT))

import nst_runtime  # noqa: E402
from assets.api_signatures import described  # noqa: E402
from nst_runtime.contracts.files import write_text  # noqa: E402

PAGE = ROOT / "docs" / "api.md"
HEAD = ROOT / "assets" / "api_head.md"
SECTIONS = {
    "Stylise": (
        *("Stylizer", "Encoded", "Look", "Regions", "Region", "RunSettings"),
        *("LookStatistics", "save_statistics"),
    ),
    "Pictures": (
        *("Picture", "Metadata", "read_picture", "write_picture"),
        *("read_picture_bytes", "encode_picture"),
    ),
    "Styles and packs": (
        *("open_library", "Library", "FoundStyle", "Pack"),
        *("read_style", "StyleFile", "StyleRecord", "StyleInfo", "Statistics"),
    ),
    "What can go wrong": ("NstError", "ImageError", "TooManyPixelsError", "PackError", "DeviceError"),
}
NO_SECTION = {"__version__", "main"}


def main() -> None:
    """Write the page."""
    write_text(PAGE, page())
    print(PAGE)


def page() -> str:
    """Return the whole page as Markdown; raises ValueError when a public name has no section."""
    listed = {name for names in SECTIONS.values() for name in names} | NO_SECTION
    if unlike := listed ^ set(nst_runtime.__all__):
        raise ValueError(f"SECTIONS and nst_runtime.__all__ differ by {', '.join(sorted(unlike))}")
    parts = [HEAD.read_text(encoding="utf-8").rstrip()]
    for title, names in SECTIONS.items():
        parts += [f"### {title}", *(described(getattr(nst_runtime, name)) for name in names)]
    return "\n\n".join(parts) + "\n"


if __name__ == "__main__":
    main()
