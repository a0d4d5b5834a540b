"""The command ``bundle web``."""

from pathlib import Path
from typing import Annotated

import typer

from nst_runtime.cli.options import PackOption
from nst_runtime.cli.output import say
from nst_runtime.contracts.workspace import DEFAULT

EPILOG = """\b
Examples:
  nst-export bundle web site
  nst-export bundle web site --pack packs/two --dist web/dist
"""


def web_command(
    out: Annotated[Path, typer.Argument(metavar="OUT", help="The folder of the bundle, new or an earlier one.")],
    pack: PackOption = None,
    dist: Annotated[
        Path | None,
        typer.Option(
            metavar="DIR", show_default="web/dist here or in the checkout", help="The folder of the built page."
        ),
    ] = None,
) -> None:
    """Write the page that paints in a browser, with a pack, as a folder for any web host.

    Prints the folder.
    """
    from nst_export.bundles.web import write_web_bundle
    from nst_runtime.contracts.library import open_library
    from nst_runtime.contracts.web_page import find_page

    found = open_library(pack, DEFAULT).pack
    size = write_web_bundle(find_page(dist), found, out)
    say(f"{len(found.manifest.styles)} styles, {size / 1e6:.1f} MB")
    print(out)
