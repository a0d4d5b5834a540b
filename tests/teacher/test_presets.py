"""The presets: their values are the papers', they run without a download, and a method survives a file."""

import json
from pathlib import Path

import pytest

from nst_runtime.contracts.records import to_json
from nst_runtime.contracts.settings import apply, entries, to_sections
from nst_runtime.errors import NstError
from nst_runtime.pictures.read import read_picture
from nst_teacher.engine.layer_matching import match_layers
from nst_teacher.settings.method import DeepJudge, Method
from nst_teacher.settings.plan import Plan
from nst_teacher.settings.presets import choose, load_preset, preset_names
from nst_teacher.settings.teacher_settings import TeacherSettings

from .conftest import Run
from .test_cli import check_refused

FIVE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


def test_gatys() -> None:
    method = load_preset("gatys2016").method()
    assert (method.network, method.pooling, method.start) == ("vgg19", "average", "noise")
    assert (method.content_layers, method.style_layers, method.layer_weights) == (("relu4_2",), FIVE, (0.2,) * 5)
    assert (method.formula.normalisation, method.content_weight, method.plan.optimizer) == ("gatys", 1e-3, "lbfgs")


def test_srinath() -> None:
    preset = load_preset("srinath")
    method = preset.method()
    assert choose(preset.sections, {}).generate.count == 50
    assert (method.network, method.content_weight) == ("vgg16", 0.01)
    assert method.formula.normalisation == "mean"
    for optimizer in ("adadelta", "gradient-descent", "adam", "lbfgs"):
        assert preset.method({"optimisation": {"optimizer": optimizer}}).plan.optimizer == optimizer


def test_mak_and_its_five_cases() -> None:
    preset = load_preset("mak2021")
    method = preset.method()
    settings = choose(preset.sections, {})
    assert (settings.size_px, settings.stylize.snapshots) == (512, (100, 300, 1900))
    assert (method.plan.optimizer, method.plan.rate, method.plan.iterations) == ("adam", 0.06, 1900)
    assert (method.content_weight, method.style_weight, method.content_layers) == (0.4, 1e6, ("relu3_2",))
    assert (method.formula.style_distance, method.formula.content_distance) == ("l1", "l1")
    assert (method.framing, method.start, method.pooling) == ("square", "zeros", "average")
    assert (method.style_layers, method.layer_weights) == (FIVE, (0.2,) * 5)
    for case in range(1, 6):
        other = load_preset(f"mak2021-case{case}")
        weights = tuple(0.8 if layer == case else 0.2 for layer in range(1, 6))
        assert other.method() == preset.method({"network": {"layer_weights": list(weights)}})
        assert choose(other.sections, {}).stylize == settings.stylize


def test_cs229_saric_and_singh() -> None:
    cs229 = load_preset("cs229").method()
    assert (cs229.formula.variation, cs229.framing, cs229.plan.optimizer) == ("absolute", "crop", "adam")
    assert cs229.variation_weight > 0
    saric = load_preset("saric2020").method()
    assert (saric.network, saric.content_layers) == ("resnet50", ("block3",))
    assert (saric.layer_weights, saric.formula.gram_scale) == ((1e5, 1e4, 1e3, 1e2), "pixels")
    assert (saric.plan.optimizer, saric.plan.iterations) == ("lbfgs", 500)
    singh = load_preset("singh").method()
    assert (singh.network, singh.style_layers, singh.content_layers) == ("vgg19", FIVE, ("relu5_4",))
    assert (singh.start, singh.plan.iterations) == ("noise", 20)


def test_overrides_win_and_other_layers_drop_the_presets_weights() -> None:
    preset = load_preset("mak2021")
    method = preset.method({"losses": {"content_weight": 2}, "network": {"style_layers": ["relu1_1", "relu1_2"]}})
    assert (method.content_weight, method.layer_weights) == (2.0, None)
    own = {"network": {"style_layers": ["relu1_1"], "layer_weights": [3]}}
    assert preset.method(own).layer_weights == (3.0,)
    assert preset.method().layer_weights == (0.2,) * 5


