"""A step's two halves, and its recording on a card."""

import pytest
import torch

from nst_student.training.step import RecordedStep, Step, Terms, gradients_of


def make_step(model: torch.nn.Module, seen: torch.Tensor) -> Step:
    def draw(number: int) -> tuple[torch.Tensor, ...]:
        generator = torch.Generator().manual_seed(number)
        return tuple(torch.rand(4, 3, generator=generator).to(seen.device) for _ in range(2))

    def judge(first: torch.Tensor, second: torch.Tensor) -> Terms:
        seen.add_(1)
        error = (model(first) - second[:, :1]).square().mean()
        return {"loss": 2 * error, "error": error}

    return Step(draw, judge)


def values(terms: Terms) -> dict[str, float]:
    return {name: float(value.detach()) for name, value in terms.items()}


def test_a_step_judges_what_it_draws() -> None:
    torch.manual_seed(0)
    step = make_step(torch.nn.Linear(3, 1), torch.zeros(1))
    for number in (0, 5):
        assert values(step(number)) == values(step.judge(*step.draw(number)))
    assert values(step(0)) != values(step(5))


def test_gradients_are_the_losses_and_of_no_other_term() -> None:
    weight = torch.nn.Parameter(torch.tensor([1.0, 2.0]))
    gradients_of({"other": 100 * weight.sum(), "loss": (weight * torch.tensor([3.0, 5.0])).sum()})
    assert weight.grad is not None
    assert weight.grad.tolist() == [3, 5]


@pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a graphics card")
def test_a_recorded_step_computes_what_it_recorded() -> None:
    """Terms and gradients of other steps than the one recorded, and none that add up."""
    torch.manual_seed(0)
    model = torch.nn.Linear(3, 1).cuda()
    step = make_step(model, torch.zeros(1, device="cuda"))
    parameters = list(model.parameters())
    recorded = RecordedStep(step, 0, parameters)
    for number in (0, 3, 3, 8):
        terms = values(recorded(number))
        found = [parameter.grad.clone() for parameter in parameters if parameter.grad is not None]
        expected = step(number)
        gradients = torch.autograd.grad(expected["loss"], parameters)
        assert terms == pytest.approx(values(expected))
        for mine, theirs in zip(found, gradients, strict=True):
            torch.testing.assert_close(mine, theirs)
