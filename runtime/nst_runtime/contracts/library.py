"""The search path of styles: those of a pack, then the user's own, then the workspace's; one list for one codec."""

import difflib
import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from nst_runtime.contracts.files import write_bytes
from nst_runtime.contracts.names import check_name, is_name
from nst_runtime.contracts.packs import DEFAULT_PACK, PLAIN, Pack, read_pack
from nst_runtime.contracts.styles import (
    STYLE_LIMIT_BYTES,
    SUFFIX,
    StyleFile,
    StyleRecord,
    parse_style,
    read_record,
    read_style,
)
from nst_runtime.contracts.tensors import read_bytes
from nst_runtime.contracts.workspace import DEFAULT, Workspace
from nst_runtime.errors import NstError, PackError

Origin = Literal["pack", "own", "workspace", "file"]
STYLES_VARIABLE = "NST_STYLES"
NOWHERE = Path(os.devnull)  # a folder of the search path that holds nothing


def own_styles_folder() -> Path:
    """Return the folder of the user's own styles: what NST_STYLES names, else a place of the system's for such data."""
    if moved := os.environ.get(STYLES_VARIABLE):
        return Path(moved)
    from platformdirs import user_data_path  # noqa: PLC0415 (2 ms that a pack's own styles do not need)

    return user_data_path("nst-stylebank", appauthor=False) / "styles"


@dataclass(frozen=True)
class FoundStyle:
    """A style on the search path: its name, its file, and where on the path it lies."""

    name: str
    path: Path
    origin: Origin

    def record(self) -> StyleRecord:
        """Return what its file says of itself; raises PackError."""
        return read_record(self.path)


