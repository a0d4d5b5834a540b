"""The style catalogue: what is known of each style's picture, kept as a TOML file with a table for each style."""

from dataclasses import dataclass
from pathlib import Path

from nst_runtime.contracts.names import check_name
from nst_runtime.contracts.records import from_json
from nst_runtime.contracts.toml import read_toml
from nst_runtime.errors import NstError


@dataclass(frozen=True)
class StyleInfo:
    """What people read of a style: its title, artist, year and licence, as far as they are known."""

    title: str = ""
    artist: str = ""
    year: str = ""
    licence: str = ""


@dataclass(frozen=True)
class CatalogueEntry(StyleInfo):
    """A style's information and the file name of its picture."""

    picture: str = ""

    @property
    def info(self) -> StyleInfo:
        """What a style file says of it."""
        return StyleInfo(self.title, self.artist, self.year, self.licence)


def read_catalogue(path: Path) -> dict[str, CatalogueEntry]:
    """Return the entries of `path` by style name, in the file's order.

    Raises NstError when the file is missing, is not TOML, or holds a name or a key that is not one.
    """
    tables = read_toml(path, f"the catalogue {path}")
    try:
        return {check_name(name): from_json(CatalogueEntry, table, name) for name, table in tables.items()}
    except (TypeError, ValueError) as error:
        raise NstError(f"{path} is not a style catalogue: {error}") from error
