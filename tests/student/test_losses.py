"""Losses and quality numbers, on values that can be worked out by hand."""

import math

import pytest
import torch

from nst_features import load_network
from nst_student.balance import GAIN, ContentBalance
from nst_student.losses import Judge, StyleTarget, content_distance, content_energy
from nst_student.objective import ContentEnergies, PerceptualObjective, PerceptualWeights, grid_energy
from nst_student.texture import haar_energies, texture_distance

LAYERS = ("scale1", "scale2")


def picture(seed: int, size: int = 64) -> torch.Tensor:
    return torch.rand(1, 3, size, size, generator=torch.Generator().manual_seed(seed))


def test_shares_are_one_for_the_photos_and_nought_for_the_style() -> None:
    judge = Judge(load_network("random"), LAYERS, scales=2, content_layers=("scale2",))
    style, photo = picture(0).pow(3), picture(1)
    target = StyleTarget(judge, style, [photo])
    assert target.grams.keys() == {"scale1/1", "scale2/1", "scale1/2", "scale2/2"}
    assert float(target.share(judge.look(photo)[0])) == pytest.approx(1, abs=1e-5)
    assert float(target.share(judge.look(style)[0])) == pytest.approx(0, abs=1e-9)


def test_layers_count_by_their_weights() -> None:
    network = load_network("random")
    style, photo, other = picture(0).pow(3), picture(1), picture(2).sqrt()

    def share(layers: tuple[str, ...], weights: tuple[float, ...]) -> float:
        judge = Judge(network, layers, layer_weights=weights)
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
    # One position in 16 is 0.4 higher: variance 0.16 · (1/16) · (15/16).
    assert float(grid_energy(dots)) == pytest.approx(0.16 * 15 / 256, rel=1e-4)
    assert float(grid_energy(flat)) == pytest.approx(0, abs=1e-9)
    assert float(grid_energy(fives)) < 0.15 * float(grid_energy(dots))


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
    assert float(texture_distance(image, target)) == pytest.approx(0, abs=1e-9)
    louder = (image - 0.5) * 2 + 0.5  # four times the energy
    assert float(texture_distance(louder, target)) == pytest.approx(float(torch.tensor(4.0).log() ** 2), rel=0.01)


def test_balance_holds_content_to_its_target() -> None:
    balance = ContentBalance(["far", "near"], target=1.0, steps=1000)
    for step in range(350, 390):
        balance.observe("far", torch.tensor(1.5), step)
        balance.observe("near", torch.tensor(0.5), step)
    assert balance.weight("far") == pytest.approx(math.exp(40 * GAIN * 0.5), rel=1e-4)
    assert balance.weight("near") == pytest.approx(math.exp(-40 * GAIN * 0.5), rel=1e-4)
    for _ in range(1000):
        balance.observe("far", torch.tensor(9.0), 999)
    assert balance.weight("far") == pytest.approx(math.exp(2.0), rel=1e-4)


def test_balance_waits_and_may_be_off() -> None:
    for target, step in ((1.0, 349), (None, 999)):
        balance = ContentBalance(["a"], target, steps=1000)
        balance.observe("a", torch.tensor(9.0), step)
        assert balance.weight("a") == 1


def test_the_objective_judges_each_style_by_its_own_target() -> None:
    judge = Judge(load_network("random"), LAYERS, content_layers=("scale2",))
    photos = torch.cat([picture(4), picture(5)])
    styles = {"a": picture(0).pow(3), "b": picture(1).sqrt()}
    targets = {name: {"style": StyleTarget(judge, style, [photos])} for name, style in styles.items()}
    objective = PerceptualObjective({"style": judge}, PerceptualWeights(), targets, {("style", "scale2"): 1.0})
    right = objective(torch.cat(list(styles.values())), photos, {"a": 1.0, "b": 1.0})
    assert [float(right[name]["style"]) for name in styles] == pytest.approx([0, 0], abs=1e-8)
    swapped = objective(torch.cat(list(styles.values())[::-1]), photos, {"a": 1.0, "b": 1.0})
    assert min(float(swapped[name]["style"]) for name in styles) > 0.1
    itself = objective(photos, photos, {"a": 1.0, "b": 1.0})
    assert float(itself["a"]["content"]) == pytest.approx(0, abs=1e-8)
    outside = objective(photos + 2, photos, {"a": 1.0, "b": 1.0})
    assert float(outside["b"]["range"]) == pytest.approx(float((photos + 1).square()[1].mean()), rel=1e-4)


