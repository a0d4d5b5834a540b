"""The engine on drawn photos: how far the loss falls, what depends on what, and sizes that cannot be."""

import shutil
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from nst_features.names import Precision
from nst_runtime import Stylizer
from nst_runtime.contracts.files import sha256_of_file
from nst_runtime.contracts.library import open_library
from nst_runtime.contracts.packs import DEFAULT_PACK
from nst_runtime.errors import NstError, PackError
from nst_runtime.pictures.arrays import Pixels, to_unit
from nst_runtime.pictures.write import write_picture
from nst_teacher.engine.engine import Engine, Outcome, StylePicture, draw_noise, fit_style, outcomes
from nst_teacher.engine.judges import weigh_terms
from nst_teacher.objective.objective import Objective
from nst_teacher.pictures.color import luminance
from nst_teacher.pictures.masks import Regions
from nst_teacher.pictures.starts import BankStart
from nst_teacher.settings.formula import Formula
from nst_teacher.settings.identity import describe
from nst_teacher.settings.method import DeepJudge, Method
from nst_teacher.settings.plan import Plan

from .conftest import draw_photo, draw_style

CPU = torch.device("cpu")
FAKE_PACK = Path(__file__).parent.parent / "runtime" / "fake_pack"
PRECISIONS: tuple[Precision, ...] = ("fp32", "bf16")


def square(seed: int, size_px: int = 64) -> Pixels:
    return draw_photo(seed, size_px, size_px)


def finish(engine: Engine, photos: list[Pixels], seeds: list[int] | None = None) -> list[Outcome]:
    iterates = list(engine.run(photos, seeds or [0] * len(photos)))
    return outcomes(iterates[0].losses, iterates[-1], engine.method.content_weight)


def test_random_filters_take_the_loss_to_less_than_half_at_64_px() -> None:
    engine = Engine(Method(network="random", plan=Plan(iterations=20), style_size_px=64), draw_style(), CPU)
    (outcome,) = finish(engine, [square(0)])
    assert outcome.finite
    assert outcome.final < 0.2 * outcome.initial
    assert outcome.content + outcome.style < outcome.final < outcome.content + outcome.style + 0.03
    assert outcome.picture.shape == (64, 64, 3)


def test_a_little_weight_of_content_keeps_the_photo_and_none_loses_it() -> None:
    photo = square(1)

    def distance(content_weight: float) -> float:
        method = Method(
            network="random", plan=Plan(iterations=20), content_weight=content_weight, content_layers=("scale1",)
        )
        (outcome,) = finish(Engine(method, draw_style(), CPU), [photo])
        return float(np.abs(outcome.picture.astype(float) - photo).mean())

    assert distance(10.0) < 0.5 * distance(0.001)


ALIKE = (
    Method(plan=Plan("lbfgs", 8)),
    Method(plan=Plan("adam", 8)),
    Method(plan=Plan("gradient-descent", 8), balance="auto", start="style-statistics"),
    Method(plan=Plan("adadelta", 8, average=0.5, smallest_px=30), colour="covariance", scales=2),
    Method(plan=Plan("adam", 8), formula=Formula(style_distance="wasserstein"), colour="luminance", framing="crop"),
)


@pytest.mark.filterwarnings("ignore:TF32 acceleration")
@pytest.mark.parametrize("method", ALIKE)
def test_a_photo_comes_out_the_same_in_any_batch(method: Method, tiny_vgg: Path) -> None:
    """By convolutions that take picture after picture: oneDNN's round otherwise in a batch, on some processors.

    Adam makes a step of full length of the smallest gradient, so that its sign, if that is rounding, is 15 levels.
    """
    engine = Engine(replace(method, network="vgg19", weights=tiny_vgg), draw_style(), CPU)
    photos = [square(seed, 40) for seed in range(3)]
    with torch.backends.mkldnn.flags(enabled=False):
        together = finish(engine, photos)
        singly = [finish(engine, [photo])[0] for photo in photos]
    for alone, outcome in zip(singly, together, strict=True):
        assert alone.final == pytest.approx(outcome.final, rel=1e-3)
        assert np.abs(alone.picture.astype(int) - outcome.picture).max() <= 2


