"""What the layers of a generator do to a photograph, as pictures.

Srinath, Yin and Verma, fig. 8-10: the responses, the style reconstructed at the bank's layers, and the picture on its
way through the decoder.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import torch

from nst_runtime.contracts.files import write_json
from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.collage import Cell, SheetRow
from nst_runtime.pictures.sheet import draw_sheet
from nst_runtime.pictures.write import write_picture
from nst_student.data.pictures import pixels
from nst_student.figures.projection import Projection, project
from nst_student.figures.reconstruction import Kind, Reconstruction, reconstruct
from nst_student.figures.responses import PARTS, Generator, Part, Response, channel_grid

GRID_PX, PICTURE_PX = 400, 168
GRIDS_ACROSS, PICTURES_ACROSS = 3, 7
MOST_STAGES = 6  # of a bank at which the style is reconstructed


@dataclass(frozen=True)
class Plan:
    """For how many steps a picture is made from noise, and the seed of the noise."""

    iterations: int = 200
    seed: int = 0


@dataclass(frozen=True)
class Done:
    """What a step of the work was, and a word of what came of it."""

    name: str
    result: str


@dataclass(frozen=True)
class Attempt:
    """A picture from noise: in which row it stands, the layers by which it is found, and how they are compared."""

    row: str
    keys: tuple[str, ...]
    kind: Kind

    @property
    def caption(self) -> str:
        """The layer, or the last of them."""
        layer = self.keys[-1].partition(".")[2]
        return layer if len(self.keys) == 1 else f"up to {layer}"


@dataclass(frozen=True)
class Found:
    """What came of an attempt, and what the generator paints of it, uint8 H×W×3."""

    attempt: Attempt
    result: Reconstruction
    painted: Pixels


def visualize(
    generator: Generator, photo: torch.Tensor, style: torch.Tensor | None, plan: Plan, out: Path
) -> Iterator[Done]:
    """Write what the layers do to `photo` 1×3×H×W in [0, 1] to the folder `out`; yields after each file or picture.

    - ``responses.png``: the channels of every layer.
    - ``pictures.png``: the photograph as each layer of the encoder has it, and the stylised picture as each of the bank
      and the decoder has it (see `project`).
    - ``reconstructions.png``: from noise, the photograph by each of the encoder's layers, and the style by the Gram
      matrices of the bank's first layer, the first two, and so on (see `reconstruct`), in six stages at most; below
      each of these, what the generator paints of it. The style is that of `style` 1×3×h×w, as in the paper, or if
      there is none that of the stylised photograph.
    - ``visualize.json``: the layers' shapes, how near pictures came, and the losses.

    Each grid and picture is in a file of its own, too.
    """
    image, everything = generator.watch(photo.clone().requires_grad_(True))
    painted = image.detach().clamp(0, 1)
    yield from _write_responses(everything, out)
    responses = [response for response in everything if response.value.requires_grad]  # fixed noise sees no photo
    projections = [project(response, photo if response.part == "encoder" else painted) for response in responses]
    yield from _write_pictures(responses, projections, photo, painted, out)
    originals = {"photo": photo, "style": painted if style is None else style}
    found: list[Found] = []
    for attempt in plan_attempts(responses):
        target = originals[attempt.row]
        result = reconstruct(generator, target, attempt.keys, attempt.kind, iterations=plan.iterations, seed=plan.seed)
        found.append(Found(attempt, result, pixels(generator.paint(result.picture))))
        write_picture(out / "reconstructions" / f"{attempt.row}_{attempt.keys[-1]}.png", pixels(result.picture))
        yield Done(f"{attempt.row}, {attempt.caption}", f"loss {result.initial_loss:.3g} to {result.final_loss:.3g}")
    originals["painted"] = generator.paint(originals["style"])
    yield _write_reconstructions(found, originals, out)
    write_json(out / "visualize.json", _numbers(responses, projections, found))
    yield Done("visualize.json", f"{len(responses)} layers")


def plan_attempts(responses: list[Response]) -> list[Attempt]:
    """Return what is made from noise: the photo by each layer of the encoder, the style by ever more of the bank's.

    Of a bank with more than six layers the stages are spread evenly, the first layer and all of them among them.
    """
    encoder = list(dict.fromkeys(response.key for response in responses if response.part == "encoder"))
    bank = list(dict.fromkeys(response.key for response in responses if response.part == "bank"))
    photos = [Attempt("photo", (key,), "response") for key in encoder]
    stages = min(MOST_STAGES, len(bank))
    ends = [1 + round(stage * (len(bank) - 1) / max(stages - 1, 1)) for stage in range(stages)]
    return photos + [Attempt("style", tuple(bank[:end]), "gram") for end in ends]


def _write_responses(responses: list[Response], out: Path) -> Iterator[Done]:
    grids = [channel_grid(response) for response in responses]
    for response, grid in zip(responses, grids, strict=True):
        write_picture(out / "responses" / f"{response.key}.png", grid)
    cells = {part: _cells(part, responses, grids) for part in PARTS}
    rows = [row for part in PARTS for row in SheetRow(part, cells[part]).wrapped(GRIDS_ACROSS)]
    write_picture(out / "responses.png", draw_sheet(rows, GRID_PX))
    yield Done("responses.png", f"{len(responses)} layers")


def _cells(part: Part, responses: list[Response], pictures: list[Pixels], notes: list[str] | None = None) -> list[Cell]:
    captions = notes or [response.shape for response in responses]
    return [
        Cell(picture, f"{response.name}  {caption}")
        for response, picture, caption in zip(responses, pictures, captions, strict=True)
        if response.part == part
    ]


def _write_pictures(
    responses: list[Response], projections: list[Projection], photo: torch.Tensor, painted: torch.Tensor, out: Path
) -> Iterator[Done]:
    pictures = [projection.picture for projection in projections]
    for response, picture in zip(responses, pictures, strict=True):
        write_picture(out / "pictures" / f"{response.key}.png", picture)
    notes = [f"{projection.psnr_db:.1f} dB" for projection in projections]
    cells = {part: _cells(part, responses, pictures, notes) for part in PARTS}
    cells["encoder"].insert(0, Cell(pixels(photo), "photo"))
    cells["decoder"].append(Cell(pixels(painted), "stylised"))
    rows = [row for part in PARTS for row in SheetRow(part, cells[part]).wrapped(PICTURES_ACROSS)]
    write_picture(out / "pictures.png", draw_sheet(rows, PICTURE_PX))
    yield Done("pictures.png", f"{len(pictures)} layers")


def _write_reconstructions(found: list[Found], originals: dict[str, torch.Tensor], out: Path) -> Done:
    made = {
        "photo": [(one.attempt, pixels(one.result.picture)) for one in found if one.attempt.row == "photo"],
        "style": [(one.attempt, pixels(one.result.picture)) for one in found if one.attempt.row == "style"],
        "painted": [(one.attempt, one.painted) for one in found if one.attempt.row == "style"],
    }
    rows = []
    for name, pictures in made.items():
        cells = [Cell(picture, attempt.caption) for attempt, picture in pictures]
        rows += SheetRow(name, [Cell(pixels(originals[name]), "original"), *cells]).wrapped(PICTURES_ACROSS)
    write_picture(out / "reconstructions.png", draw_sheet(rows, PICTURE_PX))
    return Done("reconstructions.png", f"{len(found)} pictures")


def _numbers(responses: list[Response], projections: list[Projection], found: list[Found]) -> dict[str, Any]:
    return {
        "layers": [
            {
                "part": response.part, "name": response.name, "shape": list(response.value.shape[1:]),
                "picture_psnr_db": round(projection.psnr_db, 2),
            }
            for response, projection in zip(responses, projections, strict=True)
        ],
        "reconstructions": [
            {
                "row": one.attempt.row, "layers": list(one.attempt.keys), "kind": one.attempt.kind,
                "initial_loss": one.result.initial_loss, "final_loss": one.result.final_loss,
            }
            for one in found
        ],
    }  # fmt: skip
