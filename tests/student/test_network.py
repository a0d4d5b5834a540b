"""The networks: the paper's widths, kernels and fractional strides, and what the detailed architecture adds."""

import pytest
import torch
from torch.nn import functional as F

from nst_student.networks.detailed import DetailedBank, DetailedDecoder, DetailedEncoder
from nst_student.networks.layers import FractionalConv, PhaseFreeConv
from nst_student.networks.paper import PaperBank, PaperDecoder, PaperEncoder
from nst_student.networks.registry import ARCHITECTURES
from nst_student.recipes.settings import ArchitectureName
from nst_student.training.codec import Generator, _paint_at_once, _paint_in_turn


def weights_of(*modules: torch.nn.Module) -> int:
    return sum(p.numel() for module in modules for p in module.parameters() if p.ndim == 4)


def test_weights_are_as_many_as_in_the_paper() -> None:
    encoder = 3 * 9 * 9 * 8 + 8 * 3 * 3 * 16 + 16 * 3 * 3 * 32
    assert weights_of(PaperEncoder()) == encoder
    decoder = PaperDecoder()
    assert decoder.conv1.conv.weight.shape == (16, 32, 3, 3)
    assert decoder.up2.weight.shape == (16, 8, 3, 3)
    assert decoder.up3.weight.shape == (8, 3, 9, 9)
    assert weights_of(PaperBank()) == 2 * 32 * 3 * 3 * 32


@pytest.mark.parametrize("kind", [FractionalConv, PhaseFreeConv])
@pytest.mark.parametrize("kernel_px", [3, 5, 9])
def test_fractional_stride_is_the_transposed_convolution(kind: type[FractionalConv], kernel_px: int) -> None:
    torch.manual_seed(kernel_px)
    layer = kind(4, 5, kernel_px, bias=True).double()
    assert layer.bias is not None
    torch.nn.init.normal_(layer.bias)
    x = torch.randn(2, 4, 7, 6, dtype=torch.float64)
    before, after = layer.margins
    padded = F.pad(x, (before, after, before, after), mode="reflect")
    full = F.conv_transpose2d(padded, layer.weight, layer.bias, stride=2)
    first = kernel_px // 2 + 2 * before  # the output pixel that lies on input pixel 0
    assert torch.allclose(layer(x), full[:, :, first : first + 14, first : first + 12], atol=1e-12, rtol=0)


@pytest.mark.parametrize("kernel_px", [3, 9])
def test_fractional_stride_draws_no_checkerboard(kernel_px: int) -> None:
    torch.manual_seed(0)
    layer = FractionalConv(4, 2, kernel_px).requires_grad_(False)
    flat = layer(torch.rand(1, 4, 1, 1).expand(1, 4, 16, 16))
    assert float(flat.std(dim=(2, 3)).max()) < 1e-5
    y, x = torch.meshgrid(torch.arange(32), torch.arange(32), indexing="ij")
    rough = layer(torch.randn(1, 4, 16, 16))
    inside = (slice(None), slice(None), slice(8, 24), slice(8, 24))
    for pattern in ((-1.0) ** x, (-1.0) ** y, (-1.0) ** (x + y)):
        window = torch.hann_window(32).outer(torch.hann_window(32))
        share = (rough * pattern * window).mean(dim=(2, 3)).square() / (rough * window).square().mean(dim=(2, 3))
        assert float(share.max()) < 1e-3
    assert float(rough[inside].std()) > 0.1


@pytest.mark.parametrize("kernel_px", [3, 5, 9])
def test_a_free_kernel_draws_no_lattice_on_a_flat_area_and_may_be_sharp(kernel_px: int) -> None:
    torch.manual_seed(0)
    layer = PhaseFreeConv(4, 2, kernel_px).requires_grad_(False)
    flat = layer(torch.rand(1, 4, 1, 1).expand(1, 4, 16, 16))
    assert float(flat.std(dim=(2, 3)).max()) < 1e-5
    assert float((layer.weight - layer.taps).abs().max()) > 0.01  # not free as it was drawn
    torch.nn.init.zeros_(layer.taps)
    layer.taps[:, :, 1, 0], layer.taps[:, :, 1, 2] = 1.0, -1.0  # of the same phase: a line's two sides
    assert torch.allclose(layer.weight, layer.taps)


def test_a_new_bank_starts_from_the_plain_one() -> None:
    """So that a style starts from the photograph as the codec gives it back."""
    torch.manual_seed(0)
    encoder, decoder = DetailedEncoder(), DetailedDecoder()
    torch.nn.init.uniform_(decoder.plain.norm.weight)
    code = encoder(torch.rand(1, 3, 32, 32))
    assert not torch.allclose(decoder(*DetailedBank()(*code)), decoder.reconstruct(*code), atol=1e-3)
    bank = ARCHITECTURES["detailed"].bank(decoder)
    assert torch.equal(decoder(*bank(*code)), decoder.reconstruct(*code))


def test_a_bank_of_the_detailed_architecture_paints_pixels_apart() -> None:
    """What differs from pixel to pixel gets through: details do not pass the narrow way by a quarter of the size."""
    torch.manual_seed(0)
    encoder, decoder = DetailedEncoder().requires_grad_(False), DetailedDecoder().requires_grad_(False)
    stripes = torch.full((1, 3, 64, 64), 0.3)
    stripes[..., ::4] = stripes[..., 1::4] = 0.7
    moved = stripes.roll(2, dims=3)
    code, other = encoder(stripes), encoder(moved)
    still = decoder.reconstruct(code[0], code[1])
    assert float((decoder.reconstruct(code[0], other[1]) - still).abs().mean()) > 0.01


