"""The objective's values and gradients."""

import numpy as np
import pytest
import torch

from nst_features.networks import load_network
from nst_features.statistics import gram
from nst_runtime.errors import NstError
from nst_teacher.objective.losses import content_loss, style_loss, total_variation
from nst_teacher.objective.objective import GatysJudge, Losses, Objective, StylePart, StyleTarget, TermWeights, measure
from nst_teacher.settings.formula import Formula, GramScale, Normalisation


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def objective(weights: TermWeights, batch: int = 2) -> Objective:
    """An objective in float64: two judges, one of them with the content and two scales, pictures of 16×18 px."""
    network = load_network("random", seed=1).double()
    judges = (GatysJudge(network, ("scale1", "scale2"), 2, ("scale1",)), GatysJudge(network, ("scale2",), weight=0.5))
    return Objective(StyleTarget(judges, noise(1, 3, 20, 24, seed=2)), noise(batch, 3, 16, 18, seed=3), weights)


@pytest.mark.parametrize("term", ["content", "style", "variation", "total"])
def test_gradients_agree_with_finite_differences(term: str) -> None:
    evaluate = objective(TermWeights(content=0.3, variation=0.2))
    image = noise(2, 3, 16, 18, seed=4).requires_grad_()

    def value(x: torch.Tensor) -> torch.Tensor:
        loss: torch.Tensor = getattr(evaluate(x), term)
        return loss.sum()

    (gradient,) = torch.autograd.grad(value(image), image)
    step = 1e-6
    for index in ((0, 0, 0, 0), (0, 1, 7, 9), (1, 2, 15, 17), (1, 0, 3, 12)):
        moved = torch.zeros_like(image)
        moved[index] = step
        with torch.no_grad():
            slope = (value(image + moved) - value(image - moved)) / (2 * step)
        assert float(gradient[index]) == pytest.approx(float(slope), rel=1e-5, abs=1e-10)
    assert float(gradient.abs().max()) > 1e-6


def test_content_loss_is_zero_for_the_photo_and_one_for_nothing() -> None:
    features = noise(2, 4, 5, 6)
    assert content_loss(features, features).tolist() == [0, 0]
    assert content_loss(torch.zeros_like(features), features).tolist() == pytest.approx([1, 1])
    assert content_loss(3 * features, features).tolist() == pytest.approx([4, 4])


def test_style_loss_is_the_mean_square_over_the_targets() -> None:
    features, other = noise(2, 3, 4, 5), noise(1, 3, 7, 4, seed=1)
    plain = np.einsum("ncyx,ndyx->ncd", features, features) / 20
    target = np.einsum("ncyx,ndyx->ncd", other, other) / 28
    expected = ((plain - target) ** 2).mean(axis=(1, 2)) / (target**2).mean()
    np.testing.assert_allclose(style_loss(gram(features), gram(other)).numpy(), expected, rtol=1e-12)


def test_total_variation_of_a_step_is_its_square_over_the_pairs() -> None:
    image = torch.zeros(1, 3, 4, 5)
    image[..., 2:] = 0.5
    assert float(total_variation(image)[0]) == pytest.approx(0.25 / 4)
    assert float(total_variation(image.transpose(2, 3))[0]) == pytest.approx(0.25 / 4)


def test_the_total_is_the_weighted_sum_and_layers_are_averaged() -> None:
    evaluate = objective(TermWeights(content=0.3, variation=0.2))
    image = noise(2, 3, 16, 18, seed=4)
    losses = evaluate(image)
    torch.testing.assert_close(losses.total, losses.style + 0.3 * losses.content + 0.2 * losses.variation)
    first, second = evaluate.style.judges
    parts = [
        torch.stack([style_loss(grams[key], target[key]) for key in target]).mean(0)
        for grams, target in zip((first.look(image)[0], second.look(image)[0]), evaluate.style.grams, strict=True)
    ]
    assert [len(target) for target in evaluate.style.grams] == [4, 1]
    torch.testing.assert_close(losses.style, (parts[0] + 0.5 * parts[1]) / 1.5)


def test_each_pictures_losses_are_its_own() -> None:
    image = noise(2, 3, 16, 18, seed=4)
    both = objective(TermWeights(0.3))(image)
    alone = objective(TermWeights(0.3), batch=1)(image[:1])
    torch.testing.assert_close(both.total[:1], alone.total)
    assert not torch.allclose(both.total[:1], both.total[1:])


def test_the_photo_itself_has_no_content_loss() -> None:
    losses = objective(TermWeights(0.01))(noise(2, 3, 16, 18, seed=3))
    assert losses.content.tolist() == [0, 0]
    assert float(losses.style.min()) > 1e-3


