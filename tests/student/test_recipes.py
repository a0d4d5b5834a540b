"""Recipes: files that are checked, stages that follow each other, and settings that would change nothing."""

from pathlib import Path

import pytest

from nst_features.known_weights import KNOWN
from nst_runtime.contracts.styles import read_style
from nst_runtime.errors import NstError
from nst_student.networks.checkpoint import load_codec
from nst_student.recipes.recipe import load_recipe, recipe_names
from nst_student.recipes.settings import StudentSettings

from .conftest import Run, refused
from .test_cli import CROPS, JUDGES, TINY, sets, write_fake_pairs


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
    }  # fmt: skip
    assert {name: value for name, value in told.items() if recorded[name] != value} == {"sample_every": 500}
    hashes = {row.name: row.sha256 for row in KNOWN}
    assert recorded["weights_sha256"] == hashes[str(judges.weights)]
    assert recorded["deep_weights_sha256"] == hashes[str(judges.deep_weights)]
    assert all(hashes[str(each.weights)] in str(recorded["companions"]) for each in judges.companions)


def test_stages_change_what_they_name_and_options_change_all() -> None:
    calm, near = (settings for _, settings in load_recipe("pack").planned({"training": {"batch": 1}})[1:])
    assert (calm.training.steps, near.training.steps) == (3100, 2300)
    assert (calm.joint.steady, near.joint.steady) == (100, 30)
    assert (calm.perceptual.content_target, near.perceptual.content_target) == (0.85, 0.75)
    assert (calm.training.batch, near.training.batch) == (1, 1)


def test_a_recipe_extends_another(tmp_path: Path) -> None:
    recipe = load_recipe(file(tmp_path, 'extends = "quick"\nsummary = "longer"\n[training]\nsteps = 900\n'))
    (_, mine), (_, quick) = recipe.planned({})[0], load_recipe("quick").planned({})[0]
    assert (recipe.summary, mine.training.steps) == ("longer", 900)
    assert mine.perceptual == quick.perceptual
    assert mine.training.batch == quick.training.batch == 1


def test_layers_of_a_recipe_are_left_out_where_the_network_is_of_another_kind() -> None:
    judges = {
        name: load_recipe("quick").planned({"judges": {"network": name}})[0][1].perceptual.judges
        for name in ("vgg19", "resnet50")
    }
    assert judges["vgg19"].layers[0] == "relu1_1"
    assert (judges["resnet50"].layers, judges["resnet50"].layer_weights) == ((), ())
    assert judges["resnet50"].content_share == "own"


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
        ("extends = 'quik'", "there is no recipe 'quik'", "name one of these, or a .toml file"),
        ("a = ", "the recipe mine is not TOML", "correct that line"),
        ("trains = 'style'", "the recipe mine: trains must be one of 'bank', 'codec'", "beside summary"),
    ],
)
def test_a_recipe_that_is_wrong_is_told(tmp_path: Path, text: str, message: str, hint: str) -> None:
    with pytest.raises(NstError) as caught:
        load_recipe(file(tmp_path, text))
    assert caught.value.message.startswith(message)
    assert hint in caught.value.hint


def test_what_explain_prints_is_a_recipe(run: Run, tmp_path: Path) -> None:
    done = run("recipes", "quick", "--explain")
    printed = load_recipe(file(tmp_path, done.stdout))
    assert printed.planned({}) == load_recipe("quick").planned({})
    listed = run("recipes").stdout
    assert all(f"{name} " in listed for name in recipe_names())


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
        read_style(tmp_path / f"workspace/{place}styles/mine.safetensors") for place in ("stages/rough/", "")
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
    first, last = (load_codec(tmp_path / f"workspace/{at}codec/codec.safetensors") for at in ("stages/plain/", ""))
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


def test_weights_that_are_known_bring_their_network(
    run: Run, photos: Path, style: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    wrong = ("train-bank", "--style", "mine", "--style-image", style, "--content", photos, "--weights", "vgg19_balancd")
    line = refused(run(*wrong))
    assert "vgg19_balanced" in line
    assert not Path("workspace/banks").exists()


def test_defaults_are_not_repeated_in_recipes() -> None:
    """A value that is the default says nothing; it would stay when the default changes."""
    plain = StudentSettings()
    for name in ("quick", "fine"):
        settings = load_recipe(name).planned({})[0][1]
        assert settings.photos.photo_px == plain.photos.photo_px
        assert settings.training.optimizer == plain.training.optimizer
