"""Each graph against the module it was made from, in numbers."""

import copy
from collections import Counter

import numpy as np
import onnx
import onnxruntime
import pytest
import torch
from torch import nn

from nst_export.graph import Graph, Port
from nst_export.layers import depth_to_space, normalise_inner
from nst_export.parity import sample_picture
from nst_export.parts import bank_model, decoder_model, encoder_model
from nst_runtime.pictures.arrays import Floats
from nst_student.detailed import DetailedBank, DetailedDecoder, DetailedEncoder
from nst_student.paper import PaperBank, PaperDecoder, PaperEncoder
from nst_student.unet import UNetBank, UNetDecoder, UNetEncoder

SIZES = [(16, 16), (16, 60), (64, 52), (124, 100), (256, 256)]
SIZES_OF_EIGHTS = [(16, 16), (24, 32), (16, 200), (64, 56), (128, 104), (256, 256)]


def run_all(model: bytes, *arrays: Floats) -> list[Floats]:
    session = onnxruntime.InferenceSession(model, providers=["CPUExecutionProvider"])
    names = [entry.name for entry in session.get_inputs()]
    results: list[Floats] = session.run(None, dict(zip(names, arrays, strict=True)))
    return results


def run(model: bytes, *arrays: Floats) -> Floats:
    (result,) = run_all(model, *arrays)
    return result


def exactly(module: nn.Module, *arrays: Floats) -> Floats:
    """Return what `module` gives in float64, the first of several."""
    return all_exactly(module, *arrays)[0]


def all_exactly(module: nn.Module, *arrays: Floats) -> list[Floats]:
    with torch.inference_mode():
        result = copy.deepcopy(module).double()(*(torch.from_numpy(a).double() for a in arrays))
    return [tensor.numpy() for tensor in (result if isinstance(result, tuple) else (result,))]


def picture(height: int, width: int) -> Floats:
    rgb = sample_picture(height, width, seed=height)
    return np.ascontiguousarray(rgb.transpose(2, 0, 1)[None].astype(np.float32) / 255)


