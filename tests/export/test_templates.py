"""Each template, in each form, against the module whose numbers it is filled with."""

import copy

import numpy as np
import onnx
import pytest
import torch
from torch import nn

from nst_export.parity import sample_picture
from nst_export.templates.graph import WEIGHTS_FILE, Graph, Model, Names
from nst_export.templates.layers import depth_to_space, normalise_inner
from nst_export.templates.registry import FORMS, template, templates
from nst_runtime.contracts.packs import Form, Part, Port, Template
from nst_runtime.contracts.tensors import Tensors
from nst_runtime.inference.devices import RunSettings
from nst_runtime.inference.sessions import Session
from nst_runtime.inference.statistics import affine, affine_tensors, gather
from nst_runtime.inference.templates import PartSession
from nst_runtime.pictures.arrays import Floats
from nst_student.networks.paper import PaperBank, PaperDecoder, PaperEncoder
from nst_student.networks.registry import ARCHITECTURES
from nst_student.networks.unet import UNetBank, UNetDecoder, UNetEncoder
from nst_student.recipes.settings import ArchitectureName

from .conftest import shake

SIZES = [(16, 16), (16, 200), (64, 56), (128, 104), (256, 256)]
SETTINGS = RunSettings("cpu", 1)

PREFIXES = {"encoder": "encoder.", "bank": "", "decoder": "decoder."}


def numbers(part: Part, module: nn.Module) -> Tensors:
    return {PREFIXES[part] + name: tensor.numpy() for name, tensor in module.state_dict().items()}


def opened(model: Model, tensors: Tensors) -> PartSession:
    entry = Template("x.onnx", "0" * 64, 1, "bank", "direct", model.inputs, model.outputs, model.weights)
    weights = {weight.name: np.asarray(tensors[weight.name], np.float32) for weight in model.weights}
    return PartSession(entry, Session(model.data, weights, SETTINGS, "a template"))


def run(
    name: ArchitectureName, part: Part, form: Form, module: nn.Module, *arrays: Floats, more: Tensors | None = None
) -> list[Floats]:
    """Return what the template gives for `arrays`, by their own statistics where it wants these from outside."""
    tensors = {**numbers(part, module), **(more or {})}
    model = template(name, part, form, module)
    if form == "direct" or not model.norms:
        return opened(model, tensors)(*arrays)
    staged = opened(template(name, part, "staged", module), tensors)
    statistics = gather(staged, model.norms, tensors, *arrays)
    affines = {norm.name: affine(norm, statistics[norm.name], tensors) for norm in model.norms}
    if form == "staged":
        return staged.with_affines(affines, *arrays)
    return opened(model, {**tensors, **affine_tensors(affines)})(*arrays)


def exactly(module: nn.Module, *arrays: Floats) -> list[Floats]:
    """Return what `module` gives in float64."""
    with torch.inference_mode():
        result = copy.deepcopy(module).double()(*(torch.from_numpy(a).double() for a in arrays))
    return [tensor.numpy() for tensor in (result if isinstance(result, tuple) else (result,))]


def picture(height: int, width: int) -> Floats:
    rgb = sample_picture(height, width, seed=height)
    return np.ascontiguousarray(rgb.transpose(2, 0, 1)[None].astype(np.float32) / 255)


