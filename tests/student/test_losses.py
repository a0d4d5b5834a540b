"""Losses and quality numbers, on values that can be worked out by hand."""

import math
from pathlib import Path

import numpy as np
import pytest
import torch

from nst_features.networks import load_network
from nst_runtime.pictures.write import write_picture
from nst_student.data.photos import Crops
from nst_student.losses.balance import GAIN, ContentBalance, hold_content
from nst_student.losses.judges import Judging
from nst_student.losses.losses import ShareJudge, StyleTarget, content_distance, content_energy
from nst_student.losses.objective import LEAST_SHARE, ContentEnergies, PerceptualObjective
from nst_student.losses.terms import PICTURE_TERMS, grid_energies, term_weights
from nst_student.losses.texture import haar_energies, texture_distances
from nst_student.recipes.settings import JudgeSettings, PerceptualWeights, StyleSource

from .conftest import clouds

LAYERS = ("scale1", "scale2")
CPU = torch.device("cpu")


def picture(seed: int, size: int = 64) -> torch.Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


def test_shares_are_one_for_the_photos_and_nought_for_the_style() -> None:
    judge = ShareJudge(load_network("random"), LAYERS, scales=2, content_layers=("scale2",))
    style, photo = picture(0).pow(3), picture(1)
    target = StyleTarget(judge, style, [photo])
    assert target.grams.keys() == {"scale1/1", "scale2/1", "scale1/2", "scale2/2"}
    assert float(target.share(judge.look(photo)[0])) == pytest.approx(1, abs=1e-5)
    assert float(target.share(judge.look(style)[0])) == pytest.approx(0, abs=1e-9)


def test_layers_count_by_their_weights() -> None:
    network = load_network("random")
    style, photo, other = picture(0).pow(3), picture(1), picture(2).sqrt()

    def share(layers: tuple[str, ...], weights: tuple[float, ...]) -> float:
        judge = ShareJudge(network, layers, layer_weights=weights)
        return float(StyleTarget(judge, style, [photo]).share(judge.look(other)[0]))

    first, second = share(("scale1",), ()), share(("scale2",), ())
    assert first != pytest.approx(second, rel=0.05)
    assert share(LAYERS, ()) == pytest.approx((first + second) / 2, rel=1e-4)
    assert share(LAYERS, (1, 3)) == pytest.approx((first + 3 * second) / 4, rel=1e-4)


def test_content_distance_is_relative_to_the_photo() -> None:
    photo = torch.full((2, 4, 3, 3), 2.0)
    assert content_distance(torch.zeros_like(photo), photo).tolist() == pytest.approx([1, 1])
    assert content_distance(photo * 1.5, photo).tolist() == pytest.approx([0.25, 0.25])


def test_grid_energy_sees_a_lattice_and_not_a_lattice_of_another_period() -> None:
    flat = torch.full((1, 3, 64, 64), 0.5)
    dots = flat.clone()
    dots[:, :, ::4, ::4] += 0.4
    fives = flat.clone()
    fives[:, :, ::5, ::5] += 0.4
    eights = flat.clone()
    eights[:, :, ::8, ::8] += 0.4
    # One position in 16 is 0.4 higher: variance 0.16 · (1/16) · (15/16); of a lattice of 8 px one in 64.
    assert float(grid_energies(eights)) == pytest.approx(0.16 * 63 / 64**2, rel=1e-4)
    assert float(grid_energies(dots)) == pytest.approx(0.16 * 15 / 256, rel=1e-4)
    assert float(grid_energies(flat)) == pytest.approx(0, abs=1e-9)
    assert float(grid_energies(fives)) < 0.15 * float(grid_energies(dots))