def features(height: int, width: int) -> Floats:
    return np.random.default_rng(height).random((1, 32, height // 4, width // 4), np.float32)


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_encoder(encoder: PaperEncoder, height: int, width: int) -> None:
    found = run(encoder_model(encoder, {}), picture(height, width))
    assert found.shape == (1, 32, height // 4, width // 4)
    assert np.abs(found - exactly(encoder, picture(height, width))).max() < 3e-5


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_bank(bank: PaperBank, height: int, width: int) -> None:
    found, expected = run(bank_model(bank, {}), features(height, width)), exactly(bank, features(height, width))
    assert np.abs(found - expected).max() < 3e-6 * expected.max()  # float32's rounding grows with the values


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_decoder(decoder: PaperDecoder, height: int, width: int) -> None:
    found = run(decoder_model(decoder, {}, conditional=False), features(height, width))
    expected = exactly(decoder, features(height, width))
    assert found.shape == (1, 3, height, width)
    assert np.abs(found - expected.clip(0, 1)).max() < 2e-6


Detailed = tuple[DetailedEncoder, DetailedBank, DetailedDecoder]


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_detailed_parts(detailed: Detailed, height: int, width: int) -> None:
    encoder, bank, decoder = detailed
    code = run_all(encoder_model(encoder, {}), picture(height, width))
    expected = all_exactly(encoder, picture(height, width))
    assert [part.shape for part in code] == [(1, 32, height // 4, width // 4), (1, 8, height // 2, width // 2)]
    assert max(np.abs(a - b).max() for a, b in zip(code, expected, strict=True)) < 3e-5
    painted = run(bank_model(bank, {}), *code)
    assert np.abs(painted - exactly(bank, *code)).max() < 1e-5 * painted.max()
    image = run(decoder_model(decoder, {}, conditional=False), painted)
    assert image.shape == (1, 3, height, width)
    assert np.abs(image - exactly(decoder, painted).clip(0, 1)).max() < 2e-6


UNet = tuple[UNetEncoder, UNetBank, UNetDecoder]


@pytest.mark.parametrize(("height", "width"), SIZES_OF_EIGHTS)
def test_unet_parts(unet: UNet, height: int, width: int) -> None:
    encoder, bank, decoder = unet
    code = run_all(encoder_model(encoder, {}), picture(height, width))
    expected = all_exactly(encoder, picture(height, width))
    assert [part.shape for part in code] == [(1, 32, height // 4, width // 4), (1, 8, height // 2, width // 2)]
    assert max(np.abs(a - b).max() for a, b in zip(code, expected, strict=True)) < 3e-5
    painted = run(bank_model(bank, {}), *code)
    assert painted.shape == (1, 8, height // 2, width // 2)
    assert np.abs(painted - exactly(bank, *code)).max() < 1e-5 * painted.max()
    image = run(decoder_model(decoder, {}, conditional=False), painted)
    assert image.shape == (1, 3, height, width)
    assert np.abs(image - exactly(decoder, painted).clip(0, 1)).max() < 2e-6


def test_unet_bank_has_as_many_blocks_as_it_was_trained_with(unet: UNet) -> None:
    encoder, bank, _ = unet
    code = run_all(encoder_model(encoder, {}), picture(64, 56))
    bank.blocks = bank.blocks[:1]
    painted = run(bank_model(bank, {}), *code)
    assert np.abs(painted - exactly(bank, *code)).max() < 1e-5 * painted.max()


def test_kernels_of_a_detailed_bank_are_kept_as_trained(detailed: Detailed) -> None:
    """The stride-1 form of a 3×3 kernel of fractional stride has 16 taps for 9; a pack is a download."""
    _, bank, _ = detailed
    weights = sum(p.numel() for p in bank.parameters())
    assert len(bank_model(bank, {})) < 4 * weights + 4500


def test_a_bank_in_half_precision_takes_half_the_room_and_stays_exact(detailed: Detailed) -> None:
    """But for the kernel of fractional stride, whose phases are brought to one sum in float32."""
    encoder, bank, _ = detailed
    bank = copy.deepcopy(bank).half().float()
    weights, single = sum(p.numel() for p in bank.parameters()), bank.up.taps.numel()
    model = bank_model(bank, {})
    assert len(model) < 2 * weights + 2 * single + 5000
    code = run_all(encoder_model(encoder, {}), picture(64, 52))
    painted = exactly(bank, *code)
    assert np.abs(run(model, *code) - painted).max() < 1e-5 * painted.max()


def test_decoder_clips(decoder: PaperDecoder) -> None:
    assert decoder.up3.bias is not None
    decoder.up3.bias.copy_(torch.tensor([-9.0, 0.5, 9.0]))
    below, within, above = run(decoder_model(decoder, {}, conditional=False), features(64, 52))[0]
    assert (below.max(), above.min()) == (0, 1)
    assert (within.min() < 0.45, within.max() > 0.55) == (True, True)


def test_faint_picture_is_as_exact_as_in_torch(encoder: PaperEncoder) -> None:
    """Statistics by a detour must not lose digits where a bright picture has hardly any contrast."""
    faint = (0.9 + 0.01 * picture(64, 96)).astype(np.float32)
    expected = exactly(encoder, faint)
    with torch.inference_mode():
        torch_error = np.abs(encoder(torch.from_numpy(faint))[0].numpy() - expected).max()
    assert np.abs(run(encoder_model(encoder, {}), faint) - expected).max() < 2 * torch_error


@pytest.mark.parametrize(("height", "width"), SIZES)
def test_decoder_takes_the_norms_that_a_bank_gives(
    conditional_bank: PaperBank, decoder: PaperDecoder, height: int, width: int
) -> None:
    stylised, norms = run_all(bank_model(conditional_bank, {}), features(height, width))
    assert conditional_bank.norms is not None
    assert norms.tolist() == conditional_bank.norms.tolist()
    found = run(decoder_model(decoder, {}, conditional=True), stylised, norms)
    expected = exactly(decoder, stylised, norms).clip(0, 1)
    assert np.abs(found - expected).max() < 3e-5
    assert np.abs(found - exactly(decoder, stylised).clip(0, 1)).max() > 0.01  # by its own norms


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_picture_is_within_a_level(
    encoder: PaperEncoder, bank: PaperBank, decoder: PaperDecoder, value: float
) -> None:
    """Without contrast there is nothing but rounding errors for the norms to enlarge."""
    flat = np.full((1, 3, 64, 80), value, np.float32)
    stylised = run(bank_model(bank, {}), run(encoder_model(encoder, {}), flat))
    image = run(decoder_model(decoder, {}, conditional=False), stylised)
    expected = exactly(decoder, exactly(bank, exactly(encoder, flat))).clip(0, 1)
    assert np.abs(image - expected).max() < 1 / 255


def normalised_inside(pixels: torch.Tensor, norm: nn.InstanceNorm2d) -> torch.Tensor:
    """Return what the graph of `normalise_inner` makes of `pixels` 1×C×H×W, without the last row and column."""
    graph = Graph()
    result = normalise_inner(graph, "x", norm)
    model = graph.model([Port("x", 8, "h", "w")], {result: Port("y", 8, "h", "w")}, {})
    phases = torch.from_numpy(run(model, torch.pixel_unshuffle(pixels, 2).numpy()))
    return torch.pixel_shuffle(phases, 2)[:, :, :-1, :-1]


def pixels_with_border(factor: float) -> torch.Tensor:
    """Return noise whose last row and column are `factor` times as large as the rest."""
    torch.manual_seed(0)
    pixels = torch.randn(1, 2, 10, 12) + 3
    pixels[:, :, -1] *= factor
    pixels[:, :, :-1, -1] *= factor
    return pixels


def test_border_stays_out_of_the_statistics() -> None:
    norm = shaken_norm()
    pixels = pixels_with_border(8)
    expected = torch.relu(norm(pixels[:, :, :-1, :-1]))
    assert float((normalised_inside(pixels, norm) - expected).abs().max()) < 1e-4


def test_border_that_outweighs_all_else_leaves_no_nan() -> None:
    assert bool(normalised_inside(pixels_with_border(1e6), shaken_norm()).isfinite().all())


def shaken_norm() -> nn.InstanceNorm2d:
    norm = nn.InstanceNorm2d(2, affine=True).requires_grad_(False)
    norm.weight.copy_(torch.tensor([1.5, -0.5]))
    norm.bias.copy_(torch.tensor([-0.25, 0.5]))
    return norm


@pytest.mark.parametrize(("width", "size"), [(8, 2), (3, 4)])
def test_depth_to_space_is_pixel_shuffle(width: int, size: int) -> None:
    graph = Graph()
    x = torch.arange(float(width * size**2 * 5 * 7)).reshape(1, -1, 5, 7)
    result = depth_to_space(graph, "x", width, size)
    model = graph.model([Port("x", width * size**2, "h", "w")], {result: Port("y", width, "H", "W")}, {})
    np.testing.assert_array_equal(run(model, x.numpy()), torch.pixel_shuffle(x, size).numpy())


def test_graphs_have_no_node_to_spare(bank: PaperBank, decoder: PaperDecoder) -> None:
    operators = Counter(node.op_type for node in onnx.load_from_string(bank_model(bank, {})).graph.node)
    assert operators == {"Pad": 2, "Conv": 2, "InstanceNormalization": 2, "Relu": 2}
    operators = Counter(
        node.op_type for node in onnx.load_from_string(decoder_model(decoder, {}, conditional=False)).graph.node
    )
    assert (operators["Conv"], operators["DepthToSpace"], operators["ConvTranspose"]) == (3, 0, 0)


def test_model_says_what_it_is(encoder: PaperEncoder) -> None:
    model = onnx.load_from_string(encoder_model(encoder, {"nst.part": "encoder", "nst.architecture": "srinath"}))
    (entry,), (result,) = model.graph.input, model.graph.output
    sides = [[dim.dim_param or dim.dim_value for dim in port.type.tensor_type.shape.dim] for port in (entry, result)]
    assert (entry.name, result.name) == ("image", "features")
    assert sides == [[1, 3, "H", "W"], [1, 32, "h", "w"]]
    assert {p.key: p.value for p in model.metadata_props} == {"nst.part": "encoder", "nst.architecture": "srinath"}
    assert [(o.domain, o.version) for o in model.opset_import] == [("", 17)]