def test_where_takes_each_picture_from_one_side() -> None:
    ours, theirs = (Losses(*(torch.tensor([k + v, k + v]) for k in range(4))) for v in (10, 20))
    mixed = ours.where(torch.tensor([True, False]), theirs)
    assert mixed.total.tolist() == [10, 20]
    assert mixed.variation.tolist() == [13, 23]


FORMULAS = (
    Formula(normalisation="mean"), Formula(normalisation="sum", gram_scale="none"), Formula(normalisation="gatys"),
    Formula("l1", "l1", "mean", "values", "absolute"), Formula("l1", "l1"), Formula(style_distance="wasserstein"),
    Formula(style_distance="wasserstein", normalisation="mean"),
)  # fmt: skip


def halves(batch: int, height: int, width: int) -> torch.Tensor:
    """Two regions with a soft border: left and right."""
    left = torch.linspace(1.2, -0.2, width, dtype=torch.float64).clamp(0, 1).expand(batch, 1, height, width)
    return torch.cat([left, 1 - left], dim=1)


@pytest.mark.parametrize("masked", [False, True])
@pytest.mark.parametrize("formula", FORMULAS)
def test_gradients_of_every_formula_agree_with_finite_differences(formula: Formula, masked: bool) -> None:
    network = load_network("random", seed=1).double()
    weights = {"layer_weights": (0.2, 0.8), "content_layer_weights": (0.3, 0.7)}
    layers = ("scale1", "scale2")
    judge = GatysJudge(network, layers, 1, layers, formula=formula, **weights)  # type: ignore[arg-type]
    style = StylePart(noise(1, 3, 12, 14, seed=2), 1.0, halves(1, 12, 14) if masked else None)
    regions = halves(2, 10, 11) if masked else None
    target = StyleTarget((judge,), [style])
    evaluate = Objective(target, noise(2, 3, 10, 11, seed=3), TermWeights(0.3, 0.2, 2.0), regions)
    image = noise(2, 3, 10, 11, seed=4).requires_grad_()
    (gradient,) = torch.autograd.grad(evaluate(image).total.sum(), image)
    direction = noise(2, 3, 10, 11, seed=5) - 0.5
    step = 1e-6
    with torch.no_grad():
        slopes = (evaluate(image + step * direction).total - evaluate(image - step * direction).total) / (2 * step)
    expected = (gradient * direction).flatten(1).sum(1)
    torch.testing.assert_close(expected, slopes, rtol=1e-5, atol=1e-9)
    assert float(expected.abs().min()) > 1e-6


def test_gatys_style_loss_is_the_papers_double_sum() -> None:
    """E = 1/(4N²M²) Σ (G − A)² with G = F Fᵀ, both pictures of M pixels; content ½ Σ (F − P)²."""
    formula = Formula(normalisation="gatys")
    features, style = noise(1, 3, 4, 5), noise(1, 3, 4, 5, seed=1)
    first, second = (value[0].flatten(1).numpy() for value in (features, style))
    gram_one, gram_two = first @ first.T, second @ second.T
    expected = sum((gram_one[i, j] - gram_two[i, j]) ** 2 for i in range(3) for j in range(3)) / (4 * 3**2 * 20**2)
    found = style_loss(measure(features, None, formula), measure(style, None, formula), formula)
    assert found.tolist() == pytest.approx([expected], rel=1e-12)
    half = 0.5 * ((first - second) ** 2).sum()
    assert content_loss(features, style, formula).tolist() == pytest.approx([half], rel=1e-12)


@pytest.mark.parametrize(
    ("normalisation", "gram_scale", "expected"),
    [("mean", "pixels", 4.0), ("sum", "pixels", 16.0), ("mean", "values", 1.0), ("sum", "none", 16.0 * 36)],
)
def test_normalisations_of_a_gram_matrix_of_ones_against_threes(
    normalisation: Normalisation, gram_scale: GramScale, expected: float
) -> None:
    """Two filters of ones and of √3 over 6 pixels: Gram/n is 1 and 3 throughout."""
    formula = Formula(normalisation=normalisation, gram_scale=gram_scale)
    ones = torch.ones(1, 2, 2, 3, dtype=torch.float64)
    found = style_loss(measure(ones, None, formula), measure(3**0.5 * ones, None, formula), formula)
    assert found.tolist() == pytest.approx([expected])


