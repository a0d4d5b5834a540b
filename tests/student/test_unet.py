"""The architecture whose banks see far and whose codec keeps the photograph's pixels."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import nn

from nst_runtime.contracts.workspace import Workspace
from nst_student.losses.objective import pixel_loss
from nst_student.networks.checkpoint import load_codec
from nst_student.networks.registry import ARCHITECTURES
from nst_student.networks.style_files import load_bank
from nst_student.networks.unet import UNetBank, UNetDecoder, UNetEncoder, plain_bank
from nst_student.training.codec import Generator, save_generator

PLAN = ARCHITECTURES["unet"]
BANK_LIMIT_BYTES = 150_000
PHOTOS = torch.rand(2, 3, 48, 48, generator=torch.Generator().manual_seed(0))


def without_norms(modules: Sequence[nn.Module]) -> None:
    """Let norms pass their input on: through their means every pixel depends on all."""
    for norm in (each for module in modules for each in module.modules() if isinstance(each, nn.InstanceNorm2d)):
        norm.forward = nn.Identity().forward  # type: ignore[method-assign]


def drawn_generator(styles: Sequence[str] = ("a", "b")) -> Generator:
    """Return a generator whose banks differ in all that they hold."""
    generator = Generator("unet", styles, 0)
    with torch.no_grad():
        for parameter in generator.banks.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return generator


def test_a_pixel_sees_more_than_a_hundred_around_it() -> None:
    torch.manual_seed(0)
    encoder, bank, decoder = UNetEncoder().double(), UNetBank().double(), UNetDecoder().double()
    without_norms([encoder, bank])
    photo = torch.rand(1, 3, 256, 256, dtype=torch.float64, requires_grad=True)
    decoder(*bank(*encoder(photo)))[0, :, 128, 128].sum().backward()
    assert photo.grad is not None
    for axis in (1, 2):
        reached = photo.grad[0].abs().sum(dim=0).sum(dim=axis - 1).nonzero().flatten()
        assert 100 < int(reached[-1] - reached[0]) < 255


def test_a_bank_fits_its_size(tmp_path: Path) -> None:
    assert 2 * sum(parameter.numel() for parameter in UNetBank().parameters()) <= BANK_LIMIT_BYTES
    save_generator(drawn_generator(["a"]), Workspace(tmp_path), {}, PHOTOS)
    assert Workspace(tmp_path).style("a").stat().st_size <= BANK_LIMIT_BYTES


def test_the_plain_bank_is_the_photograph() -> None:
    torch.manual_seed(0)
    encoder, decoder = UNetEncoder(), UNetDecoder()
    code = encoder(torch.rand(2, 3, 48, 32))
    assert torch.equal(decoder(*plain_bank()(*code)), decoder.reconstruct(*code))
    assert not torch.allclose(decoder(*UNetBank()(*code)), decoder.reconstruct(*code), atol=0.01)


def test_what_is_reconstructed_depends_on_the_details_alone() -> None:
    torch.manual_seed(0)
    decoder = UNetDecoder()
    details = torch.rand(1, 8, 16, 16)
    assert torch.equal(
        decoder.reconstruct(torch.rand(1, 32, 8, 8), details), decoder.reconstruct(torch.zeros(1, 32, 8, 8), details)
    )


def test_a_new_bank_lets_no_photograph_pass_by_its_norms() -> None:
    torch.manual_seed(0)
    for bank in (UNetBank(), PLAN.bank(), PLAN.bank(UNetDecoder())):
        assert isinstance(bank, UNetBank)
        assert float(bank.skip.weight.detach().abs().max()) == 0
        assert float(bank.rise.weight.detach().abs().max()) > 0


def test_the_mean_of_the_banks_is_remembered() -> None:
    generator = drawn_generator(["a", "b", "c"])
    before = {key: value.clone() for key, value in generator.decoder.first_weights().items()}
    generator.remember_banks()
    states = [generator.bank(style).state_dict() for style in "abc"]
    start = generator.decoder.first_weights()
    assert start.keys() == states[0].keys()
    for key, value in start.items():
        torch.testing.assert_close(value, sum(state[key] for state in states) / 3)
        assert not torch.equal(value, before[key])
    assert not any(parameter.requires_grad for parameter in generator.decoder.start.parameters())  # type: ignore[union-attr]


def test_without_banks_the_start_stays() -> None:
    generator = Generator("unet", [], 0)
    before = {key: value.clone() for key, value in generator.decoder.first_weights().items()}
    generator.remember_banks()
    assert all(torch.equal(value, before[key]) for key, value in generator.decoder.first_weights().items())


def test_a_new_bank_of_a_codec_on_disk_starts_from_the_mean(tmp_path: Path) -> None:
    generator, workspace = drawn_generator(), Workspace(tmp_path)
    codec = load_codec(save_generator(generator, workspace, {}, PHOTOS))
    states = [generator.bank(style).state_dict() for style in ("a", "b")]
    torch.manual_seed(5)
    new = PLAN.bank(codec.decoder).state_dict()
    for key, value in new.items():
        torch.testing.assert_close(value, (states[0][key] + states[1][key]) / 2)
    kept = load_bank(workspace.style("b"), codec).bank.state_dict()
    assert all(torch.equal(kept[key], value.half().float()) for key, value in states[1].items())


@pytest.mark.parametrize("keep", [False, True])
def test_pixels_that_are_kept_have_no_gradient(keep: bool) -> None:
    generator = Generator("unet", ["a", "b"], 0)
    if keep:
        generator.keep_pixels()
    photo = torch.rand(2, 3, 32, 32)
    code = generator.encoder(photo)
    loss = pixel_loss(generator.stylise_all(code), photo) + pixel_loss(generator.reconstruct(photo), photo)
    loss.backward()  # type: ignore[no-untyped-call]
    still = {name for name, parameter in generator.named_parameters() if parameter.grad is None}
    kept = {"encoder.down1.weight", "encoder.down1.bias", "decoder.up.taps", "decoder.up.bias"}
    assert {name for name in still if not name.startswith("decoder.start.")} == (kept if keep else set())


def test_styles_together_are_each_by_itself() -> None:
    generator = drawn_generator().requires_grad_(False)
    photo = torch.rand(4, 3, 32, 48)
    together = generator.stylise_all(generator.encoder(photo))
    torch.testing.assert_close(together[:2], generator.stylise(photo[:2], "a"), atol=1e-5, rtol=1e-4)
    torch.testing.assert_close(together[2:], generator.stylise(photo[2:], "b"), atol=1e-5, rtol=1e-4)
    assert float((together[2:] - generator.stylise(photo[2:], "a")).abs().mean()) > 0.01