def test_a_picture_or_a_bank_to_start_from_says_what_kind_of_start_it_is(tmp_path: Path) -> None:
    preset = load_preset("mak2021")
    for name, start in (("start_picture", "file"), ("start_bank", "bank")):
        assert preset.method({"optimisation": {name: "waves"}}).start == start


def test_an_unknown_preset_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(NstError, match=r"no preset 'gatys'; there are cs229, gatys2016, mak2021, "):
        load_preset("gatys")
    mine = tmp_path / "mine.toml"
    mine.write_text('extends = "mak2021"\nsummary = "mine"\n[losses]\ncontent_weight = 7\n')
    preset = load_preset(str(mine))
    assert (preset.name, preset.summary, preset.method().content_weight) == ("mine", "mine", 7)
    assert preset.method().style_weight == 1e6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "is not TOML"),
        (
            'colour = "x"',
            r"colour stands in no section; write it below its \[section\]; above them there are paper, source",
        ),
        ("paper = 7", "paper must be a text; write it in quotes"),
        ('extends = "{path}"', "extends itself"),
        ('[network]\nnetwork = "vgg"', "network.network must be one of 'vgg16', .*, not 'vgg'; give vgg16|vgg19"),
        ("[optimisation]\niterations = 1.5", r"optimisation\.iterations must be a whole number, not '1\.5'"),
        (
            "[optimisation]\niterations = 0",
            "optimisation.iterations is 0; give whole number of at least 1; without it: 60",
        ),
        ('[network]\nstyle_layers = "relu1_1"', "network.style_layers must be a list, not 'relu1_1'"),
        ("[losses]\ncontent_wait = 1", "there is no setting losses.content_wait; did you mean losses.content_weight"),
        ("[method]\niterations = 1", "there is no section method; there are deep, generate, losses, machines, network"),
        ('extends = "singh"\n[network]\nlayer_weights = [1, 2]', "2 weights for 5 layers"),
        ("[deep]\nweight = 1", "`deep.weight` says nothing without `deep.weights`"),
    ],
)
def test_files_that_are_no_presets(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text.format(path=path) if "{path}" in text else text)
    with pytest.raises(NstError, match=message) as refusal:
        load_preset(str(path))
    assert refusal.value.message.startswith(f"preset {path}")


def test_methods_survive_sections(tmp_path: Path) -> None:
    deep = DeepJudge(tmp_path / "deep.pth", layers=("relu5_1",), weight=0.25)
    odd = Method(deep=deep, plan=Plan("adam", 7, 0.5, average=0.9), start="file", start_picture=tmp_path / "start.png")
    painted = Method(start="bank", start_bank="waves", start_pack=tmp_path)
    for method in (Method(), odd, painted, *(load_preset(name).method() for name in preset_names())):
        given = {
            section: {name: to_json(value) for name, value in values.items() if value is not None}
            for section, values in to_sections(method).items()
        }
        assert apply(Method(), given) == method


def test_every_preset_says_where_it_is_from() -> None:
    for name in preset_names():
        preset = load_preset(name)
        assert preset.paper
        assert preset.source
        assert preset.summary


@pytest.mark.parametrize("name", [None, "mak2021", "saric2020"])
def test_what_explain_prints_is_a_preset(run: Run, name: str | None, tmp_path: Path) -> None:
    asked = [] if name is None else [name]
    result = run("presets", "--explain", *asked)
    assert (result.code, result.err) == (0, "")
    path = tmp_path / "mine.toml"
    path.write_text(result.out, encoding="utf-8")
    base = {} if name is None else load_preset(name).sections
    again = load_preset(str(path))
    assert choose(again.sections, {}) == choose(base, {})
    assert name is None or (again.paper, again.summary) == (load_preset(name).paper, load_preset(name).summary)
    assert "# How hard content pulls against style, for balance auto (number of at least 0)." in result.out
    rows = json.loads(run("presets", "--explain", *asked, "--json").out)["settings"]
    assert [row["key"] for row in rows] == [entry.key for entry in entries(TeacherSettings)]
    values = {row["key"]: row["value"] for row in rows}
    assert values["optimisation.iterations"] == choose(base, {}).method.plan.iterations


