"""Try architectures on one graphics card: each trained alike with a few styles, and measured.

    python -m assets.default_pack.search FOLDER OUT --minutes 8
    python -m assets.default_pack.search FOLDER OUT2 --minutes 8 --resume OUT    # goes on where that stopped

FOLDER is what card.py gathered. The settings are those of the recipe pack, its stages reconstruct and calm in fewer
steps. OUT has a sheet for each architecture, search.json, and parts of an archive as card.py leaves them.
search_table.py tells the rest at home.
"""

import argparse
import json
import shutil
import time
from dataclasses import replace
from functools import cache, partial
from pathlib import Path
from typing import get_args

import torch
from assets.default_pack import card

from nst_features.device import pick_device
from nst_runtime.contracts.files import write_json
from nst_runtime.contracts.workspace import Workspace
from nst_runtime.pictures.collage import tile
from nst_runtime.pictures.write import write_picture
from nst_student.networks.registry import ARCHITECTURES
from nst_student.recipes.settings import ArchitectureName
from nst_student.training.session import STATE_FILE
from nst_student.training.stages import Stages, place_of, train_codec_in_stages

FIGURES = "search.json"
UNETS: list[ArchitectureName] = [name for name in get_args(ArchitectureName) if name.startswith("unet")]
STYLES = ("udnie", "waves", "kandinsky", "mosaic")  # large forms and fine lines
Found = dict[str, dict[str, dict[str, float]]]  # figures by architecture and style


def main() -> None:
    """Read the arguments and search."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("folder", type=Path)
    parser.add_argument("out", type=Path)
    parser.add_argument("--architectures", type=_words, default=UNETS, help=f"of {', '.join(ARCHITECTURES)}")
    parser.add_argument("--styles", type=_words, default=STYLES, help="of the catalogue")
    parser.add_argument("--steps", type=int, default=600, help="joint ones, of each architecture")
    parser.add_argument("--reconstruct", type=int, default=400, help="steps of the codec alone before")
    parser.add_argument("--minutes", type=float, default=8.0, help="stop training after so long")
    parser.add_argument("--resume", type=Path, help="OUT of the run before, which is not at its end")
    parser.add_argument("--set", dest="sets", action="append", default=[], help="SECTION.NAME=VALUE")
    parser.add_argument("--tiny", action="store_true", help="a rehearsal: small squares, few pictures")
    options = parser.parse_args()
    for wanted, known in ((options.architectures, ARCHITECTURES), (options.styles, card.styles())):
        if unknown := [name for name in wanted if name not in known]:
            parser.error(f"no {', '.join(unknown)}; there are {', '.join(known)}")
    search(options)


def search(options: argparse.Namespace) -> None:
    """Train and measure one architecture after the other for some minutes, and leave all there is in OUT."""
    deadline = time.monotonic() + 60 * options.minutes
    found = _take_up(options)
    for name in options.architectures:
        if name not in found:
            figures = _try(options, name, deadline)
            if figures is None:
                break
            found[name] = figures
            write_json(options.out / FIGURES, found)
    waiting = [name for name in options.architectures if name not in found]
    print("still to be trained:", ", ".join(waiting) or "nothing", flush=True)
    card.pack_up(options.out)


def _take_up(options: argparse.Namespace) -> Found:
    """Bring what the run before left into OUT; return the figures that it has found."""
    if options.resume is None:
        return {}
    card.unpack(options.resume, options.out / "workspace")
    for path in options.resume.iterdir():
        if path.suffix in (".json", ".jpg"):
            shutil.copy(path, options.out)
    figures = options.out / FIGURES
    return json.loads(figures.read_text()) if figures.exists() else {}


def _try(options: argparse.Namespace, name: ArchitectureName, deadline: float) -> dict[str, dict[str, float]] | None:
    """Train the architecture `name`; return its figures by style, None where the time is over before it is trained."""
    device = pick_device("auto")
    workspace, stages = Workspace(options.out / "workspace" / name), _stages(options, name)
    read = cache(partial(card.read_photos, options.folder / "photos"))
    progress = train_codec_in_stages(
        workspace, card.sources(options.folder, options.styles), stages, device, photos=read, infos=card.infos()
    )
    print(f"architecture {name}", flush=True)
    last = card.follow_stages(progress, deadline)
    settings = dict(stages)[last]
    state = torch.load(place_of(workspace, stages, last).codec / STATE_FILE, map_location="cpu", weights_only=True)
    if last != stages[-1][0] or int(state["step"]) < settings.training.steps:
        return None
    generator = card.restore(workspace, read(settings.photos), settings, options.styles).to(device)
    figures, rows = card.measure(generator, options, device)
    write_picture(options.out / f"sheet_{name}.jpg", tile(rows))
    for path in workspace.codec.iterdir():  # what a trial is judged by stays: its codec and its style files
        if path.is_dir():
            shutil.rmtree(path)
        elif path.name == STATE_FILE:
            path.unlink()
    return figures


def _stages(options: argparse.Namespace, name: ArchitectureName) -> Stages:
    """Return the recipe's first two stages, of the architecture `name` and with the steps that the options say."""
    planned = dict(card.plan(options))
    steps = {"reconstruct": options.reconstruct, "calm": options.steps}
    return [
        (stage, replace(each, architecture=name, training=replace(each.training, steps=steps[stage], sample_every=0)))
        for stage, each in planned.items()
        if stage in steps
    ]


def _words(text: str) -> list[str]:
    return [word for word in text.split(",") if word]


if __name__ == "__main__":
    main()