def test_twice_is_bitwise_the_same(tiny_vgg: Path) -> None:
    method = Method(network="vgg19", weights=tiny_vgg, plan=Plan(iterations=5), start="noise")
    first, second = (finish(Engine(method, draw_style(), CPU), [square(0, 32)], [7])[0] for _ in range(2))
    assert np.array_equal(first.picture, second.picture)
    assert first.final == second.final


def test_noise_is_each_pictures_own() -> None:
    like = torch.zeros(2, 3, 8, 8)
    both = draw_noise(like, [5, 6])
    assert torch.equal(both[1:], draw_noise(like[:1], [6]))
    assert not torch.equal(both[0], both[1])
    assert 0 <= float(both.min()) < 0.1
    assert 0.9 < float(both.max()) <= 1


def test_starting_from_noise_the_photo_appears() -> None:
    plan, photo = Plan(iterations=40), square(2, 48)
    method = Method(network="random", plan=plan, start="noise", content_weight=10.0, content_layers=("scale1",))
    engine = Engine(method, draw_style(), CPU)
    iterates = list(engine.run([photo], [1]))
    target = torch.from_numpy(to_unit(photo))
    errors = [float((iterate.image - target).square().mean()) for iterate in (iterates[0], iterates[-1])]
    assert errors[1] < 0.3 * errors[0]


def test_the_layers_that_the_network_chooses_are_settings(tiny_vgg: Path) -> None:
    engine = Engine(Method(network="vgg19", weights=tiny_vgg), draw_style(), CPU)
    settings = describe(engine.method)
    assert settings["style_layers"] == ["relu1_1", "relu2_1", "relu3_1"]
    assert settings["content_layer"] == "relu3_1"
    assert settings["scales"] == 3
    assert len(settings["weights_sha256"]) == 64
    assert settings["learning_rate"] is None


@pytest.mark.parametrize("smallest_px", [None, 20])
def test_unbounded_pixels_go_beyond_white_and_black_and_the_picture_is_clipped(smallest_px: int | None) -> None:
    """A style of harder contrast than pixels have can be met outside of their range alone."""
    style = np.where(draw_style() > 120, 255, 0).astype(np.uint8)
    found = {}
    for bounded in (True, False):
        plan = Plan(iterations=20, bounded=bounded, smallest_px=smallest_px)
        method = Method(network="random", plan=plan, style_size_px=64, variation_weight=0.0, content_weight=1e-4)
        found[bounded] = list(Engine(method, style, CPU).run([square(0, 40)], [0]))[-1]
    inside, beyond = found[True], found[False]
    assert (float(inside.image.min()), float(inside.image.max())) == (0, 1)
    assert float(beyond.image.min()) < -0.2
    assert float(beyond.image.max()) > 1.2
    (outcome,) = outcomes(beyond.losses, beyond, 1e-4)
    expected = (beyond.image[0].clamp(0, 1) * 255).round().permute(1, 2, 0).numpy()
    assert np.abs(outcome.picture - expected).max() <= 1
    assert outcome.finite


def test_a_second_network_judges_too(tiny_vgg: Path) -> None:
    deep = DeepJudge(tiny_vgg, layers=("relu3_1",), weight=1.0)
    plain = Method(network="random", plan=Plan(iterations=1))
    with_deep = Method(network="random", plan=Plan(iterations=1), deep=deep)
    only = Method(network="vgg19", weights=tiny_vgg, style_layers=("relu3_1",), scales=1, plan=Plan(iterations=1))
    first, second, both = (
        finish(Engine(method, draw_style(), CPU), [square(0)])[0].initial - 0.03 * variation()
        for method in (plain, only, with_deep)
    )
    assert both == pytest.approx((first + second) / 2, rel=1e-3)