def largest_difference(found: list[Floats], expected: list[Floats]) -> float:
    """Return the largest difference, relative to the largest value where that is above 1."""
    assert [array.shape for array in found] == [array.shape for array in expected]
    pairs = zip(found, expected, strict=True)
    return max(float(np.abs(a - b).max() / max(1, np.abs(b).max())) for a, b in pairs)


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_every_part_in_every_form(name: ArchitectureName, form: Form) -> None:
    torch.manual_seed(2)
    architecture = ARCHITECTURES[name]
    encoder, bank, decoder = (
        shake(make()) for make in (architecture.encoder, architecture.blank_bank, architecture.decoder)
    )
    for sides in SIZES:
        multiple_px = architecture.multiple_px
        height, width = (max(architecture.minimum_px, -(-side // multiple_px) * multiple_px) for side in sides)
        code = exactly(encoder, picture(height, width))
        assert largest_difference(run(name, "encoder", form, encoder, picture(height, width)), code) < 3e-5
        code = [array.astype(np.float32) for array in code]
        painted = exactly(bank, *code)
        assert largest_difference(run(name, "bank", form, bank, *code), painted) < 1e-5
        painted = [array.astype(np.float32) for array in painted]
        (image,) = exactly(decoder, *painted)
        found = run(name, "decoder", form, decoder, *painted, more=numbers("bank", bank))
        assert image.shape == (1, 3, height, width)
        assert largest_difference(found, [image.clip(0, 1)]) < 2e-6


def test_unet_bank_has_as_many_blocks_as_it_was_trained_with() -> None:
    torch.manual_seed(6)
    encoder, bank = shake(UNetEncoder()), shake(UNetBank())
    code = [array.astype(np.float32) for array in exactly(encoder, picture(64, 56))]
    bank.blocks = bank.blocks[:1]
    assert largest_difference(run("unet", "bank", "direct", bank, *code), exactly(bank, *code)) < 1e-5


@pytest.mark.parametrize("name", list(ARCHITECTURES))
def test_templates_hold_no_weights_and_depend_on_none(name: ArchitectureName) -> None:
    """The same bytes from any module of the architecture; weights lie one after the other in a file beside."""
    first = {(part, form): model for part, form, model in templates(name)}
    torch.manual_seed(99)
    again = {(part, form): model for part, form, model in templates(name)}
    assert {key: model.data for key, model in first.items()} == {key: model.data for key, model in again.items()}
    for model in first.values():
        weights = [t for t in onnx.load_from_string(model.data).graph.initializer if t.external_data]
        assert [(t.name, tuple(t.dims)) for t in weights] == [(w.name, w.shape) for w in model.weights]
        offset = 0
        for tensor in weights:
            place = {entry.key: entry.value for entry in tensor.external_data}
            assert place == {"location": WEIGHTS_FILE, "offset": str(offset), "length": str(4 * np.prod(tensor.dims))}
            offset += int(place["length"])


def test_a_part_without_norms_has_one_form() -> None:
    found = [(part, form) for part, form, _ in templates("unet")]
    assert found.count(("decoder", "direct")) == 1
    assert [form for part, form in found if part == "bank"] == list(FORMS)


def test_folded_form_has_plain_convolutions_alone() -> None:
    operators = {node.op_type for node in onnx.load_from_string(template_of("folded").data).graph.node}
    assert "InstanceNormalization" not in operators
    operators = {node.op_type for node in onnx.load_from_string(template_of("direct").data).graph.node}
    assert "InstanceNormalization" in operators


def template_of(form: Form) -> Model:
    return template("unet", "bank", form, UNetBank())


def test_decoder_clips() -> None:
    torch.manual_seed(3)
    decoder = shake(PaperDecoder())
    assert decoder.up3.bias is not None
    decoder.up3.bias.copy_(torch.tensor([-9.0, 0.5, 9.0]))
    features = np.random.default_rng(0).random((1, 32, 16, 13), np.float32)
    (image,) = run("srinath", "decoder", "direct", decoder, features)
    below, within, above = image[0]
    assert (below.max(), above.min()) == (0, 1)
    assert (within.min() < 0.45, within.max() > 0.55) == (True, True)


def test_faint_picture_is_as_exact_as_in_torch() -> None:
    """Statistics by a detour must not lose digits where a bright picture has hardly any contrast."""
    torch.manual_seed(1)
    encoder = shake(PaperEncoder())
    faint = (0.9 + 0.01 * picture(64, 96)).astype(np.float32)
    (expected,) = exactly(encoder, faint)
    with torch.inference_mode():
        torch_error = np.abs(encoder(torch.from_numpy(faint))[0].numpy() - expected).max()
    (found,) = run("srinath", "encoder", "direct", encoder, faint)
    assert np.abs(found - expected).max() < 2 * torch_error


@pytest.mark.parametrize("form", FORMS)
def test_decoder_takes_the_norms_that_a_bank_has(form: Form) -> None:
    torch.manual_seed(4)
    bank, decoder = shake(PaperBank(conditional=True)), shake(PaperDecoder())
    features = np.random.default_rng(0).random((1, 32, 16, 13), np.float32)
    stylised, norms = run("conditional", "bank", form, bank, features)
    assert bank.norms is not None
    assert norms.tolist() == bank.norms.tolist()
    (found,) = run("conditional", "decoder", form, decoder, stylised, norms, more=numbers("bank", bank))
    (expected,) = exactly(decoder, stylised, norms)
    assert np.abs(found - expected.clip(0, 1)).max() < 3e-5
    assert np.abs(found - exactly(decoder, stylised)[0].clip(0, 1)).max() > 0.01  # by its own norms


@pytest.mark.parametrize("value", [0.0, 0.5, 1.0])
def test_flat_picture_is_within_a_level(value: float) -> None:
    """Without contrast there is nothing but rounding errors for the norms to enlarge."""
    torch.manual_seed(5)
    encoder, bank, decoder = shake(UNetEncoder()), shake(UNetBank()), shake(UNetDecoder())
    flat = np.full((1, 3, 64, 80), value, np.float32)
    painted = run("unet", "bank", "direct", bank, *run("unet", "encoder", "direct", encoder, flat))
    (image,) = run("unet", "decoder", "direct", decoder, *painted)
    (expected,) = exactly(decoder, *exactly(bank, *exactly(encoder, flat)))
    assert np.abs(image - expected.clip(0, 1)).max() < 1 / 255


def bare_graph(module: nn.Module) -> Graph:
    return Graph(Names(module, "norm."))


def normalised_inside(pixels: torch.Tensor, norm: nn.InstanceNorm2d) -> torch.Tensor:
    """Return what the graph of `normalise_inner` makes of `pixels` 1×C×H×W, without the last row and column."""
    graph = bare_graph(norm)
    result = normalise_inner(graph, "x", norm)
    model = graph.model([Port("x", (1, 8, "h", "w"))], {result: Port("y", (1, 8, "h", "w"))}, {})
    tensors = {f"norm.{name}": tensor.numpy() for name, tensor in norm.state_dict().items()}
    (phases,) = opened(model, tensors)(torch.pixel_unshuffle(pixels, 2).numpy())
    return torch.pixel_shuffle(torch.from_numpy(phases), 2)[:, :, :-1, :-1]


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
    graph = bare_graph(nn.Identity())
    x = torch.arange(float(width * size**2 * 5 * 7)).reshape(1, -1, 5, 7)
    result = depth_to_space(graph, "x", width, size)
    ports = Port("x", (1, width * size**2, "h", "w")), Port("y", (1, width, "H", "W"))
    (found,) = opened(graph.model([ports[0]], {result: ports[1]}, {}), {})(x.numpy())
    np.testing.assert_array_equal(found, torch.pixel_shuffle(x, size).numpy())


def test_template_says_what_it_is() -> None:
    model = onnx.load_from_string(template("srinath", "encoder", "staged", PaperEncoder()).data)
    sides = [[dim.dim_param or dim.dim_value for dim in port.type.tensor_type.shape.dim] for port in model.graph.input]
    assert model.graph.input[0].name == "image"
    assert sides[0] == [1, 3, "H", "W"]
    assert {p.key: p.value for p in model.metadata_props} == {
        "nst.part": "encoder", "nst.form": "staged", "nst.architecture": "srinath", "nst.format_version": "2",
    }  # fmt: skip


def test_a_weight_that_is_not_the_modules_is_refused() -> None:
    with pytest.raises(ValueError, match="parameters of its module alone"):
        bare_graph(nn.Identity()).weight(torch.zeros(3))
