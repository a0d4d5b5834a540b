"""A folder for any web host: the built page with the styles of a pack."""

from dataclasses import dataclass
from pathlib import Path

from nst_export.bundles.folder import MANIFEST, files_in, read_manifest, require_replaceable
from nst_runtime.contracts.files import write_json
from nst_runtime.contracts.folders import replacing_folder
from nst_runtime.contracts.packs import MANIFEST as PACK_MANIFEST
from nst_runtime.contracts.packs import Pack, PackFile
from nst_runtime.contracts.versions import headed
from nst_runtime.contracts.web_page import PACK_FOLDER, page_files, write_list

FORMAT = "nst-web-bundle"
FORMAT_VERSION = 1
HOST_FILES = "CNAME", ".nojekyll"
"""What a host reads beside a page: no part of the bundle, and left where it is."""
AGAIN = "write it again with nst-export bundle web"


@dataclass(frozen=True)
class WebBundle:
    """What bundle.json says: the files beside it, by which a later command knows a folder that it may replace."""

    files: tuple[PackFile, ...]
    requires: tuple[str, ...] = ()
    format: str = FORMAT
    format_version: int = FORMAT_VERSION


def write_web_bundle(page: Path, pack: Pack, out: Path) -> int:
    """Write the built `page` with `pack` to the folder `out`; return how many bytes it holds.

    `out` is new, empty or an earlier bundle, which is replaced. Raises PackError when a file of the pack is missing or
    damaged, NstError when `out` holds anything else or cannot be written; until the end `out` is as it was.
    HOST_FILES in `out` stay; where it has none, those of `page` go there.
    """
    with replacing_folder(out, "bundle", _check_replaceable) as folder:
        for name, data in _contents(page, pack).items():
            (folder / name).parent.mkdir(parents=True, exist_ok=True)
            (folder / name).write_bytes(data)
        write_list(folder)
        files = files_in(folder)
        write_json(folder / MANIFEST, headed(WebBundle(files)))
        for name, data in (_host_files(page) | _host_files(out)).items():
            (folder / name).write_bytes(data)
        return sum(file.size_bytes for file in files)


def _contents(page: Path, pack: Pack) -> dict[str, bytes]:
    """Return the bytes of `page` and `pack` by file, without a pack, a bundle.json or HOST_FILES of the page."""
    contents = {f"{PACK_FOLDER}/{PACK_MANIFEST}": (pack.folder / PACK_MANIFEST).read_bytes()}
    contents |= {f"{PACK_FOLDER}/{file.file}": pack.read(file) for file in pack.files}
    own = {name: path for name, path in page_files(page).items() if not name.startswith(f"{PACK_FOLDER}/")}
    return contents | {name: path.read_bytes() for name, path in own.items() if name not in {MANIFEST, *HOST_FILES}}


def _host_files(folder: Path) -> dict[str, bytes]:
    """Return the bytes of HOST_FILES in `folder` by name; links are not followed."""
    paths = (folder / name for name in HOST_FILES)
    return {path.name: path.read_bytes() for path in paths if path.is_file() and not path.is_symlink()}


def _check_replaceable(final: Path, target: Path) -> None:
    require_replaceable(final, target, "the web", lambda folder: _read(folder).files, _host_files(final))


def _read(folder: Path) -> WebBundle:
    return read_manifest(
        WebBundle, folder, form=FORMAT, version=FORMAT_VERSION, what="a bundle for the web", again=AGAIN
    )
