"""Recipes: files that are checked, stages that follow each other, and settings that would change nothing."""

import json
import os
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest

from nst_features.known_weights import KNOWN
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.settings import entries
from nst_runtime.contracts.styles import read_style
from nst_runtime.errors import NstError
from nst_student.networks.checkpoint import load_codec
from nst_student.recipes.recipe import load_recipe, recipe_names
from nst_student.recipes.settings import Companion, JudgeSettings, PerceptualSettings, StudentSettings
from nst_student.recipes.weights import settle_weights

from .conftest import Run, refused
from .test_cli import CROPS, JUDGES, TINY, sets, write_fake_pairs

DATA = Path(os.environ.get("NST_DATA", Path(__file__).parents[2] / "../shared/data"))


def file(folder: Path, text: str) -> str:
    path = folder / "mine.toml"
    path.write_text(text, encoding="utf-8")
    return str(path)


@pytest.mark.parametrize("name", recipe_names())
def test_a_shipped_recipe_is_whole(name: str) -> None:
    recipe = load_recipe(name)
    assert recipe.summary
    registered = {row.name for row in KNOWN}
    for _, settings in recipe.planned({}):
        judges = settings.perceptual.judges
        named = [judges.weights, judges.deep_weights, *(each.weights for each in judges.companions)]
        assert {str(each) for each in named if each is not None} <= registered


def test_what_ships_is_what_the_pack_says_it_was_trained_by() -> None:
    """The last stage of the recipe `pack`, by the record of the shipped codec."""
    codec = load_codec(Path(__file__).parents[2] / "student/nst_student/networks/shipped/codec.safetensors")
    stages = load_recipe("pack").planned({})
    assert [name for name, _ in stages] == ["reconstruct", "calm", "near"]
    last, recorded = stages[-1][1], codec.record.training
    judges = last.perceptual.judges
    told = {
        "architecture": last.architecture, "mode": last.mode, **last.training.recipe(),
        "content_weight": last.perceptual.weights.content, "content_target": last.perceptual.content_target,
        "deep_weight": last.perceptual.weights.deep, "steady_weight": last.joint.steady,
        "content_layers": ",".join(judges.content_layers), "layer_weights": ",".join(map(str, judges.layer_weights)),
        "content_share": judges.content_share, "deep_content_layers": ",".join(judges.deep_content_layers),
        "scales": judges.scales, "precision": judges.precision, "hard_pictures": last.training.hard_pictures,
        "hard_style": last.perceptual.hard_style,
    }  # fmt: skip
    assert {name: value for name, value in told.items() if recorded[name] != value} == {"sample_every": 500}
    hashes = {row.name: row.sha256 for row in KNOWN}
    assert recorded["weights_sha256"] == hashes[str(judges.weights)]
    assert recorded["deep_weights_sha256"] == hashes[str(judges.deep_weights)]
    hashes["squeezenet1_1"] = hashes["squeezenet1_1_fire5"]  # card.py gathers no more of it than is looked at
    assert all(hashes[str(each.weights)] in str(recorded["companions"]) for each in judges.companions)


def test_stages_change_what_they_name_and_options_change_all() -> None:
    stages = [settings for _, settings in load_recipe("pack").planned({"training": {"batch": 1}})]
    reconstruct, *joint = stages
    assert (reconstruct.mode, reconstruct.training.steps, reconstruct.training.learning_rate) == (
        "reconstruct", 1500, 6e-3
    )  # fmt: skip
    assert [(each.training.steps, each.training.learning_rate) for each in joint] == [(4500, 6e-3), (3300, 5e-3)]
    assert [(each.perceptual.weights.content, each.perceptual.content_target) for each in joint] == [
        (2, 0.85),
        (3, 0.8),
    ]
    assert [(each.perceptual.weights.deep, each.joint.steady) for each in joint] == [(6, 80), (4, 50)]
    assert [(each.training.batch, each.perceptual.hard_style) for each in stages] == 3 * [(1, 0.4)]


