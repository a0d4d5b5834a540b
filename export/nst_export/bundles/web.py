"""A folder for any web host: the built page with the styles of a pack."""

import shutil
from pathlib import Path

from nst_runtime.contracts.packs import MANIFEST, Pack
from nst_runtime.contracts.web_page import PACK_FOLDER, page_files, write_list
from nst_runtime.errors import NstError


def write_web_bundle(page: Path, pack: Pack, out: Path) -> int:
    """Write the built `page` with `pack` to the new folder `out`; return how many bytes it holds.

    Raises PackError when a file of the pack is missing or damaged, NstError when `out` is there and not empty or cannot
    be written; nothing is left half-written.
    """
    if out.exists() and (not out.is_dir() or any(out.iterdir())):
        raise NstError(f"{out} is there already", "give a new folder")
    contents = {f"{PACK_FOLDER}/{MANIFEST}": (pack.folder / MANIFEST).read_bytes()}
    contents |= {f"{PACK_FOLDER}/{file.file}": pack.read(file) for file in pack.files}
    contents |= {
        name: path.read_bytes() for name, path in page_files(page).items() if not name.startswith(f"{PACK_FOLDER}/")
    }
    fresh = out.with_name(f".{out.name}.new")
    try:
        for name, data in contents.items():
            (fresh / name).parent.mkdir(parents=True, exist_ok=True)
            (fresh / name).write_bytes(data)
        write_list(fresh)
        if out.exists():
            out.rmdir()
        fresh.rename(out)
    except OSError as error:
        raise NstError(f"cannot write {out}: {error.strerror or error}", "give another folder as `out`") from error
    finally:
        shutil.rmtree(fresh, ignore_errors=True)
    return sum(path.stat().st_size for path in page_files(out).values())