def test_haar_energies_find_each_orientation() -> None:
    stripes = torch.zeros(1, 3, 32, 32)
    stripes[:, :, ::2] = 1.0
    energies = haar_energies(stripes).view(2, 3, 3)
    # Rows that alternate: a + b - c - d is ±2, halved ±1; no other orientation, and nothing once halved in size.
    assert energies[0, 0].tolist() == pytest.approx([1, 1, 1])
    assert float(energies[0, 1:].abs().max()) == 0
    assert float(energies[1].abs().max()) == 0


def test_texture_distance_counts_factors() -> None:
    image = picture(3)
    target = haar_energies(image)
    assert float(texture_distances(image, target)) == pytest.approx(0, abs=1e-9)
    louder = (image - 0.5) * 2 + 0.5  # four times the energy
    assert float(texture_distances(louder, target)) == pytest.approx(float(torch.tensor(4.0).log() ** 2), rel=0.01)


def test_balance_holds_each_content_to_its_target() -> None:
    balance = ContentBalance(2, torch.tensor([1.0, 2.0]), steps=1000)
    for step in range(350, 390):
        balance.observe(torch.tensor([1.5, 1.5]), balance.gain(step))
    assert balance.weights().tolist() == pytest.approx(
        [math.exp(40 * GAIN * 0.5), math.exp(-40 * GAIN * 0.5)], rel=1e-4
    )
    for _ in range(1000):
        balance.observe(torch.tensor([9.0, 2.0]), balance.gain(999))
    assert balance.weights().tolist() == pytest.approx([math.exp(2.0), math.exp(-40 * GAIN * 0.5)], rel=1e-4)


def test_balance_waits_and_may_be_off() -> None:
    for targets, step in ((torch.ones(1), 349), (None, 999)):
        balance = ContentBalance(1, targets, steps=1000)
        balance.observe(torch.tensor([9.0]), balance.gain(step))
        assert balance.weights().tolist() == [1]


def test_balance_moves_the_tensor_that_a_state_keeps() -> None:
    """The state on disk and a recorded step hold the tensor itself, so it must not be replaced."""
    balance = ContentBalance(1, torch.ones(1), steps=10)
    kept = balance.log_weights
    balance.observe(torch.tensor([2.0]), balance.gain(9))
    assert float(kept) == pytest.approx(GAIN)


def objective_of(strengths: list[list[float]] | None) -> PerceptualObjective:
    """Return the objective of two styles whose pictures have so many times the energies of photographs."""
    judge = ShareJudge(load_network("random"), LAYERS, content_layers=("scale2",))
    targets = {"style": [StyleTarget(judge, picture(seed).pow(3), [picture(4)]) for seed in (0, 1)]}
    given = None if strengths is None else torch.tensor(strengths)
    return PerceptualObjective(
        {"style": judge}, PerceptualWeights(), targets, {("style", "scale2"): 1.0}, strengths=given
    )


@pytest.mark.parametrize(
    ("strengths", "expected"),
    [
        (None, [0.8, 0.8]),
        ([[1], [1]], [0.8, 0.8]),
        ([[2.25], [0.64]], [3.25 - 1.2 * 1.5, 1.64 - 1.2 * 0.8]),
        ([[1, 2.25], [2.25, 4]], [(0.8 + 1.45) / 2, (1.45 + 2.6) / 2]),
        ([[0.1], [9]], [1.4 - 1.2 * 0.4**0.5, 2.6]),  # as of 0.4 and 4
        ([[0.1, 9], [1, 9]], [(1.4 - 1.2 * 0.4**0.5 + 2.6) / 2, (0.8 + 2.6) / 2]),  # each layer within its limits
    ],
)
def test_a_strong_style_may_lie_as_far_as_one_as_like_the_photo(
    strengths: list[list[float]] | None, expected: list[float]
) -> None:
    """A target of 0.8 is a correlation of 0.6: 1 + e - 1.2 √e, the mean over the layers."""
    assert objective_of(strengths).content_targets(0.8).tolist() == pytest.approx(expected, rel=1e-5)


