"""A stylizer that is a command of anybody's: a PNG file in, a picture file out."""

import shlex
import subprocess
import tempfile
from pathlib import Path

from nst_runtime.errors import NstError
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture
from nst_student.evaluation.stylizers import PLACES

LONGEST_S = 600.0


class CommandStylizer:
    """A command such as ``prog {input} {output}``, run without a shell, once for each photograph.

    The object is a function from a photograph to the stylised picture, uint8 H×W×3 both. Besides the two, ``{style}``
    stands for the file of the style's picture.
    """

    def __init__(self, command: str, style: Path, longest_s: float = LONGEST_S) -> None:
        """Take `command` apart; raises NstError for open quotes or a missing ``{input}`` or ``{output}``."""
        try:
            self._words = shlex.split(command)
        except ValueError as error:
            raise NstError(f"cannot read the command {command!r} ({error})", "close its quotes") from error
        missing = [place for place in PLACES if not any(place in word for word in self._words)]
        if missing:
            raise NstError(
                f"the command {command!r} lacks {' and '.join(missing)}",
                "write them where the command takes the PNG file to read and the one to write",
            )
        self._style = style.absolute()
        self._longest_s = longest_s

    def __call__(self, photo: Pixels) -> Pixels:
        """Return `photo` stylised; raises NstError when the command fails or gives no picture of the same size."""
        with tempfile.TemporaryDirectory(prefix="nst-") as folder:
            given, made = Path(folder, "input.png"), Path(folder, "output.png")
            write_picture(given, photo)
            self._run({"{input}": str(given), "{output}": str(made), "{style}": str(self._style)})
            if not made.is_file():
                raise NstError(f"{self._words[0]} did not write {{output}}", "make it write a picture to that file")
            picture = read_picture(made).rgb
        if picture.shape != photo.shape:
            sizes = [f"{rgb.shape[1]}×{rgb.shape[0]}" for rgb in (picture, photo)]
            raise NstError(
                f"{self._words[0]} makes a picture of {sizes[0]} px from a photograph of {sizes[1]} px",
                "make it keep the size",
            )
        return picture

    def _run(self, places: dict[str, str]) -> None:
        words = [_filled(word, places) for word in self._words]
        try:
            done = subprocess.run(  # noqa: S603 (the person's own command)
                words, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=self._longest_s
            )
        except subprocess.TimeoutExpired as error:
            raise NstError(
                f"{words[0]} ran for more than {self._longest_s:g} s on one photograph", "run it by hand to see why"
            ) from error
        except OSError as error:
            raise NstError(
                f"cannot run {words[0]}: {error.strerror or error}", "give the path of a program that is installed"
            ) from error
        if done.returncode != 0:
            said = done.stderr.decode(errors="replace").strip().splitlines() or ["it says nothing"]
            raise NstError(f"{words[0]} ended with {done.returncode}: {said[-1][:200]}", "run it by hand to see why")


def _filled(word: str, places: dict[str, str]) -> str:
    for place, value in places.items():
        word = word.replace(place, value)
    return word