def test_a_recipe_extends_another(tmp_path: Path) -> None:
    recipe = load_recipe(file(tmp_path, 'extends = "quick"\nsummary = "longer"\n[training]\nsteps = 900\n'))
    (_, mine), (_, quick) = recipe.planned({})[0], load_recipe("quick").planned({})[0]
    assert (recipe.summary, mine.training.steps) == ("longer", 900)
    assert mine.perceptual == quick.perceptual
    assert mine.training.batch == quick.training.batch == 1


def test_a_recipe_does_not_extend_itself(tmp_path: Path) -> None:
    path = tmp_path / "mine.toml"
    path.write_text(f'extends = "{path}"', encoding="utf-8")
    with pytest.raises(NstError, match="extends itself"):
        load_recipe(str(path))


def test_layers_of_a_recipe_are_left_out_where_the_network_is_of_another_kind() -> None:
    judges = {
        name: load_recipe("quick").planned({"judges": {"network": name}})[0][1].perceptual.judges
        for name in ("vgg19", "resnet50")
    }
    assert judges["vgg19"].layers[0] == "relu1_1"
    assert (judges["resnet50"].layers, judges["resnet50"].layer_weights) == ((), ())
    assert judges["resnet50"].content_share == "own"


def test_what_belongs_to_a_network_or_to_layers_goes_with_them() -> None:
    def fine(**given: Any) -> JudgeSettings:  # noqa: ANN401 (values of TOML)
        return load_recipe("fine").planned({"judges": given})[0][1].perceptual.judges

    assert (fine(network="vgg16").weights, fine(network="vgg19").weights) == (None, Path("vgg19_balanced"))
    assert fine(layers=["relu1_1"]).layer_weights == ()
    assert fine(layers=["relu1_1"], layer_weights=[3]).layer_weights == (3,)


def test_a_recipe_that_is_not_toml_is_told_by_its_path(tmp_path: Path) -> None:
    with pytest.raises(NstError, match=r"mine\.toml is not TOML") as caught:
        load_recipe(file(tmp_path, "a = "))
    assert caught.value.hint == "correct that line"