def variation() -> float:
    unit = to_unit(square(0)).astype(float)
    return float((np.diff(unit, axis=2) ** 2).mean() + (np.diff(unit, axis=3) ** 2).mean())


def test_a_small_style_picture_is_not_blown_up() -> None:
    style = draw_style(80, 96)
    assert fit_style(style, 512).shape == (80, 96, 3)
    assert fit_style(style, 40).shape == (40, 48, 3)


def test_pictures_too_small_for_the_layers_are_refused(tiny_vgg: Path) -> None:
    method = Method(network="vgg19", weights=tiny_vgg, scales=4)
    with pytest.raises(NstError, match=r"style pictures of 24 px are too small .* over 4 scales; use a larger picture"):
        Engine(method, draw_style(24, 96), CPU)
    engine = Engine(method, draw_style(), CPU)
    with pytest.raises(NstError, match=r"photos of 20 px are too small .* larger `size`, fewer `scales`"):
        list(engine.run([square(0, 20)], [0]))


def test_bf16_takes_the_exact_loss_as_low_as_fp32() -> None:
    plan, photo = Plan(iterations=20), square(0)
    engines = [
        Engine(Method(network="random", plan=plan, precision=precision), draw_style(), CPU) for precision in PRECISIONS
    ]
    judge = Objective(engines[0].target, torch.from_numpy(to_unit(photo)), weigh_terms(engines[0].method))
    pictures = [finish(engine, [photo])[0].picture for engine in engines]
    exact, rough = (float(judge(torch.from_numpy(to_unit(picture))).total) for picture in pictures)
    assert rough == pytest.approx(exact, rel=0.2)
    assert rough < 0.2 * float(judge(torch.from_numpy(to_unit(photo))).total)


def first_image(method: Method, style: Pixels | None = None, seed: int = 0) -> torch.Tensor:
    engine = Engine(replace(method, network="random"), draw_style() if style is None else style, CPU)
    return next(iter(engine.run([square(0, 48)], [seed]))).image


def test_starts(tmp_path: Path) -> None:
    assert torch.equal(first_image(Method(start="content")), torch.from_numpy(to_unit(square(0, 48))))
    assert torch.equal(first_image(Method(start="noise"), seed=3), draw_noise(torch.zeros(1, 3, 48, 48), [3]))
    assert float(first_image(Method(start="zeros")).abs().max()) == 0
    picture = draw_photo(5, 48, 48)
    write_picture(tmp_path / "start.png", picture)
    given = first_image(Method(start="file", start_picture=tmp_path / "start.png"))
    assert torch.equal(given, torch.from_numpy(to_unit(picture)))
    style = np.full((60, 60, 3), (200, 40, 120), np.uint8)
    style[::2] -= 20
    drawn = first_image(Method(start="style-statistics"), style)
    mean, deviation = (value((0, 2, 3)) * 255 for value in (drawn.mean, drawn.std))
    assert mean.tolist() == pytest.approx([190, 30, 110], abs=1)
    assert deviation.tolist() == pytest.approx([10, 10, 10], abs=0.7)
    assert not torch.equal(drawn, first_image(Method(start="style-statistics"), style, seed=1))


def test_a_start_that_a_bank_paints(tmp_path: Path) -> None:
    """What the runtime makes of the photo, in the shipped pack or another."""
    photos = [draw_photo(5, 48, 40), draw_photo(6, 48, 40)]
    method = Method(network="random", start="bank", start_bank="waves")
    started = next(iter(Engine(method, draw_style(), CPU).run(photos, [0, 0]))).image
    for image, photo in zip(started, photos, strict=True):
        expected = to_unit(Stylizer.load().stylize(photo, "waves"))
        assert torch.allclose(image, torch.from_numpy(expected[0]), atol=1.1 / 255)
    fake = replace(method, start_bank="negative", start_pack=FAKE_PACK)
    negative = next(iter(Engine(fake, draw_style(), CPU).run(photos[:1], [0]))).image
    assert float((negative - started[:1]).abs().mean()) > 0.1
    with pytest.raises(PackError, match=r"no style 'wave'; there are waves, .* did you mean 'waves'"):
        Engine(replace(method, start_bank="wave"), draw_style(), CPU)