def test_content_is_a_share_of_the_photos_mean_energy_or_of_each_crops_own() -> None:
    judge = Judge(load_network("random"), LAYERS, content_layers=("scale2",))
    loud, quiet = picture(4), picture(5) * 0.1 + 0.45
    targets = {"a": {"style": StyleTarget(judge, picture(0), [loud])}}

    def contents(energy: float | None) -> list[float]:
        energies = None if energy is None else {("style", "scale2"): energy}
        objective = PerceptualObjective({"style": judge}, PerceptualWeights(), targets, energies)
        return [float(objective(photo * 0.8, photo, {"a": 1.0})["a"]["content"]) for photo in (loud, quiet)]

    own, mean = contents(None), contents(2.0)
    energies = [float(content_energy(judge.content(photo)["scale2"])) for photo in (loud, quiet)]
    assert mean == pytest.approx([share * energy / 2.0 for share, energy in zip(own, energies, strict=True)], rel=1e-4)
    assert energies[0] > 2 * energies[1]


def test_content_is_the_mean_over_the_layers_of_all_judges() -> None:
    judge = Judge(load_network("random"), LAYERS, content_layers=("scale1", "scale2"))
    companion = Judge(load_network("random", seed=1), ("scale1",), 2, ("scale3",))
    style, photo, other = picture(0).pow(3), picture(1), picture(2).sqrt()

    def content(judges: dict[str, Judge], energies: ContentEnergies | None) -> float:
        targets = {"a": {term: StyleTarget(each, style, [photo]) for term, each in judges.items()}}
        objective = PerceptualObjective(judges, PerceptualWeights(), targets, energies)
        return float(objective(other, photo, {"a": 1.0})["a"]["content"])

    parts = {("style", "scale1"): 1.0, ("style", "scale2"): 1.0, ("companion", "scale3"): 1.0}
    judges = {"style": judge, "companion": companion}
    single = [
        float((judges[term].content(other)[layer] - judges[term].content(photo)[layer]).square().mean())
        for term, layer in parts
    ]
    assert content(judges, parts) == pytest.approx(sum(single) / 3, rel=1e-4)
    halved = {**parts, ("companion", "scale3"): 0.5}
    assert content(judges, halved) == pytest.approx((sum(single) + single[2]) / 3, rel=1e-4)
    with pytest.raises(ValueError, match="content layer"):
        content({"style": Judge(load_network("random"), LAYERS)}, None)


def test_a_companion_counts_by_its_weight() -> None:
    judge = Judge(load_network("random"), LAYERS, content_layers=("scale2",))
    companion = Judge(load_network("random", seed=1), ("scale1",), 2)
    style, photo, other = picture(0).pow(3), picture(1), picture(2).sqrt()
    judges = {"style": judge, "companion": companion}
    targets = {"a": {term: StyleTarget(each, style, [photo]) for term, each in judges.items()}}

    def judged(weight: float) -> dict[str, torch.Tensor]:
        objective = PerceptualObjective(judges, PerceptualWeights(companion=weight), targets, None)
        return objective(other, photo, {"a": 1.0})["a"]

    terms, without = judged(5.0), judged(0.0)
    assert float(terms["companion"]) == pytest.approx(float(targets["a"]["companion"].share(companion.look(other)[0])))
    assert float(terms["loss"] - without["loss"]) == pytest.approx(5 * float(terms["companion"]), rel=1e-4)


def test_texture_below_the_styles_costs_nothing() -> None:
    image = picture(3)
    assert float(texture_distance(image * 0.5, haar_energies(image))) == 0