@pytest.mark.parametrize(
    ("text", "message", "hint"),
    [
        ("steps = 3", "the recipe mine: unknown key steps", "[judges], [losses], [photos], [training]"),
        ("[trainng]\nsteps = 3", "the recipe mine: unknown key trainng", "[training]"),
        ("[training]\nstep = 3", "the recipe mine: there is no setting training.step", "did you mean training.steps?"),
        ("[training]\nsteps = 0", "the recipe mine: training.steps is 0", "whole number of at least 1"),
        ("[training]\nsteps = '3'", "the recipe mine: training.steps must be a whole number", "give whole number"),
        ("[[stages]]\n", "a stage of the recipe mine has no name", "give each stage a name"),
        ("[[stages]]\nname='a'\njudge={}", "the recipe mine: there is no section judge", "[judges]"),
        (
            "[[stages]]\nname='a'\ntraining={objective='pixels'}",
            "the recipe mine: training.objective is the same",
            "into [training]",
        ),
        ("extends = 'quik'", "there is no recipe 'quik'", "name one of these, or a .toml file"),
        ("trains = 'style'", "the recipe mine: trains must be one of 'bank', 'codec'", "beside summary"),
    ],
)
def test_a_recipe_that_is_wrong_is_told(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(NstError) as caught:
        load_recipe(file(tmp_path, text))
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint


@pytest.mark.parametrize("name", recipe_names())
def test_what_explain_prints_is_a_recipe(run: Run, tmp_path: Path, name: str) -> None:
    """With all of its stages."""
    recipe = load_recipe(name)
    printed = load_recipe(file(tmp_path, run("recipes", name, "--explain").stdout))
    assert (printed.summary, printed.trains) == (recipe.summary, recipe.trains)
    assert printed.planned({}) == recipe.planned({})


def test_explain_says_every_setting(run: Run) -> None:
    printed = run("recipes", "--explain").stdout
    told = json.loads(run("recipes", "pack", "--explain", "--json").stdout)
    by_key = {each["key"]: each for each in told["settings"]}
    assert list(by_key) == [entry.key for entry in entries(StudentSettings)]
    assert all(f"\n{entry.name} =" in printed or f"\n# {entry.name} =" in printed for entry in entries(StudentSettings))
    assert (by_key["losses.content"]["value"], by_key["losses.content"]["default"]) == (3, 1)
    assert [stage["name"] for stage in told["stages"]] == ["reconstruct", "calm", "near"]


def test_the_list_says_what_each_recipe_is_for(run: Run) -> None:
    listed = json.loads(run("recipes", "--json").stdout)
    assert {each["name"]: each["trains"] for each in listed} == {"fine": "bank", "pack": "codec", "quick": "bank"}
    lines = run("recipes").stdout.splitlines()
    assert [line.split()[0] for line in lines] == ["NAME", "fine", "pack", "quick"]
    assert all(each["summary"] in line for each, line in zip(listed, lines[1:], strict=True))
    assert "quick would change nothing in the list" in refused(run("recipes", "quick"))


STAGES = """
[training]
batch = 1
[[stages]]
name = "rough"
training = { steps = 3, learning_rate = 0.02 }
[[stages]]
name = "fine"
training = { steps = 2 }
"""


def test_a_stage_begins_with_the_bank_of_the_one_before(run: Run, photos: Path, style: Path, tmp_path: Path) -> None:
    recipe = file(tmp_path, STAGES)
    command = ("train-bank", "--style", "mine", "--style-image", style, "--content", photos, "--recipe", recipe)
    small = (*JUDGES, *sets(photos={"crop_px": 48, "photo_px": 64, "hard_pictures": 2}))
    done = run(*command, *small)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["workspace/styles/mine.safetensors"]
    rough, fine = (
        read_style(tmp_path / f"workspace/{at}styles/mine.safetensors") for at in ("banks/mine/stages/rough/", "")
    )
    assert (rough.record.training["steps"], fine.record.training["steps"]) == (3, 2)
    assert rough.record.training["start_sha256"] is None
    moved = max(abs(rough.tensors[name] - fine.tensors[name]).max() for name in rough.tensors)
    assert 0 < moved < 0.1
    again = run(*command, *small)
    assert again.returncode == 0
    assert again.stderr.count("steps were done before") == 2


def test_the_codec_and_its_styles_go_through_all_stages(run: Run, photos: Path, style: Path, tmp_path: Path) -> None:
    (tmp_path / "catalogue.toml").write_text('[mine]\ntitle = "Stripes"\nartist = "us"\npicture = "style.png"\n')
    stages = (
        'trains = "codec"\n[[stages]]\nname = "plain"\ntraining = { mode = "reconstruct" }\n[[stages]]\nname = "all"\n'
    )
    place = ("--catalogue", "catalogue.toml", "--pictures", tmp_path, "--recipe", file(tmp_path, stages))
    done = run("train-codec", "--content", photos, *place, "--steps", 2, *TINY)
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["workspace/codec/codec.safetensors", "workspace/styles/mine.safetensors"]
    first, last = (
        load_codec(tmp_path / f"workspace/{at}codec/codec.safetensors") for at in ("codec/stages/plain/", "")
    )
    assert (first.record.training["mode"], last.record.training["mode"]) == ("reconstruct", "joint")
    assert last.record.training["start_sha256"] == first.sha256
    record = read_style(tmp_path / "workspace/styles/mine.safetensors").record
    assert (record.info.title, record.info.artist) == ("Stripes", "us")


@pytest.mark.parametrize(
    ("options", "message"),
    [
        (sets(losses={"pixels": 3}), "losses.pixels is for training.objective hybrid, and it is perceptual"),
        (sets(losses={"deep": 3}), "losses.deep is for a second network, and there is none"),
        (sets(losses={"companion": 3}), "losses.companion weighs the companions, and there are none"),
        (sets(training={"mode": "joint"}), "training.mode would change nothing here: it is for train-codec"),
        (sets(photos={"pairs": "x"}), "photos.pairs is for objectives with pixels"),
    ],
)
def test_what_would_change_nothing_is_refused(
    run: Run, photos: Path, style: Path, options: tuple[str, ...], message: str
) -> None:
    data = ("--style", "mine", "--style-image", style, "--content", photos)
    assert f"error: {message}" in refused(run("train-bank", *data, *TINY, *options))


def test_a_weight_of_hard_pictures_needs_some(run: Run, photos: Path, style: Path) -> None:
    data = ("--style", "mine", "--style-image", style, "--content", photos, *JUDGES)
    none = sets(losses={"hard_style": 0.15}, photos={"hard_pictures": 0})
    message = (
        "error: losses.hard_style is for hard pictures, and there are none\nhint: set photos.hard_pictures above 0"
    )
    assert message in refused(run("train-bank", *data, *none))


@pytest.mark.parametrize(
    "options",
    [("--weights", "x"), sets(losses={"style": 3}), sets(losses={"steady": 3}), sets(photos={"hard_pictures": 3})],
)
def test_pairs_leave_nothing_to_judges_and_crops(run: Run, tmp_path: Path, options: tuple[str, ...]) -> None:
    write_fake_pairs(tmp_path / "workspace/pairs/waves")
    line = refused(run("train-bank", "--style", "waves", "--steps", 1, *options))
    assert "training.objective is pixels" in line or "pairs are seen whole" in line


def test_a_codec_that_reconstructs_needs_no_judges(run: Run, photos: Path) -> None:
    plain = ("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 1, *CROPS)
    assert "judges.scales is for joint trainings, and --mode is reconstruct" in refused(
        run(*plain, *sets(judges={"scales": 1}))
    )
    assert "the recipe quick trains a bank" in refused(run(*plain, "--recipe", "quick"))
    assert "styles are trained in joint trainings, and --mode is reconstruct" in refused(
        run(*plain, "--styles", f"a={photos / '0.png'}")
    )


def test_weights_that_are_not_there_are_told_before_anything_is_loaded(run: Run, photos: Path, style: Path) -> None:
    data = ("--style-image", style, "--content", photos)
    done = run("train-bank", "--style", "mine", *data, "--weights", "vgg19_balancd")
    assert "did you mean vgg19_balanced?" in refused(done)
    assert "note:" not in done.stderr
    assert not Path("workspace").exists()


@pytest.mark.parametrize(
    ("given", "network", "layers"),
    [
        ({}, "squeezenet1_1", ()),
        ({"layers": ["fire3"]}, "squeezenet1_1", ("fire3",)),
        ({"network": "vgg16"}, "vgg16", ("relu1_1", "relu2_1", "relu3_1", "relu4_1")),
    ],
)
def test_weights_that_are_known_bring_their_network(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, given: dict[str, Any], network: str, layers: tuple[str, ...]
) -> None:
    """Unless a network is given as well; and its own layers, unless layers are."""
    weights = tmp_path / "squeezenet.safetensors"
    weights.write_bytes(b"weights")
    row = next(row for row in KNOWN if row.name == "squeezenet1_1")
    known = replace(row, sha256=sha256_of_file(weights))
    monkeypatch.setattr("nst_features.known_weights.KNOWN", (known,))
    by_hand = {"judges": {"weights": str(weights), **given}}
    judges = settle_weights(load_recipe("quick").planned(by_hand)[0][1], by_hand).perceptual.judges
    assert (judges.network, judges.layers) == (network, layers)
    assert (judges.layer_weights == ()) == (network == "squeezenet1_1")


@pytest.mark.skipif(not (DATA / "weights").is_dir(), reason=f"needs weights in {DATA} (NST_DATA)")
def test_names_of_weights_become_their_files(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NST_WEIGHTS", str(DATA / "weights"))
    judges = JudgeSettings(
        deep_weights=Path("vgg19_distilled16x_conv5_1"), companions=(Companion("squeezenet1_1", Path("squeezenet1_1")),)
    )
    settled = settle_weights(StudentSettings(perceptual=PerceptualSettings(judges)), {}).perceptual.judges
    assert settled.deep_weights == DATA / "weights/vgg19_distilled16x_conv5_1.safetensors"
    assert [each.weights for each in settled.companions] == [DATA / "weights/squeezenet1_1.safetensors"]