def test_pairs_remember_the_bank_that_they_start_from() -> None:
    described = describe(Method(start="bank", start_bank="waves"))
    waves = open_library().find("waves")
    assert described["start"] == "bank"
    assert described["start_bank_sha256"] == sha256_of_file(waves.path)
    assert describe(Method())["start_bank_sha256"] is None


def test_a_start_from_a_bank_needs_its_style() -> None:
    with pytest.raises(NstError, match="`start` bank and `start_bank` go together"):
        Method(start="bank")
    with pytest.raises(NstError, match="`start` bank and `start_bank` go together"):
        Method(start_bank="waves")
    with pytest.raises(NstError, match="`start_pack` is where a bank is looked for; give `start_bank`, too"):
        Method(start_pack=FAKE_PACK)


def test_a_start_from_a_file_needs_the_file() -> None:
    with pytest.raises(NstError, match="`start` file and `start_picture` go together"):
        Method(start="file")
    with pytest.raises(NstError, match="go together"):
        Method(start_picture=Path("x.png"))


def test_coarse_to_fine_ends_at_full_size_after_as_many_iterations() -> None:
    method = Method(network="random", plan=Plan(iterations=9, smallest_px=32), style_size_px=64)
    iterates = list(Engine(method, draw_style(), CPU).run([draw_photo(0, 64, 80)], [0]))
    assert [iterate.iteration for iterate in iterates] == list(range(10))
    sizes = [tuple(iterate.image.shape[2:]) for iterate in iterates]
    assert sizes == [(32, 40)] * 4 + [(45, 56)] * 3 + [(64, 80)] * 3
    assert float(iterates[-1].losses.total) < 0.5 * float(iterates[0].losses.total)


def test_the_styles_size_follows_the_photos() -> None:
    """Strokes twice as large: the style's target is that of the picture at twice the size."""
    style = draw_style(160, 192)
    photo = square(0, 40)
    engines = [
        Engine(Method(network="random", style_scale=2.0), style, CPU),
        Engine(Method(network="random", style_size_px=80), style, CPU),
        Engine(Method(network="random", style_scale=1.0), style, CPU),
    ]
    losses = [float(next(iter(engine.run([photo], [0]))).losses.style) for engine in engines]
    assert losses[0] == pytest.approx(losses[1], rel=1e-5)
    assert abs(losses[2] - losses[0]) > 0.01 * losses[0]


def test_luminance_alone_changes_no_colour() -> None:
    photo = square(3, 48)
    method = Method(network="random", plan=Plan(iterations=10), colour="luminance", style_size_px=64)
    iterates = list(Engine(method, draw_style(), CPU).run([photo], [0]))
    image, before = iterates[-1].image, torch.from_numpy(to_unit(photo))
    inside = ((image > 0.001) & (image < 0.999)).all(1, keepdim=True)
    chroma = (image - luminance(image)) - (before - luminance(before))
    assert float((chroma * inside).abs().max()) < 1e-5
    assert float((luminance(image) - luminance(before)).abs().mean()) > 0.02


