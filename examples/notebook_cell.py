"""A style at three strengths, side by side: what one writes in a notebook.

Copy the part between the `# %%` lines to a cell; its last line, `side_by_side("photo.jpg", "klee")`, shows the picture.
In an editor that knows `# %%`, the file is a notebook. It is a program too:

    python examples/notebook_cell.py photo.jpg klee strengths.png
"""

# %% One cell
from collections.abc import Sequence
from pathlib import Path

from PIL import Image

from nst_runtime import Look, Stylizer, read_picture
from nst_runtime.pictures.arrays import resize_short_side
from nst_runtime.pictures.collage import tile

stylizer = Stylizer.load()


def side_by_side(photo: Path | str, style: str, strengths: Sequence[float] = (0.5, 1.0, 1.5)) -> Image.Image:
    """Return `photo` with a short side of 320 pixels, painted with `style` at each of `strengths`, from left to right.

    The encoder's work is done once for all of them.
    """
    small = resize_short_side(read_picture(photo).rgb, 320)
    encoded = stylizer.encode(small)
    return Image.fromarray(tile([[stylizer.paint(encoded, Look(style, strength=each)) for each in strengths]]))


# %% The program
if __name__ == "__main__":
    import sys

    from nst_runtime import NstError, write_picture

    if len(sys.argv) != 4:
        sys.exit("usage: python notebook_cell.py PHOTO STYLE OUT")
    try:
        write_picture(sys.argv[3], side_by_side(sys.argv[1], sys.argv[2]))
    except NstError as error:
        sys.exit(f"error: {error}")