def test_l1_is_the_mean_absolute_difference_and_relative_to_the_target() -> None:
    plain = Formula(style_distance="l1", content_distance="l1", normalisation="mean")
    features = torch.tensor([1.0, -3.0]).view(1, 1, 1, 2)
    target = torch.tensor([2.0, 2.0]).view(1, 1, 1, 2)
    assert content_loss(features, target, plain).tolist() == [3]
    relative = Formula(style_distance="l1", content_distance="l1")
    assert content_loss(features, target, relative).tolist() == [1.5]


def test_absolute_variation_of_a_step() -> None:
    image = torch.zeros(1, 3, 4, 5)
    image[..., 2:] = 0.5
    assert float(total_variation(image, "absolute")[0]) == pytest.approx(0.5 / 4)


def test_gatys_normalisation_is_for_gram_matrices_over_pixels() -> None:
    with pytest.raises(NstError, match="and `gram_scale` is values"):
        Formula(normalisation="gatys", gram_scale="values")


def test_layer_weights_multiply_and_are_summed() -> None:
    network = load_network("random", seed=1).double()
    photos, style, image = noise(2, 3, 16, 18, seed=3), noise(1, 3, 20, 24, seed=2), noise(2, 3, 16, 18, seed=4)
    layers = ("scale1", "scale3")

    def losses(weights: tuple[float, float] | None, style_weight: float = 1.0) -> Losses:
        judge = GatysJudge(network, layers, 2, layers, layer_weights=weights, content_layer_weights=weights)
        return Objective(StyleTarget((judge,), style), photos, TermWeights(0.3, style=style_weight))(image)

    first, second, both = losses((1, 0)), losses((0, 1)), losses((0.2, 0.8))
    torch.testing.assert_close(both.style, 0.2 * first.style + 0.8 * second.style)
    torch.testing.assert_close(both.content, 0.2 * first.content + 0.8 * second.content)
    torch.testing.assert_close(losses(None).style, losses((0.5, 0.5)).style)
    torch.testing.assert_close(losses(None).content, losses((0.5, 0.5)).content)
    scaled = losses(None, 1e3)
    torch.testing.assert_close(scaled.style, 1e3 * losses(None).style)
    torch.testing.assert_close(scaled.total, scaled.style + 0.3 * scaled.content)


def test_regions_are_compared_each_with_its_own() -> None:
    """Hard halves: the mean over both of the style loss of that half alone, with K regions at 1/K each."""
    network = load_network("random", seed=1).double()
    judge = GatysJudge(network, ("scale1",))
    left = torch.zeros(1, 1, 16, 18, dtype=torch.float64)
    left[..., :9] = 1
    regions = torch.cat([left, 1 - left], dim=1)
    style, image = noise(1, 3, 16, 18, seed=2), noise(1, 3, 16, 18, seed=4)
    target = StyleTarget((judge,), [StylePart(style, 1.0, regions)])
    found = Objective(target, image, TermWeights(0.0), regions)(image).style
    ours, theirs = (network(picture, {"scale1"})["scale1"] for picture in (image, style))
    parts = [style_loss(gram(ours[..., half]), gram(theirs[..., half])) for half in (slice(0, 9), slice(9, 18))]
    torch.testing.assert_close(found, torch.stack(parts).mean(0))


def test_a_blend_aims_at_the_weighted_mean_of_the_statistics() -> None:
    judge = GatysJudge(load_network("random", seed=1).double(), ("scale2",))
    one, other = noise(1, 3, 20, 24, seed=2), 0.5 * noise(1, 3, 18, 20, seed=6)
    grams = [StyleTarget((judge,), style).grams[0]["scale2/1"] for style in (one, other)]
    blend = StyleTarget((judge,), [StylePart(one, 3.0), StylePart(other, 1.0)]).grams[0]["scale2/1"]
    torch.testing.assert_close(blend, 0.75 * grams[0] + 0.25 * grams[1])


def test_a_region_that_a_style_picture_lacks_is_the_other_ones() -> None:
    judge = GatysJudge(load_network("random", seed=1).double(), ("scale1",))
    whole = torch.ones(1, 1, 20, 24, dtype=torch.float64)
    first = StylePart(noise(1, 3, 20, 24, seed=2), 1.0, torch.cat([whole, 0 * whole], dim=1))
    second = StylePart(noise(1, 3, 20, 24, seed=7), 1.0, torch.cat([0 * whole, whole], dim=1))
    blend = StyleTarget((judge,), [first, second]).grams[0]
    for key, part in (("scale1/1/0", first), ("scale1/1/1", second)):
        torch.testing.assert_close(blend[key], StyleTarget((judge,), part.images).grams[0]["scale1/1"])