@pytest.mark.parametrize("colour", ["covariance", "wasserstein"])
def test_matched_colours_are_the_photos(colour: str) -> None:
    photo = (square(3, 48) // 4 + np.array([120, 60, 30])).astype(np.uint8)
    blue = draw_style()
    means = {}
    for choice in ("style", colour):
        method = replace(Method(network="random", plan=Plan(iterations=15), style_size_px=64), colour=choice)  # type: ignore[arg-type]
        means[choice] = finish(Engine(method, blue, CPU), [photo])[0].picture.mean((0, 1))
    apart = {choice: np.abs(mean - photo.mean((0, 1))).max() for choice, mean in means.items()}
    assert apart[colour] < 12
    assert apart["style"] > 1.5 * apart[colour]


def test_masks_bring_each_region_its_own_style_without_a_seam() -> None:
    """Three regions of red, green and blue grain: from column to column, the borders step no more than the grain."""
    size, grain = 72, np.random.default_rng(5)
    style = grain.integers(30, 70, (size, size, 3)).astype(np.uint8)
    thirds = [slice(0, 24), slice(24, 48), slice(48, 72)]
    shares = np.zeros((3, size, size), np.float32)
    for region, part in enumerate(thirds):
        style[:, part, region] += 150
        shares[region, :, part] = 1
    moved = shares[[1, 2, 0]]  # the photo's regions lie elsewhere: blue, red, green from the left
    regions = Regions(("#a", "#b", "#c"), shares)
    method = Method(
        network="random", plan=Plan(iterations=30), content_weight=1e-4, variation_weight=0.0, style_size_px=size
    )
    photo = grain.integers(90, 130, (size, size, 3)).astype(np.uint8)
    engine = Engine(method, [StylePicture(style, 1.0, regions)], CPU)
    *_, end = engine.run([photo], [0], [moved])
    means = [end.image[0, :, :, part].mean((1, 2)) for part in (slice(4, 20), slice(28, 44), slice(52, 68))]
    assert [int(mean.argmax()) for mean in means] == [2, 0, 1]
    columns = end.image[0].mean(1)
    steps = (columns[:, 1:] - columns[:, :-1]).abs().mean(0)
    borders = torch.cat([steps[20:27], steps[44:51]])
    inside = torch.cat([steps[4:20], steps[28:44], steps[52:68]])
    assert float(borders.max()) < 1.5 * float(inside.max())


def test_style_pictures_blend_by_their_weights() -> None:
    red, blue = (np.full((48, 48, 3), colour, np.uint8) for colour in ((220, 40, 40), (40, 40, 220)))
    for picture in (red, blue):
        picture[::4] //= 2
    method = Method(network="random", plan=Plan(iterations=25), content_weight=1e-4, style_size_px=48)
    found = {}
    for weight in (0.05, 1.0, 20.0):
        engine = Engine(method, [StylePicture(red), StylePicture(blue, weight)], CPU)
        mean = finish(engine, [np.full((48, 48, 3), 110, np.uint8)])[0].picture.mean((0, 1))
        found[weight] = mean[0] - mean[2]
    assert found[0.05] > 60
    assert found[20.0] < -60
    assert abs(found[1.0]) < 0.6 * min(found[0.05], -found[20.0])


def test_the_average_calms_the_last_iterates() -> None:
    engines = [
        Engine(Method(network="random", plan=Plan("adam", 20, 0.2, decay=False, average=average)), draw_style(), CPU)
        for average in (0.0, 0.95)
    ]
    moves = []
    for engine in engines:
        *_, before, end = engine.run([square(0)], [0])
        moves.append(float((end.image - before.image).abs().mean()))
    assert moves[1] < 0.5 * moves[0]


def test_a_start_may_be_painted_by_a_style_of_ones_own(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """From the workspace, by its name or its file, beside those of the pack."""
    own = tmp_path / "workspace" / "styles" / "mine.safetensors"
    own.parent.mkdir(parents=True)
    shutil.copy(DEFAULT_PACK / "styles" / "klee.safetensors", own)
    monkeypatch.chdir(tmp_path)
    for bank in ("mine", "workspace/styles/mine.safetensors"):
        assert describe(Method(start="bank", start_bank=bank))["start_bank_sha256"] == sha256_of_file(own)
    waves = describe(Method(start="bank", start_bank="waves"))
    assert waves["start_bank_sha256"] == sha256_of_file(DEFAULT_PACK / "styles" / "waves.safetensors")
    photo = torch.rand(1, 3, 32, 40)
    assert torch.equal(BankStart("mine", None, 1).paint(photo), BankStart("klee", None, 1).paint(photo))