@dataclass(frozen=True)
class Library:
    """The styles that can be painted with `pack`'s codec; `own` and `workspace` are folders that need not exist."""

    pack: Pack
    own: Path
    workspace: Path

    def styles(self) -> tuple[FoundStyle, ...]:
        """Return the styles by the path's order, each name once: the first that has it.

        Files for other codecs, and those that are not style files, stay out.
        """
        return tuple(style for style in self._shown().values() if not _is_plain(style))

    def hidden(self) -> tuple[FoundStyle, ...]:
        """Return the styles that fit but whose names come earlier on the path; only their files reach them."""
        shown = set(self._shown().values())
        return tuple(style for style in self._all() if style not in shown and self._fits(style))

    def find(self, style: str | Path) -> FoundStyle:
        """Return `style`: a name on the path, or a style file by its path.

        A text is a path if it ends in .safetensors or has a folder's separator in it. Raises PackError that lists the
        styles there are and names the nearest, or says that it is for another codec.
        """
        if isinstance(style, Path) or style.endswith(SUFFIX) or "/" in style or os.sep in style:
            return self._from_file(Path(style))
        same = [found for found in self._all() if found.name == style]
        for found in filter(self._fits, same):
            return found
        for found in same:
            self._require_fit(found)  # says why it does not
        names = [found.name for found in self.styles()]
        near = difflib.get_close_matches(style, names, n=1)
        guess = f"did you mean {near[0]!r}? " if near else ""
        there = ", ".join(names) or "none"
        raise PackError(f"no style {style!r}; there are {there}", f"{guess}nst-runtime styles list shows them all")

    def read(self, style: str | Path) -> StyleFile:
        """Return the numbers of `style`, as `find` finds it; raises PackError when its file is damaged."""
        found = self.find(style)
        if found.origin == "pack":
            manifest = self.pack.manifest
            entries = {entry.name: entry for entry in (*manifest.styles, *filter(None, [manifest.plain]))}
            read = parse_style(self.pack.read(entries[found.name]), str(found.path))
        else:
            read = read_style(found.path)
        self._require_codec(read.record.codec_sha256, str(found.path))
        return read

    def add(self, file: Path | str, name: str | None = None) -> FoundStyle:
        """Copy the style file `file` into the user's own folder, after checking all of it, and return it there.

        It is called `name`, or as its file says. Raises NstError when the name is taken, or the style is damaged or for
        another codec.
        """
        data = read_bytes(Path(file), STYLE_LIMIT_BYTES)
        style = parse_style(data, str(file))
        self._require_codec(style.record.codec_sha256, str(file))
        self.pack.template("bank", "direct").select(style.tensors, str(file))
        chosen = check_name(name or style.record.name)
        target = self.own / f"{chosen}{SUFFIX}"
        taken = next((found for found in self._all() if found.name == chosen and found.origin != "workspace"), None)
        if taken is not None and not (taken.path == target and target.read_bytes() == data):
            first = f"remove that one first (nst-runtime styles remove {chosen}), or " if taken.origin == "own" else ""
            raise NstError(f"there is a style {chosen!r} already, at {taken.path}", f"{first}give it another `name`")
        write_bytes(target, data)
        return FoundStyle(chosen, target, "own")

    def remove(self, name: str) -> Path:
        """Delete the user's own style `name` and return the path it had; raises NstError for any other."""
        path = self.own / f"{check_name(name)}{SUFFIX}"
        if not path.is_file():
            there = ", ".join(found.name for found in _folder_styles(self.own, "own")) or "none"
            raise NstError(f"{name!r} is not one of your own styles in {self.own}; there are {there}")
        try:
            path.unlink()
        except OSError as error:
            raise NstError(f"cannot remove {path}: {error.strerror or error}") from error
        return path

    def _all(self) -> Iterator[FoundStyle]:
        manifest = self.pack.manifest
        for entry in (*manifest.styles, *filter(None, [manifest.plain])):
            yield FoundStyle(entry.name, self.pack.folder / entry.file, "pack")
        yield from _folder_styles(self.own, "own")
        yield from _folder_styles(self.workspace, "workspace")

    def _shown(self) -> dict[str, FoundStyle]:
        """Return what each name stands for: the first style on the path that has it and fits."""
        shown: dict[str, FoundStyle] = {}
        for style in self._all():
            if style.name not in shown and self._fits(style):
                shown[style.name] = style
        return shown

    def _fits(self, style: FoundStyle) -> bool:
        if style.origin == "pack":
            return True
        try:
            return style.record().codec_sha256 == self.pack.manifest.codec.sha256
        except PackError:
            return False

    def _from_file(self, path: Path) -> FoundStyle:
        found = FoundStyle(read_record(path).name, path, "file")
        self._require_fit(found)
        return found

    def _require_fit(self, style: FoundStyle) -> None:
        if style.origin != "pack":
            self._require_codec(style.record().codec_sha256, str(style.path))

    def _require_codec(self, sha256: str, where: str) -> None:
        own = self.pack.manifest.codec.sha256
        if sha256 != own:
            raise PackError(
                f"{where} was trained for codec {sha256[:12]}, the codec of {self.pack.folder} is {own[:12]}",
                "train the style for this codec, or give the `pack` that it belongs to",
            )


def open_library(pack: Path | str | None = None, workspace: Path | str = DEFAULT) -> Library:
    """Return the search path that starts with the pack in the folder `pack`, or with the built-in one.

    Raises PackError when the pack is missing, damaged or of another format.
    """
    folder = DEFAULT_PACK if pack is None else Path(pack)
    return Library(read_pack(folder), own_styles_folder(), Workspace(Path(workspace)).styles)


def _is_plain(style: FoundStyle) -> bool:
    """Tell whether `style` is the pack's `plain`, which paints the photograph itself and is not one to choose."""
    return style.origin == "pack" and style.name == PLAIN


def _folder_styles(folder: Path, origin: Origin) -> Iterator[FoundStyle]:
    try:
        files = sorted(folder.glob(f"*{SUFFIX}"))
    except OSError:
        return
    for path in files:
        if is_name(path.name.removesuffix(SUFFIX)) and path.is_file():
            yield FoundStyle(path.name.removesuffix(SUFFIX), path, origin)
