"""nst-teacher stylize: its options reach the picture, and whatever is wrong is said in one line."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image, ImageCms
from safetensors.torch import load_file, save_file

from nst_runtime.pictures.arrays import Pixels
from nst_runtime.pictures.read import read_picture
from nst_runtime.pictures.write import write_picture

from .conftest import Result, Run, draw_photo, draw_style, sets
from .test_cli import check_refused

Arguments = list[str | Path | int]


@pytest.fixture
def command(photos: Path, style_picture: Path, tmp_path: Path) -> Arguments:
    """A quick ``stylize`` of a 90×70 photo at 32 px into out.png."""
    return [
        "stylize", photos / "photo_0.png", style_picture, tmp_path / "out.png", "--network", "random", "--size", 32,
        "--iterations", 3, "--set", "style.style_size_px=48",
    ]  # fmt: skip


def picture_of(result: Result) -> Pixels:
    assert result.code == 0, result.err
    return read_picture(Path(result.out.strip())).rgb


def labels(height: int, width: int, *colours: tuple[int, int, int]) -> Pixels:
    mask = np.zeros((height, width, 3), np.uint8)
    for index, part in enumerate(np.array_split(np.arange(width), len(colours))):
        mask[:, part] = colours[index]
    return mask


RED, GREEN, BLUE = (255, 0, 0), (0, 255, 0), (0, 0, 255)


@pytest.mark.parametrize(
    "options",
    [
        sets("optimisation.optimizer=adam", "optimisation.learning_rate=0.2"),
        sets("optimisation.optimizer=adadelta"),
        sets("losses.balance=auto"),
        sets("optimisation.optimizer=gradient-descent"),
        sets("optimisation.start=zeros"),
        sets("optimisation.start=style-statistics"),
        sets("losses.variation_weight=200"),
        sets("losses.style_distance=wasserstein"),
        sets("losses.style_distance=l1"),
        ("--content-weight", "50"),
        sets("style.colour=luminance"),
        sets("style.colour=covariance"),
        sets("style.colour=wasserstein"),
        sets("style.framing=crop"),
        sets("network.layer_weights=0,0,0,1"),
        sets("optimisation.smallest_px=20"),
        sets("optimisation.average=0.9"),
        sets("network.scales=2"),
    ],
)
def test_every_option_changes_the_picture(run: Run, command: Arguments, options: tuple[str, ...]) -> None:
    plain = picture_of(run(*command))
    changed = picture_of(run(*command, *options))
    assert changed.shape == plain.shape == (32, 41, 3)
    assert np.abs(changed.astype(int) - plain).max() > 3


def test_the_styles_size_as_a_multiple_of_the_photos(run: Run, command: Arguments) -> None:
    unsized = command[:-2]
    whole, less = (picture_of(run(*unsized, "--set", f"style.style_scale={scale}")) for scale in ("1", "0.8"))
    assert np.array_equal(whole, picture_of(run(*unsized, "--set", "style.style_size_px=32")))
    assert np.abs(less.astype(int) - whole).max() > 3


def test_a_file_to_start_from(run: Run, command: Arguments, tmp_path: Path) -> None:
    write_picture(tmp_path / "start.png", np.full((20, 20, 3), 200, np.uint8))
    started = picture_of(
        run(*command, "--set", f"optimisation.start_picture={tmp_path / 'start.png'}", "--iterations", 1)
    )
    assert started.mean() > 160
    check_refused(
        run(*command, "--set", "optimisation.start=file"),
        "optimisation.start file and optimisation.start_picture go together",
    )
    check_refused(run(*command, "--set", f"optimisation.start_picture={tmp_path / 'none.png'}"), "no picture at")


def test_a_start_from_a_bank(run: Run, command: Arguments) -> None:
    plain = picture_of(run(*command, "--iterations", 1))
    painted = picture_of(run(*command, "--iterations", 1, "--set", "optimisation.start_bank=waves"))
    assert np.abs(painted.astype(int) - plain).mean() > 20
    check_refused(
        run(*command, "--set", "optimisation.start=bank"),
        "optimisation.start bank and optimisation.start_bank go together",
    )
    check_refused(
        run(*command, "--set", "optimisation.start_pack=pack"),
        "optimisation.start_pack is where a bank is looked for; give optimisation.start_bank",
    )
    check_refused(run(*command, "--set", "optimisation.start_bank=wave"), "no style 'wave'", "did you mean 'waves'?")


def test_snapshots_lie_beside_the_result(run: Run, command: Arguments, tmp_path: Path) -> None:
    result = picture_of(run(*command, "--set", "stylize.snapshots=1,3"))
    first, last = (read_picture(tmp_path / f"out_{number}.png").rgb for number in (1, 3))
    assert np.array_equal(last, result)
    assert not np.array_equal(first, result)
    check_refused(run(*command, "--set", "stylize.snapshots=4"), "no snapshot at 4: there are 3 iterations")
    check_refused(
        run(*command, "--set", "stylize.snapshots=1,x"),
        "stylize.snapshots[1] must be a whole number, not '1,x'; give list of at least 0",
    )


def test_blends_and_what_is_none(run: Run, command: Arguments, tmp_path: Path) -> None:
    other = tmp_path / "other=1.png"
    write_picture(other, np.full((50, 60, 3), (250, 120, 0), np.uint8))
    plain = picture_of(run(*command))
    little, much = (picture_of(run(*command, "--style-blend", f"{other}={weight}")) for weight in (1e-6, 4))
    assert np.abs(little.astype(int) - plain).max() <= 1
    assert np.abs(much.astype(int) - plain).max() > 3
    for text in ("wave.jpg", "wave.jpg=", "wave.jpg=-1", "=2", "wave.jpg=inf"):
        check_refused(run(*command, "--style-blend", text), f"{text!r}, not PICTURE=WEIGHT", "such as wave.jpg=0.5")
    check_refused(run(*command, "--style-blend", "none.jpg=1"), "none.jpg")


def test_masks_and_what_is_wrong_with_them(run: Run, command: Arguments, tmp_path: Path) -> None:
    photo, style, wrong, two = (tmp_path / f"{name}.png" for name in ("photo", "style", "wrong", "two"))
    write_picture(photo, labels(70, 90, RED, GREEN, BLUE))
    write_picture(style, labels(80, 96, BLUE, RED, GREEN))
    write_picture(wrong, labels(70, 91, RED, GREEN, BLUE))
    write_picture(two, labels(80, 96, BLUE, RED))
    plain = picture_of(run(*command))
    masked = picture_of(run(*command, "--content-mask", photo, "--style-mask", style))
    assert np.abs(masked.astype(int) - plain).max() > 3
    check_refused(run(*command, "--content-mask", photo), "give --content-mask and --style-mask, both")
    check_refused(run(*command, "--style-mask", style), "give --content-mask and --style-mask, both")
    check_refused(
        run(*command, "--content-mask", wrong, "--style-mask", style), "is 91×70 px", "photo_0.png is 90×70 px"
    )
    check_refused(
        run(*command, "--content-mask", photo, "--style-mask", two),
        "the content mask has 3 regions (#0000ff, #00ff00, #ff0000), the style mask 2 regions (#0000ff, #ff0000)",
    )


def test_masks_of_grey_one_for_each_region_on_one_side_only(run: Run, command: Arguments, tmp_path: Path) -> None:
    third, thin = tmp_path / "third.png", tmp_path / "thin.png"
    write_picture(third, np.full((70, 90, 3), 85, np.uint8))
    write_picture(tmp_path / "half.png", np.full((80, 96, 3), 127, np.uint8))
    write_picture(thin, np.full((300, 1, 3), 85, np.uint8))
    content = ("--content-mask", third) * 3
    check_refused(
        run(*command, *content, *(("--style-mask", tmp_path / "half.png") * 2)),
        "the content mask has 3 regions (mask 1, mask 2, mask 3), the style mask 2 regions (mask 1, mask 2)",
    )
    check_refused(
        run(*command, *content, *(("--style-mask", thin) * 3)), "thin.png is 1×300 px", "style.png is 96×80 px"
    )


def test_the_same_picture_twice(run: Run, command: Arguments, photos: Path, tmp_path: Path) -> None:
    copy = tmp_path / "copy.png"
    copy.write_bytes((photos / "photo_0.png").read_bytes())
    for style in (photos / "photo_0.png", copy):
        check_refused(run(*command[:2], style, *command[3:]), "are the same picture; give a photo and another style")


def test_pictures_of_one_pixels_width(run: Run, command: Arguments, tmp_path: Path) -> None:
    thin = tmp_path / "thin.png"
    write_picture(thin, np.full((300, 1, 3), 90, np.uint8))
    check_refused(run("stylize", thin, *command[2:]), "thin.png is 1×300 px; both sides need at least 16")
    check_refused(run(*command[:2], thin, *command[3:]), "thin.png is 1×300 px; both sides need at least 16")
    assert not (tmp_path / "out.png").exists()


def test_layers_that_are_not_there_are_listed_or_matched(run: Run, command: Arguments, tiny_vgg: Path) -> None:
    cut: Arguments = [*command, "--network", "vgg19", "--weights", tiny_vgg, "--preset", "gatys2016"]
    check_refused(
        run(*cut),
        "tiny.safetensors ends after relu3_1, before relu4_1, relu5_1, relu4_2; it has relu1_1, relu1_2, relu2_1, ",
        "give weights of vgg19 that reach relu4_2, or name layers that this file has, or let the nearest stand in with "
        "run.match_layers",
    )
    matched = run(*cut, "--set", "run.match_layers=true")
    assert matched.code == 0
    assert matched.err.splitlines()[0] == (
        "note: layers of vgg19 that stand in: relu3_1 for relu4_1, relu3_1 for relu5_1, relu3_1 for relu4_2"
    )


def test_weights_of_another_network(run: Run, command: Arguments, tiny_vgg: Path) -> None:
    squeezenet = [*command, "--network", "squeezenet1_1", "--weights", tiny_vgg]
    check_refused(run(*squeezenet), "holds weights of vgg16 or vgg19, not of squeezenet1_1", "set --network to vgg16")
    check_refused(
        run(*command, "--set", f"deep.weights={tiny_vgg}"),
        "second network: ", "ends after relu3_1, before relu4_1, relu5_1; it has relu1_1, relu1_2",
    )  # fmt: skip
    resnet = [*command, "--preset", "saric2020", "--network", "resnet50", "--weights", tiny_vgg]
    check_refused(run(*resnet), "holds weights of vgg16 or vgg19, not of resnet50")


def test_the_normalisation_of_weights_is_an_option(run: Run, command: Arguments, tiny_vgg: Path) -> None:
    vgg: Arguments = [*command, "--network", "vgg19", "--weights", tiny_vgg]
    plain = picture_of(run(*vgg))
    assert np.array_equal(picture_of(run(*vgg, "--set", "network.weights_normalisation=torchvision")), plain)
    assert not np.array_equal(picture_of(run(*vgg, "--set", "network.weights_normalisation=caffe")), plain)
    deep: Arguments = [*command, "--set", f"deep.weights={tiny_vgg}", "--set", "deep.layers=relu2_1"]
    assert not np.array_equal(picture_of(run(*deep, "--set", "deep.normalisation=caffe")), picture_of(run(*deep)))
    save_file(load_file(tiny_vgg), tiny_vgg, metadata={"normalisation": "caffe"})
    check_refused(
        run(*vgg, "--set", "network.weights_normalisation=torchvision"),
        "wants pixels normalised for caffe, not for torchvision; leave network.weights_normalisation out",
    )


@pytest.mark.skipif(torch.cuda.is_available(), reason="this machine has a CUDA device")
def test_cuda_without_one(run: Run, command: Arguments) -> None:
    check_refused(run(*command, "--device", "cuda"), "no CUDA device")


@pytest.mark.parametrize(
    ("options", "word"),
    [
        (("--preset", "gatys"), "no preset 'gatys'; there are cs229, gatys2016, mak2021"),
        (sets("network.layer_weights=0.2,x"), "network.layer_weights[1] must be a number, not '0.2,x'; give list"),
        (
            sets("network.layer_weights=0.2,0.8"),
            "network.layer_weights has 2 weights for 4 layers (scale1, scale2, scale3, scale4); "
            "give one for each layer, or other network.style_layers",
        ),
        (sets("network.layer_weights=0,0,0,-1"), "network.layer_weights must not be negative, nor all 0"),
        (
            sets("losses.normalisation=gatys", "losses.gram_scale=none"),
            "losses.normalisation gatys is for Gram matrices over pixels, and losses.gram_scale is none",
        ),
        (
            ("--set", "losses.balance=auto", "--content-weight", "0"),
            "and --content-weight is 0; give a --content-weight above 0, or set losses.balance to fixed",
        ),
        (sets("network.pooling=l2"), "network.pooling replaces the network's own, and random filters have none"),
        (sets("network.padding=zeros"), "network.padding replaces the network's own, and random filters have none"),
    ],
)
def test_values_that_cannot_be(run: Run, command: Arguments, options: tuple[str, ...], word: str) -> None:
    check_refused(run(*command, *options), word)


def test_values_of_no_choice_are_wrong_usage(run: Run, command: Arguments) -> None:
    check_refused(run(*command, "--network", "alexnet"), "vgg16", code=2)
    check_refused(run(*command, "--content-weight", "-1"), "--content-weight", code=2)


def test_options_change_a_preset(run: Run, command: Arguments) -> None:
    preset = [*command, "--preset", "mak2021"]
    plain = picture_of(run(*preset))
    assert plain.shape == (32, 32, 3)
    changed = picture_of(run(*preset, "--set", "style.framing=own", "--set", "optimisation.start=content"))
    assert changed.shape == (32, 41, 3)


def test_generate_takes_presets(run: Run, generate_arguments: Arguments, tmp_path: Path) -> None:
    from nst_runtime.contracts.pairs import read_pairs

    result = run(*generate_arguments, "--preset", "srinath", "--count", 1)
    assert result.code == 0
    settings = read_pairs(tmp_path / "pairs").settings
    assert (settings["normalisation"], settings["iterations"], settings["start"]) == ("mean", 6, "noise")


@pytest.mark.parametrize("suffix", [".png", ".jpg", ".tif"])
def test_the_result_has_the_photos_profile(run: Run, command: Arguments, tmp_path: Path, suffix: str) -> None:
    profile = ImageCms.ImageCmsProfile(ImageCms.createProfile("sRGB")).tobytes()
    photo = tmp_path / "profiled.png"
    Image.fromarray(draw_photo(0)).save(photo, icc_profile=profile)
    out = tmp_path / f"out{suffix}"
    assert run("stylize", photo, command[2], out, *command[4:]).code == 0
    with Image.open(out) as image:
        assert image.info["icc_profile"] == profile
        assert image.size == (41, 32)


def test_without_a_profile_there_is_none(run: Run, command: Arguments, tmp_path: Path) -> None:
    assert run(*command).code == 0
    with Image.open(tmp_path / "out.png") as image:
        assert "icc_profile" not in image.info


def test_the_styles_size_is_no_business_of_the_photos(run: Run, command: Arguments, tmp_path: Path) -> None:
    write_picture(tmp_path / "large.png", draw_style(160, 192))
    assert picture_of(run(*command[:2], tmp_path / "large.png", *command[3:])).shape == (32, 41, 3)