def test_a_style_is_as_strong_as_its_picture_is_beside_the_photographs(tmp_path: Path) -> None:
    """The only photograph, as a style, has a strength of about 1."""
    photo = clouds(0, 48)
    pictures = {"photo": photo, "pale": 128 + (photo - 128.0) / 3, "strong": 128 + 2 * (photo - 128.0)}
    for name, pixels in pictures.items():
        write_picture(tmp_path / f"{name}.png", np.clip(pixels, 0, 255).astype(np.uint8))
    styles = [StyleSource(name, tmp_path / f"{name}.png") for name in pictures]
    settings = JudgeSettings("random", scales=1, style_size_px=48, content_layers=("scale2", "scale3"))
    objective = Judging(settings, PerceptualWeights(), styles, CPU).objective(Crops([photo], 48, seed=0))
    assert objective.strengths.shape == (3, 2)
    assert objective.strengths[0].tolist() == pytest.approx([1, 1], rel=0.15)
    assert float(objective.strengths[1].max()) < 0.5
    assert float(objective.strengths[2].min()) > 1.3
    itself, pale, strong = objective.content_targets(0.8).tolist()
    assert itself == pytest.approx(0.8, rel=0.15)
    assert pale < itself < strong - 0.1


@pytest.mark.parametrize(
    ("judged", "target", "moved"), [(True, 0.8, True), (True, None, False), (False, 0.8, False), (False, None, False)]
)
def test_contents_are_held_where_there_is_something_to_hold_them_by(
    judged: bool, target: float | None, moved: bool
) -> None:
    """Each style's by its own strength: a loss of 0.8 is right for a strength of 1, and low for one of 4."""
    balance = hold_content(objective_of([[1], [4]]) if judged else None, target, 2, 100, CPU)
    assert float(balance.gain(34)) == 0
    balance.observe(torch.tensor([0.8, 0.8]), balance.gain(99))
    assert balance.weights().tolist() == pytest.approx([1, math.exp(GAIN * (0.8 - 2.6)) if moved else 1], rel=1e-6)


def test_the_objective_judges_each_style_by_its_own_target() -> None:
    judge = ShareJudge(load_network("random"), LAYERS, content_layers=("scale2",))
    photos = torch.cat([picture(4), picture(5)])
    styles = [picture(0).pow(3), picture(1).sqrt()]
    targets = {"style": [StyleTarget(judge, style, [photos]) for style in styles]}
    objective = PerceptualObjective({"style": judge}, PerceptualWeights(), targets, {("style", "scale2"): 1.0})
    right = objective(torch.cat(styles), photos, torch.ones(2))
    assert right["style"].tolist() == pytest.approx([0, 0], abs=1e-8)
    swapped = objective(torch.cat(styles[::-1]), photos, torch.ones(2))
    assert float(swapped["style"].min()) > 0.1
    itself = objective(photos, photos, torch.ones(2))
    assert float(itself["content"][0]) == pytest.approx(0, abs=1e-8)
    outside = objective(photos + 2, photos, torch.ones(2))
    assert float(outside["range"][1]) == pytest.approx(float((photos + 1).square()[1].mean()), rel=1e-4)


def test_a_picture_may_count_for_less_of_its_style() -> None:
    judge = ShareJudge(load_network("random"), LAYERS, 2, ("scale2",))
    photos = torch.cat([picture(seed) for seed in range(4, 8)])
    targets = {"style": [StyleTarget(judge, style, [photos]) for style in (picture(0).pow(3), picture(1).sqrt())]}
    objective = PerceptualObjective({"style": judge}, PerceptualWeights(), targets, {("style", "scale2"): 1.0})
    outputs, once = photos.pow(2), torch.ones(2)
    parts = []
    for place in range(4):
        alone = torch.zeros(4)
        alone[place] = 1
        parts.append(objective(outputs, photos, once, alone)["style"].tolist())
    found = objective(outputs, photos, once, torch.tensor([1, 0.15, 0.15, 1]))
    expected = [parts[0][0] + 0.15 * parts[1][0], 0.15 * parts[2][1] + parts[3][1]]
    assert found["style"].tolist() == pytest.approx(expected, rel=1e-4)
    whole = objective(outputs, photos, once)
    difference = PerceptualWeights().style * (found["style"] - whole["style"])
    assert (found["loss"] - whole["loss"]).tolist() == pytest.approx(difference.tolist(), rel=1e-3)


