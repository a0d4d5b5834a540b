"""The architecture whose banks see far and whose codec keeps the photograph's pixels."""

from collections.abc import Sequence
from pathlib import Path

import pytest
import torch
from torch import nn
from torch.nn import functional as F

from nst_runtime.contracts.workspace import Workspace
from nst_student.losses.objective import pixel_loss
from nst_student.networks.checkpoint import load_codec
from nst_student.networks.registry import ARCHITECTURES
from nst_student.networks.style_files import first_bank, load_bank
from nst_student.networks.unet import Halving, UNetBank, UNetDecoder, plain_bank
from nst_student.recipes.settings import ArchitectureName, StudentSettings
from nst_student.training.codec import Generator, save_generator

SHIPPED: ArchitectureName = "unet_pooled"
PLAN = ARCHITECTURES[SHIPPED]
BANK_LIMIT_BYTES = 150_000
PHOTOS = torch.rand(2, 3, 48, 48, generator=torch.Generator().manual_seed(0))


def without_norms(modules: Sequence[nn.Module]) -> None:
    """Let norms pass their input on: through their means every pixel depends on all."""
    for norm in (each for module in modules for each in module.modules() if isinstance(each, nn.InstanceNorm2d)):
        norm.forward = nn.Identity().forward  # type: ignore[method-assign]


def drawn_generator(styles: Sequence[str] = ("a", "b")) -> Generator:
    """Return a generator whose banks differ in all that they hold."""
    generator = Generator(SHIPPED, styles, 0)
    with torch.no_grad():
        for parameter in generator.banks.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    return generator


def reach(architecture: str) -> int:
    """Return how many pixels of a row, at the least of both axes, have a part in the one in the middle of 512."""
    torch.manual_seed(0)
    plan = ARCHITECTURES[architecture]
    encoder, bank, decoder = (make().double() for make in (plan.encoder, plan.blank_bank, plan.decoder))
    without_norms([encoder, bank])
    photo = torch.rand(1, 3, 512, 512, dtype=torch.float64, requires_grad=True)
    decoder(*bank(*encoder(photo)))[0, :, 256, 256].sum().backward()
    assert photo.grad is not None
    seen = (photo.grad[0].abs().sum(dim=0).sum(dim=axis).nonzero().flatten() for axis in (0, 1))
    return min(int(pixels[-1] - pixels[0]) for pixels in seen)


def test_what_ships_is_the_default() -> None:
    assert StudentSettings().architecture == SHIPPED


def test_a_pixel_sees_more_than_a_hundred_around_it() -> None:
    assert 100 < reach("unet") < reach(SHIPPED) < 255
    assert reach("unet_sixteenth") > reach("unet") + 60


def test_a_bank_fits_its_size(tmp_path: Path) -> None:
    assert 2 * sum(parameter.numel() for parameter in PLAN.bank().parameters()) <= BANK_LIMIT_BYTES
    save_generator(drawn_generator(["a"]), Workspace(tmp_path), {}, PHOTOS)
    assert Workspace(tmp_path).style("a").stat().st_size <= BANK_LIMIT_BYTES


def test_the_plain_bank_is_the_photograph() -> None:
    torch.manual_seed(0)
    encoder, decoder = PLAN.encoder(), PLAN.decoder()
    assert isinstance(decoder, UNetDecoder)
    code = encoder(torch.rand(2, 3, 48, 32))
    assert PLAN.plain is not None
    for plain in (plain_bank(), PLAN.plain(decoder)):
        assert torch.equal(decoder(*plain(*code)), decoder.reconstruct(*code))
    assert not torch.allclose(decoder(*PLAN.bank()(*code)), decoder.reconstruct(*code), atol=0.01)


def test_the_plain_bank_of_a_codec_is_of_its_kind() -> None:
    """So that a sum with another bank, weighted by its strength, is a bank of that kind."""
    for name in (SHIPPED, "unet", "unet_dense"):
        plan = ARCHITECTURES[name]
        assert plan.plain is not None
        plain, bank = plan.plain(plan.decoder()), plan.bank()
        assert isinstance(plain, UNetBank)
        assert isinstance(bank, UNetBank)
        assert plain.plan == bank.plan
        assert plain.down.pooled is (name == SHIPPED)


def test_what_is_reconstructed_depends_on_the_details_alone() -> None:
    torch.manual_seed(0)
    decoder = PLAN.decoder()
    assert isinstance(decoder, UNetDecoder)
    details = torch.rand(1, 8, 16, 16)
    assert torch.equal(
        decoder.reconstruct(torch.rand(1, 32, 8, 8), details), decoder.reconstruct(torch.zeros(1, 32, 8, 8), details)
    )


def test_a_new_bank_lets_no_photograph_pass_by_its_norms() -> None:
    torch.manual_seed(0)
    for bank in (UNetBank(), PLAN.bank(), PLAN.bank(PLAN.decoder())):
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
    generator = Generator(SHIPPED, [], 0)
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
    generator = Generator(SHIPPED, ["a", "b"], 0)
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


