"""The presets: their values are the papers', they run without a download, and a method survives a file."""

import json
import tomllib
from pathlib import Path

import pytest

from nst_runtime.errors import NstError
from nst_runtime.pictures.read import read_picture
from nst_teacher.optimise.optimise import Plan
from nst_teacher.settings.layer_matching import match_layers
from nst_teacher.settings.method import DeepJudge, Method
from nst_teacher.settings.method_table import from_table, to_table
from nst_teacher.settings.presets import load_preset, preset_names

from .conftest import Run

FIVE = ("relu1_1", "relu2_1", "relu3_1", "relu4_1", "relu5_1")


def test_gatys() -> None:
    method = load_preset("gatys2016").method()
    assert (method.network, method.pooling, method.start) == ("vgg19", "average", "noise")
    assert (method.content_layers, method.style_layers, method.layer_weights) == (("relu4_2",), FIVE, (0.2,) * 5)
    assert (method.formula.normalisation, method.content_weight, method.plan.optimizer) == ("gatys", 1e-3, "lbfgs")


def test_srinath() -> None:
    preset = load_preset("srinath")
    method = preset.method()
    assert (preset.count, method.network, method.content_weight) == (50, "vgg16", 0.01)
    assert method.formula.normalisation == "mean"
    for optimizer in ("adadelta", "gradient-descent", "adam", "lbfgs"):
        assert preset.method({"optimizer": optimizer}).plan.optimizer == optimizer


def test_mak_and_its_five_cases() -> None:
    preset = load_preset("mak2021")
    method = preset.method()
    assert (preset.size_px, preset.snapshots) == (512, (100, 300, 1900))
    assert (method.plan.optimizer, method.plan.rate, method.plan.iterations) == ("adam", 0.06, 1900)
    assert (method.content_weight, method.style_weight, method.content_layers) == (0.4, 1e6, ("relu3_2",))
    assert (method.formula.style_distance, method.formula.content_distance) == ("l1", "l1")
    assert (method.framing, method.start, method.pooling) == ("square", "zeros", "average")
    assert (method.style_layers, method.layer_weights) == (FIVE, (0.2,) * 5)
    for case in range(1, 6):
        other = load_preset(f"mak2021-case{case}")
        weights = tuple(0.8 if layer == case else 0.2 for layer in range(1, 6))
        assert other.method() == preset.method({"layer_weights": list(weights)})
        assert other.snapshots == preset.snapshots


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
    method = preset.method({"content_weight": 2, "style_layers": ["relu1_1", "relu1_2"]})
    assert (method.content_weight, method.layer_weights) == (2.0, None)
    assert preset.method({"style_layers": ["relu1_1"], "layer_weights": [3]}).layer_weights == (3.0,)


def test_an_unknown_preset_lists_those_there_are(tmp_path: Path) -> None:
    with pytest.raises(NstError, match=r"no preset 'gatys'; there are cs229, gatys2016, mak2021, "):
        load_preset("gatys")
    mine = tmp_path / "mine.toml"
    mine.write_text('extends = "mak2021"\nsummary = "mine"\n[method]\ncontent_weight = 7\n')
    preset = load_preset(str(mine))
    assert (preset.name, preset.summary, preset.method().content_weight) == ("mine", "mine", 7)
    assert preset.method().style_weight == 1e6


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("a = ", "is not TOML"),
        ('colour = "x"', "unknown key 'colour'"),
        ('paper = "p"\nsource = "s"', "lacks 'summary'"),
        ('extends = "singh"\n[method]\nnetwork = "vgg"', "network is 'vgg'; there are vgg16, vgg19"),
        ('extends = "singh"\n[method]\niterations = 1.5', r"iterations is 1\.5, which is not of type int"),
        ('extends = "singh"\n[method]\nstyle_layers = "relu1_1"', "style_layers is 'relu1_1', which is not a list"),
        ('extends = "singh"\n[method]\nlearning = 1', "unknown setting 'learning'; there are average, balance"),
        ('extends = "singh"\n[method]\nlayer_weights = [1, 2]', "2 weights for 5 layers"),
    ],
)
def test_files_that_are_no_presets(tmp_path: Path, text: str, message: str) -> None:
    path = tmp_path / "bad.toml"
    path.write_text(text)
    with pytest.raises(NstError, match=message):
        load_preset(str(path))


def test_methods_survive_a_table(tmp_path: Path) -> None:
    deep = DeepJudge(tmp_path / "deep.pth", layers=("relu5_1",), weight=0.25)
    odd = Method(deep=deep, plan=Plan("adam", 7, 0.5, average=0.9), start="file", start_picture=tmp_path / "start.png")
    painted = Method(start="bank", start_bank="waves", start_pack=tmp_path)
    for method in (Method(), odd, painted, *(load_preset(name).method() for name in preset_names())):
        assert from_table(to_table(method)) == method


def test_a_table_is_what_toml_and_json_hold() -> None:
    table = {key: value for key, value in to_table(load_preset("saric2020").method()).items() if value is not None}
    text = "\n".join(f"{key} = {json.dumps(value)}" for key, value in table.items())
    assert tomllib.loads(text) == table


def test_layers_of_random_filters_stand_in_by_depth() -> None:
    method, stand_ins = match_layers(load_preset("gatys2016").method({"network": "random"}))
    assert method.style_layers == ("scale1", "scale2", "scale3", "scale4")
    assert method.layer_weights == pytest.approx((0.2, 0.2, 0.4, 0.2))
    assert method.content_layers == ("scale3",)
    assert [(s.missing, s.taken) for s in stand_ins][-2:] == [("relu5_1", "scale4"), ("relu4_2", "scale3")]
    resnet, _ = match_layers(load_preset("saric2020").method({"network": "random"}))
    assert (resnet.style_layers, resnet.layer_weights) == (("scale2", "scale3", "scale4"), (1e5, 1.1e4, 1e2))


def test_of_cut_weights_the_deepest_stands_in_and_what_is_there_stays(tiny_vgg: Path) -> None:
    cut = load_preset("cs229").method({"weights": str(tiny_vgg)})
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
    assert table["saric2020"]["table"]["layer_weights"] == [1e5, 1e4, 1e3, 1e2]
    assert table["srinath"]["count"] == 50


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
    assert result.err.startswith("layers of random that stand in: scale")
    assert read_picture(out).rgb.shape == ((32, 32, 3) if name.startswith("mak") else (32, 41, 3))