def test_styles_together_are_judged_as_each_by_itself() -> None:
    """Two crops a style, one style after the other, and a content factor each: every term of both, and the loss."""
    judge = ShareJudge(load_network("random"), LAYERS, 2, ("scale2",), (1, 3))
    photos = torch.cat([picture(seed) for seed in range(4, 8)])
    outputs = photos.pow(2) * 1.2 - 0.1
    targets = [StyleTarget(judge, style, [photos]) for style in (picture(0).pow(3), picture(1).sqrt())]
    energies, factors = {("style", "scale2"): 1.5}, torch.tensor([1.0, 2.5])

    def judged(targets: list[StyleTarget], place: slice, factors: torch.Tensor) -> dict[str, torch.Tensor]:
        objective = PerceptualObjective({"style": judge}, PerceptualWeights(), {"style": targets}, energies)
        return objective(outputs[place], photos[place], factors)

    together = judged(targets, slice(None), factors)
    apart = [judged([targets[i]], slice(2 * i, 2 * i + 2), factors[i : i + 1]) for i in range(2)]
    for term, values in together.items():
        assert values.tolist() == pytest.approx([float(one[term]) for one in apart], rel=1e-4), term
    assert together.keys() == {"content", "range", "grid", "texture", "style", "loss"}
    weights = PerceptualWeights()
    expected = (
        weights.style * together["style"] + weights.content * factors * together["content"]
        + weights.texture * together["texture"] + weights.grid * together["grid"] + weights.range * together["range"]
    )  # fmt: skip
    assert together["loss"].tolist() == pytest.approx(expected.tolist(), rel=1e-4)


def test_content_is_a_share_of_the_photos_mean_energy_or_of_each_crops_own() -> None:
    """A crop's own counts for no less than a fifth of the mean."""
    judge = ShareJudge(load_network("random"), LAYERS, content_layers=("scale2",))
    loud, quiet = picture(4), picture(5) * 0.1 + 0.45
    targets = {"style": [StyleTarget(judge, picture(0), [loud])]}
    energies = [float(content_energy(judge.look_at_content(photo)["scale2"])) for photo in (loud, quiet)]
    assert energies[0] > 2 * energies[1]

    def contents(energy: float, own: bool) -> list[float]:
        objective = PerceptualObjective(
            {"style": judge}, PerceptualWeights(), targets, {("style", "scale2"): energy}, own_energies=own
        )
        return [float(objective(photo * 0.8, photo, torch.ones(1))["content"]) for photo in (loud, quiet)]

    differences = [value * 2.0 for value in contents(2.0, own=False)]
    own = contents(energies[1], own=True)
    assert own == pytest.approx([d / e for d, e in zip(differences, energies, strict=True)], rel=1e-4)
    floor = 2 * energies[1]  # above the quiet crop's own
    floored = contents(floor / LEAST_SHARE, own=True)
    assert floored == pytest.approx([differences[0] / max(energies[0], floor), differences[1] / floor], rel=1e-4)
    assert LEAST_SHARE == 0.2