def test_every_setting_says_what_it_means_and_no_two_methods_settings_have_one_name() -> None:
    for entry in entries(TeacherSettings):
        assert entry.about.meaning.endswith("."), entry.key
    names = [entry.name for entry in entries(Method) if entry.section != "deep"]
    assert len(names) == len(set(names))


def test_layers_of_random_filters_stand_in_by_depth() -> None:
    method, stand_ins = match_layers(load_preset("gatys2016").method({"network": {"network": "random"}}))
    assert method.style_layers == ("scale1", "scale2", "scale3", "scale4")
    assert method.layer_weights == pytest.approx((0.2, 0.2, 0.4, 0.2))
    assert method.content_layers == ("scale3",)
    assert [(s.missing, s.taken) for s in stand_ins][-2:] == [("relu5_1", "scale4"), ("relu4_2", "scale3")]
    resnet, _ = match_layers(load_preset("saric2020").method({"network": {"network": "random"}}))
    assert (resnet.style_layers, resnet.layer_weights) == (("scale2", "scale3", "scale4"), (1e5, 1.1e4, 1e2))


def test_of_cut_weights_the_deepest_stands_in_and_what_is_there_stays(tiny_vgg: Path) -> None:
    cut = load_preset("cs229").method({"network": {"weights": str(tiny_vgg)}})
    method, stand_ins = match_layers(cut)
    assert method.style_layers == ("relu1_1", "relu2_1", "relu3_1")
    assert method.layer_weights == pytest.approx((0.2, 0.2, 0.6))
    assert {s.missing: s.taken for s in stand_ins} == dict.fromkeys(("relu4_1", "relu5_1", "relu4_2"), "relu3_1")
    there = Method(network="vgg19", weights=tiny_vgg, style_layers=("relu1_2",))
    assert match_layers(there) == (there, ())
    with pytest.raises(NstError, match="vgg19 has no layer relu9_9, nor has any other network; it has relu1_1"):
        match_layers(Method(network="vgg19", weights=tiny_vgg, style_layers=("relu9_9",)))


def test_the_table_names_paper_and_table(run: Run) -> None:
    result = run("presets")
    assert (result.code, result.err) == (0, "")
    rows = {line.split("\t")[0]: line for line in result.out.splitlines()}
    assert set(rows) == set(preset_names())
    assert "2021: table 1; sec. 2.1 and 2.2; table 2, benchmark\tVGG-19" in rows["mak2021"]
    table = {entry["name"]: entry for entry in json.loads(run("presets", "--json").out)}
    assert table["saric2020"]["settings"]["network"]["layer_weights"] == [1e5, 1e4, 1e3, 1e2]
    assert table["srinath"]["settings"]["generate"]["count"] == 50
    check_refused(run("presets", "singh"), "singh would change nothing in the list; give --explain singh")


@pytest.mark.parametrize("name", preset_names())
def test_every_preset_runs_without_a_download(
    run: Run, name: str, photos: Path, style_picture: Path, tmp_path: Path
) -> None:
    out = tmp_path / "out.png"
    result = run(
        "stylize", photos / "photo_0.png", style_picture, out, "--preset", name, "--network", "random", "--size", 32,
        "--iterations", 2,
    )  # fmt: skip
    assert (result.code, result.out) == (0, f"{out}\n")
    assert result.err.startswith("note: layers of random that stand in: scale")
    assert read_picture(out).rgb.shape == ((32, 32, 3) if name.startswith("mak") else (32, 41, 3))