@pytest.mark.parametrize(
    ("name", "width", "convolutions", "bytes_in_file"),
    [
        ("unet", 64, 6 * [64], 108_672),
        ("unet_pooled", 64, 6 * [64], 108_672),
        ("unet_wide", 96, 4 * [96], 153_856),
        ("unet_dense", 40, 3 * [1], 122_496),
        ("unet_sixteenth", 64, 4 * [64], 0),
        ("unet_shared", 64, 6 * [64], 108_672),
    ],
)
def test_trials_differ_in_what_they_are_for(name: str, width: int, convolutions: list[int], bytes_in_file: int) -> None:
    """In channels at an eighth of the size, and in the groups of the convolutions there, one for a dense one."""
    bank = ARCHITECTURES[name].bank()
    assert isinstance(bank, UNetBank)
    assert bank.rise.in_channels == width
    groups = [next(m.groups for m in block.modules() if isinstance(m, nn.Conv2d)) for block in bank.blocks]
    assert groups == convolutions
    assert (bank.deeper is not None) is (name == "unet_sixteenth")
    assert bank.down.pooled is (name == "unet_pooled")
    if bytes_in_file:
        assert 2 * sum(parameter.numel() for parameter in bank.parameters()) == bytes_in_file
    else:
        assert 108_672 < 2 * sum(parameter.numel() for parameter in bank.parameters()) <= BANK_LIMIT_BYTES


@pytest.mark.parametrize("axis", [2, 3])
def test_what_is_finer_than_the_grid_is_not_taken_for_something_else(axis: int) -> None:
    """Fine stripes a pixel further are the same where means make it smaller, and another thing where strides do.

    Stripes that are as strong everywhere would be one number to a stride, which the norm takes out.
    """
    torch.manual_seed(0)
    coarse, strength = torch.rand(2, 8, 16, 16), torch.rand(2, 8, 8, 8)
    lines = (torch.arange(16) % 2 * 2.0 - 1).view((16, 1) if axis == 2 else (1, 16))
    stripes = lines * F.interpolate(strength, scale_factor=2, mode="nearest")
    for pooled in (True, False):
        halving = Halving(8, 32, pooled=pooled).requires_grad_(False)
        before, after = halving(coarse + stripes), halving(coarse - stripes)
        assert before.shape == (2, 32, 8, 8)
        assert float(before.std()) > 0.3
        if pooled:
            torch.testing.assert_close(after, before, atol=1e-5, rtol=0)
            torch.testing.assert_close(halving(coarse), before, atol=1e-5, rtol=0)
        else:
            assert float((after - before).abs().mean()) > 0.3


def test_both_parts_that_make_smaller_are_of_the_architectures_kind() -> None:
    for name, pooled in ((SHIPPED, True), ("unet", False)):
        generator = Generator(name, ["a"], 0)
        kinds = [module.pooled for module in generator.modules() if isinstance(module, Halving)]
        assert kinds == 3 * [pooled]  # the encoder's, the bank's and that of the decoder's start


def test_a_codec_may_hold_the_deep_kernels_of_all_banks(tmp_path: Path) -> None:
    """One step of all styles moves them alike, and a further bank of that codec leaves them as they are."""
    generator = Generator("unet_shared", ["a", "b"], 0)
    a, b = generator.bank("a"), generator.bank("b")
    assert isinstance(a, UNetBank)
    shared, own = set(a.shared()), {name for name, _ in a.named_parameters()} - set(a.shared())
    assert {"down.conv.weight", "blocks.5.pointwise.weight", "rise.weight"} <= shared
    assert {"blocks.5.norm.weight", "down.norm.bias", "merge.pointwise.weight", "skip.weight"} <= own
    assert not UNetBank().shared()
    assert all(a.get_parameter(name) is b.get_parameter(name) for name in shared)
    assert not any(a.get_parameter(name) is b.get_parameter(name) for name in own)

    before = {name: a.get_parameter(name).detach().clone() for name in shared}
    optimizer = torch.optim.SGD(generator.parameters(), 0.1)
    photo = torch.rand(2, 3, 32, 32)
    pixel_loss(generator.stylise_all(generator.encoder(photo)), 1 - photo).backward()  # type: ignore[no-untyped-call]
    optimizer.step()
    assert not torch.equal(a.get_parameter("rise.weight"), before["rise.weight"])

    codec = load_codec(save_generator(generator, Workspace(tmp_path), {}, PHOTOS))
    for start in (None, Workspace(tmp_path).style("b")):
        bank = first_bank(codec, 1, start)
        still = {name for name, parameter in bank.named_parameters() if not parameter.requires_grad}
        assert still == shared
        for name in shared:
            torch.testing.assert_close(bank.get_parameter(name), a.get_parameter(name), atol=1e-3, rtol=1e-3)
