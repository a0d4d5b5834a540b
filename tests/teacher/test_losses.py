"""The objective's values and gradients."""

import numpy as np
import pytest
import torch

from nst_features import gram, load_network
from nst_teacher.losses import content_loss, style_loss, total_variation
from nst_teacher.objective import Judge, Losses, Objective, StyleTarget, TermWeights


def noise(*shape: int, seed: int = 0) -> torch.Tensor:
    return torch.rand(*shape, dtype=torch.float64, generator=torch.Generator().manual_seed(seed))


def objective(weights: TermWeights, batch: int = 2) -> Objective:
    """An objective in float64: two judges, one of them with the content and two scales, pictures of 16×18 px."""
    network = load_network("random", seed=1).double()
    judges = (Judge(network, ("scale1", "scale2"), 2, ("scale1",)), Judge(network, ("scale2",), weight=0.5))
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