def test_content_is_the_mean_over_the_layers_of_all_judges() -> None:
    judge = ShareJudge(load_network("random"), LAYERS, content_layers=("scale1", "scale2"))
    companion = ShareJudge(load_network("random", seed=1), ("scale1",), 2, ("scale3",))
    style, photo, other = picture(0).pow(3), picture(1), picture(2).sqrt()

    def content(judges: dict[str, ShareJudge], energies: ContentEnergies) -> float:
        targets = {term: [StyleTarget(each, style, [photo])] for term, each in judges.items()}
        objective = PerceptualObjective(judges, PerceptualWeights(), targets, energies)
        return float(objective(other, photo, torch.ones(1))["content"])

    parts = {("style", "scale1"): 1.0, ("style", "scale2"): 1.0, ("companion", "scale3"): 1.0}
    judges = {"style": judge, "companion": companion}
    single = [
        float((judges[term].look_at_content(other)[layer] - judges[term].look_at_content(photo)[layer]).square().mean())
        for term, layer in parts
    ]
    assert content(judges, parts) == pytest.approx(sum(single) / 3, rel=1e-4)
    halved = {**parts, ("companion", "scale3"): 0.5}
    assert content(judges, halved) == pytest.approx((sum(single) + single[2]) / 3, rel=1e-4)
    with pytest.raises(ValueError, match="content layer"):
        content({"style": ShareJudge(load_network("random"), LAYERS)}, {})


def test_a_companion_counts_by_its_weight() -> None:
    judge = ShareJudge(load_network("random"), LAYERS, content_layers=("scale2",))
    companion = ShareJudge(load_network("random", seed=1), ("scale1",), 2)
    style, photo, other = picture(0).pow(3), picture(1), picture(2).sqrt()
    judges = {"style": judge, "companion": companion}
    targets = {term: [StyleTarget(each, style, [photo])] for term, each in judges.items()}

    def judged(weight: float) -> dict[str, torch.Tensor]:
        objective = PerceptualObjective(
            judges, PerceptualWeights(companion=weight), targets, {("style", "scale2"): 1.0}
        )
        return objective(other, photo, torch.ones(1))

    terms, without = judged(5.0), judged(0.0)
    (target,) = targets["companion"]
    assert float(terms["companion"]) == pytest.approx(float(target.share(companion.look(other)[0])))
    assert float(terms["loss"] - without["loss"]) == pytest.approx(5 * float(terms["companion"]), rel=1e-4)


def test_every_term_has_the_weight_of_its_name() -> None:
    weights = PerceptualWeights(style=1, deep=2, companion=3, content=4, texture=5, grid=6, range=7)
    assert term_weights(weights, ["style", "deep", "squeezenet1_1", "resnet50"]) == {
        "content": 4, "range": 7, "grid": 6, "texture": 5, "style": 1, "deep": 2, "squeezenet1_1": 3, "resnet50": 3,
    }  # fmt: skip


@pytest.mark.parametrize("name", ["stile", "Deep", "resnet18", "content"])
def test_a_judge_without_a_weight_is_an_error(name: str) -> None:
    judge = ShareJudge(load_network("random"), LAYERS, content_layers=("scale2",))
    target = [StyleTarget(judge, picture(0), [picture(1)])]
    targets, energies = {"style": target, name: target}, {("style", "scale2"): 1.0, (name, "scale2"): 1.0}
    with pytest.raises(
        ValueError, match=rf"no weight for the judges \['{name}'\]; there are style, deep, companion, vgg"
    ):
        PerceptualObjective({"style": judge, name: judge}, PerceptualWeights(), targets, energies)


@pytest.mark.parametrize(("wrong", "right"), [("grids", "grid"), ("steady", "steady")])
def test_a_term_without_a_weight_is_an_error(monkeypatch: pytest.MonkeyPatch, wrong: str, right: str) -> None:
    rows = {wrong if name == right else name: energy for name, energy in PICTURE_TERMS.items()}
    rows.setdefault(wrong, PICTURE_TERMS["grid"])
    monkeypatch.setattr("nst_student.losses.terms.PICTURE_TERMS", rows)
    with pytest.raises(ValueError, match=f"but terms .*'{wrong}'"):
        term_weights(PerceptualWeights(), ["style"])


def test_texture_below_the_styles_costs_nothing() -> None:
    image = picture(3)
    assert float(texture_distances(image * 0.5, haar_energies(image))) == 0
