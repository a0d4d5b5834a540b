"""Give all pictures of a folder one look, and make a contact sheet of them.

    python examples/album.py FOLDER OUT

The look is `LOOK` below: a mix of two styles, not at full strength, with half of the photographs' own colors. All
pictures have the statistics of the first one, so that dusk stays darker than noon.
Pictures keep their names in OUT; what is there already is made again, as another look may have made it.
`contact-sheet.jpg` shows them all. A bad picture is told on stderr and stops none of the others; the exit code is
then 1.
"""

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from nst_runtime import ImageError, Look, NstError, Stylizer, read_picture, write_picture
from nst_runtime.jobs.plan import Job, plan
from nst_runtime.jobs.run import stylize_all
from nst_runtime.pictures.arrays import Pixels, resize
from nst_runtime.pictures.collage import tile

LOOK = Look({"waves": 0.6, "klee": 0.4}, strength=0.8, colors=0.5)
SHEET, CELL_PX, ACROSS = "contact-sheet.jpg", 200, 5


def cut_square(rgb: Pixels) -> Pixels:
    """Return the middle of `rgb` as a square for the sheet."""
    height, width = rgb.shape[:2]
    side = min(height, width)
    top, left = (height - side) // 2, (width - side) // 2
    return resize(rgb[top : top + side, left : left + side], CELL_PX, CELL_PX)


def make_sheet(squares: list[Pixels]) -> Pixels:
    """Return `squares` in rows, the last one filled up with white."""
    across = min(ACROSS, len(squares))
    white = np.full_like(squares[0], 255)
    filled = squares + [white] * (-len(squares) % across)
    return tile([filled[first : first + across] for first in range(0, len(filled), across)])


def one_look(stylizer: Stylizer, jobs: Sequence[Job]) -> Look:
    """Return `LOOK` with the statistics of the first picture that can be read."""
    for source in (job.source for job in jobs if job.source is not None):
        try:
            return LOOK.with_statistics(stylizer.measure(source, LOOK))
        except ImageError:
            continue  # what is wrong with it is told when its turn comes
    return LOOK


def make_album(folder: str, target: Path) -> int:
    """Write the pictures of `folder`, and the sheet, to the folder `target`; return how many pictures were bad."""
    jobs = plan([folder], f"{target}/", overwrite=True).jobs
    if any(job.target == target / SHEET for job in jobs):
        raise NstError(f"{folder} has a picture called {SHEET}, as the sheet will be", "rename it")
    squares, bad = [], 0
    stylizer = Stylizer.load()
    for outcome in stylize_all(stylizer, jobs, one_look(stylizer, jobs)):
        if outcome.error is None and outcome.job.target is not None:
            print(outcome.job.target)
            squares.append(cut_square(read_picture(outcome.job.target).rgb))
        else:
            print(outcome.error, file=sys.stderr)
            bad += 1
    if squares:
        write_picture(target / SHEET, make_sheet(squares))
        print(target / SHEET)
    return bad


def main() -> int:
    """Read the command line, make the album, and return the exit code."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", metavar="FOLDER")
    parser.add_argument("target", metavar="OUT", type=Path)
    given = parser.parse_args()
    try:
        return 1 if make_album(given.folder, given.target) else 0
    except NstError as error:
        print(f"error: {error}", file=sys.stderr)
        return 1
    except KeyboardInterrupt:
        return 130


if __name__ == "__main__":
    sys.exit(main())