def test_norms_of_a_bank_take_the_place_of_the_decoders() -> None:
    torch.manual_seed(0)
    decoder = PaperDecoder()
    for norm in (decoder.conv1.norm, decoder.norm2):
        torch.nn.init.normal_(norm.weight)
        torch.nn.init.normal_(norm.bias)
    features = torch.rand(2, 32, 8, 8)
    bank = ARCHITECTURES["conditional"].bank(decoder)
    assert isinstance(bank, PaperBank)
    assert bank.norms is not None
    assert bank.norms.shape == (2 * 16 + 2 * 8,)
    assert torch.allclose(decoder(features, bank.norms), decoder(features), atol=1e-5)
    other = torch.rand_like(bank.norms)
    both = decoder(features, torch.stack([bank.norms, other]))
    assert torch.allclose(both[0], decoder(features)[0], atol=1e-5)
    assert torch.allclose(both[1:], decoder(features[1:], other), atol=1e-5)
    assert float((both[1] - decoder(features)[1]).detach().abs().mean()) > 0.01
    assert PaperBank().norms is None


@pytest.mark.parametrize("name", ["unet_pooled", "unet_shared", "conditional"])
def test_banks_at_once_paint_and_learn_as_each_in_its_turn(name: ArchitectureName) -> None:
    """On a card they are computed together: what they paint, and the gradients of all that is learned."""
    generator = Generator(name, ["a", "b", "c"], 0)
    with torch.no_grad():
        for parameter in generator.banks.parameters():
            parameter.add_(0.1 * torch.randn_like(parameter))
    banks = [generator.bank(style) for style in generator.banks]
    learned = [*generator.banks.parameters(), *generator.encoder.parameters()]
    photo = torch.rand(6, 3, 32, 48)
    painted: list[list[torch.Tensor]] = []
    gradients = []
    for paint in (_paint_in_turn, _paint_at_once):
        parts = [member.view(3, 2, *member.shape[1:]) for member in generator.encoder(photo)]
        painted.append(paint(banks, parts))
        pull = torch.Generator().manual_seed(5)
        losses = [(member * torch.randn(member.shape, generator=pull)).mean() for member in painted[-1]]
        gradients.append(torch.autograd.grad(torch.stack(losses).sum(), learned))
    assert [len(members) for members in painted] == 2 * [2 if name == "conditional" else 1]
    for mine, theirs in zip(*painted, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=0)
        assert float((mine[1] - mine[0]).detach().abs().mean()) > 0.01
    for mine, theirs in zip(*gradients, strict=True):
        torch.testing.assert_close(mine, theirs, atol=1e-5, rtol=0)
        assert float(mine.abs().max()) > 1e-4


def test_an_untrained_network_sees_plain_areas() -> None:
    """Two plain areas of different brightness come out different: no layer has dropped one of them."""
    torch.manual_seed(0)
    photo = torch.full((1, 3, 64, 64), 0.4)
    photo[..., 32:] = 0.6
    photo += 0.02 * torch.randn_like(photo)
    (features,) = PaperEncoder()(photo)
    alive = (features[..., 2:6] > 0).float().mean(), (features[..., 10:14] > 0).float().mean()
    assert min(map(float, alive)) > 0.4
    (stylised,) = PaperBank()(features)
    apart = (stylised - features).detach().square().mean() / features.detach().square().mean()
    assert float(apart) < 0.5  # close to the photo's own


@pytest.mark.parametrize("name", list(ARCHITECTURES))
@pytest.mark.parametrize("cells", [(2, 2), (3, 8), (13, 5)])
def test_sizes_along_the_network(name: ArchitectureName, cells: tuple[int, int]) -> None:
    """Sides of any multiple that the architecture asks for, from its least on."""
    plan = ARCHITECTURES[name]
    height, width = (max(plan.minimum_px, cell * plan.multiple_px) for cell in cells)
    encoder, bank, decoder = plan.encoder(), plan.bank(), plan.decoder()
    code = encoder(torch.rand(2, 3, height, width))
    assert code[0].shape == (2, 32, height // 4, width // 4)
    details = [] if name in ("srinath", "conditional") else [(2, 8, height // 2, width // 2)]
    assert [member.shape for member in code[1:]] == details
    assert decoder(*bank(*code)).shape == decoder.reconstruct(*code).shape == (2, 3, height, width)


def test_a_shift_by_a_cell_shifts_features_and_picture() -> None:
    """Away from the borders the codec must not wander: cell i stands for pixel 4i on the way in and out."""
    torch.manual_seed(0)
    encoder, decoder = PaperEncoder().requires_grad_(False), PaperDecoder().requires_grad_(False)
    for norm in [module for m in (encoder, decoder) for module in m.modules() if "Instance" in type(module).__name__]:
        norm.forward = torch.nn.Identity().forward
    blank = torch.full((1, 3, 96, 96), 0.5)
    dot = blank.clone()
    dot[:, :, 48, 48] = 1.0
    change = (encoder(dot)[0] - encoder(blank)[0]).abs().sum(dim=1)[0]
    rows = torch.arange(24, dtype=torch.float32)
    centre = (change.sum(dim=1) * rows).sum() / change.sum()
    assert abs(float(centre) - 12.0) < 0.5
    lit = torch.zeros(1, 32, 24, 24)
    lit[:, :, 12, 12] = 1.0
    painted = (decoder(lit) - decoder(torch.zeros_like(lit))).abs().sum(dim=1)[0]
    pixels = torch.arange(96, dtype=torch.float32)
    assert abs(float((painted.sum(dim=1) * pixels).sum() / painted.sum()) - 48.0) < 2.0
