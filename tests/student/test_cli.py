"""``nst-student`` as a person runs it: files where they belong, an error and a hint for what cannot be."""

import hashlib
import json
import subprocess
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import pytest
import torch

from nst_runtime.contracts.pairs import Losses, Network, Pair, PairManifest, StyleSource, write_pairs
from nst_runtime.contracts.styles import read_record
from nst_runtime.pictures.write import write_picture
from nst_student.networks.checkpoint import load_codec
from nst_student.networks.style_files import load_bank
from nst_student.training.session import Progress

from .conftest import COMMAND, ENVIRONMENT, Run, clouds, refused


def sets(**sections: dict[str, object]) -> tuple[str, ...]:
    """Return the options that set values by section and name."""
    return tuple(
        word for section, values in sections.items() for name, value in values.items()
        for word in ("--set", f"{section}.{name}={value}")
    )  # fmt: skip


CROPS = sets(photos={"crop_px": 48, "photo_px": 64, "hard_pictures": 2}, training={"batch": 1})
JUDGES = sets(judges={"network": "random", "style_size_px": 48, "scales": 1})
TINY = (*CROPS, *JUDGES)
SMALLER = tuple("photos.crop_px=32" if word == "photos.crop_px=48" else word for word in TINY)
BANK = Path("workspace/styles/waves.safetensors")
TRAINED = Path("workspace/banks/waves")


def sha256(path: Path) -> str:
    return hashlib.sha256(path.read_bytes()).hexdigest()


def tree(folder: Path) -> dict[str, str]:
    """Hashes of all files but TensorBoard's, which hold the time of day, and the state's, packed anew."""
    return {
        str(p.relative_to(folder)): sha256(p)
        for p in sorted(folder.rglob("*"))
        if p.is_file() and "tensorboard" not in p.parts and p.name != "state.pt"
    }


def write_fake_pairs(folder: Path, sizes: Sequence[int] = (80, 80, 80)) -> None:
    pairs = []
    for index, size in enumerate(sizes):
        photo = clouds(index, size)
        write_picture(folder / f"content/{index}.png", photo)
        write_picture(folder / f"target/{index}.png", 255 - photo)
        files = [sha256(folder / kind / f"{index}.png") for kind in ("content", "target")]
        pairs.append(
            Pair(
                str(index),
                f"{index}.png",
                files[0],
                f"content/{index}.png",
                files[0],
                f"target/{index}.png",
                files[1],
                index,
                Losses(1.0, 0.1, 0.05, 0.05),
            )
        )
    write_pairs(
        folder,
        PairManifest(StyleSource("waves", "w.png", "0" * 64), {}, "0" * 64, Network("random", None), tuple(pairs)),
    )


def test_joint_codec_then_a_bank_that_leaves_it_alone(run: Run, photos: Path, style: Path, tmp_path: Path) -> None:
    done = run(
        "train-codec",
        "--content",
        photos,
        "--styles",
        f"a={style}",
        "--steps",
        6,
        *sets(training={"sample_every": 6}),
        *TINY,
    )
    assert done.returncode == 0, done.stderr
    assert done.stdout.split() == ["workspace/codec/codec.safetensors", "workspace/styles/a.safetensors"]
    before = tree(tmp_path / "workspace")
    assert "codec/samples/step_000006.png" in before
    lines = [json.loads(line) for line in (tmp_path / "workspace/codec/log.jsonl").read_text().splitlines()]
    assert lines[-1]["step"] == 6
    assert {"loss", "a/style", "a/content", "reconstruction"} <= lines[-1].keys()

    bank = ("train-bank", "--style", "waves", "--content", photos, "--style-image", style)
    companions = sets(judges={"companions": '[{network = "random"}]'})
    done = run(*bank, "--steps", 4, *companions, *TINY)
    assert done.returncode == 0, done.stderr
    *_, line = (tmp_path / "workspace/banks/waves/log.jsonl").read_text().splitlines()
    assert json.loads(line)["random"] > 0
    after = tree(tmp_path / "workspace")
    assert {name: after[name] for name in before} == before
    records = [read_record(tmp_path / f"workspace/styles/{name}.safetensors") for name in ("a", "waves")]
    assert [record.recipe for record in records] == ["joint", "perceptual"]
    assert records[1].training["objective"] == "perceptual"


def test_joint_training_goes_on_from_a_codec_that_reconstructs(run: Run, photos: Path, style: Path) -> None:
    first = (
        "train-codec",
        "--mode",
        "reconstruct",
        "--content",
        photos,
        "--steps",
        100,
        "--workspace",
        "first",
        *CROPS,
    )
    joint = ("train-codec", "--content", photos, "--styles", f"a={style}", "--steps", 1)
    start = ("--start", "first/codec/codec.safetensors")
    assert run(*first).returncode == 0
    assert run(*joint, *start, "--workspace", "from_first", *TINY).returncode == 0
    assert run(*joint, "--workspace", "from_noise", *TINY).returncode == 0
    assert reconstruction("from_first") < 0.7 * reconstruction("from_noise")
    line = bad(run, 1, *joint, *start, *sets(training={"architecture": "srinath"}), "--workspace", "other", *TINY)
    assert "first/codec/codec.safetensors is a codec of architecture unet_pooled, not srinath" in line
    assert "hint: set training.architecture to unet_pooled, or give another codec in --start" in line


def test_a_codec_to_begin_with_keeps_what_makes_pixels(run: Run, photos: Path, style: Path) -> None:
    """The first convolution and the last stay, to the bit, and the banks are what new ones begin with."""
    shared = ("train-codec", "--content", photos, "--steps", 4, *CROPS)
    assert run(*shared, "--mode", "reconstruct", "--workspace", "first").returncode == 0
    styles = ("--styles", f"a={style}", "--styles", f"b={photos / '0.png'}")
    done = run(*shared, *JUDGES, *styles, "--start", "first/codec/codec.safetensors", "--workspace", "then")
    assert done.returncode == 0, done.stderr
    before, after = (load_codec(Path.cwd() / name / "codec/codec.safetensors") for name in ("first", "then"))
    changed = {
        key
        for part in ("encoder", "decoder")
        for key, value in getattr(before, part).state_dict().items()
        if not torch.equal(value, getattr(after, part).state_dict()[key])
    }
    assert {key.partition(".")[0] for key in changed} == {"down2", "start"}
    banks = [load_bank(Path.cwd() / f"then/styles/{name}.safetensors", after).bank for name in ("a", "b")]
    start = after.decoder.first_weights()
    for key, value in banks[0].state_dict().items():
        mean = (value + banks[1].state_dict()[key]) / 2
        torch.testing.assert_close(start[key], mean, atol=1e-3, rtol=1e-3)  # banks are rounded to float16


def test_joint_training_that_was_stopped_ends_like_an_unbroken_one(
    run: Run, photos: Path, style: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """To the bit: two styles' banks, steady pictures and content weights that regulate themselves."""
    styles = ("--styles", f"a={style}", "--styles", f"b={photos / '0.png'}")
    options = ("--steps", 140, *sets(training={"sample_every": 0}, losses={"steady": 30}), *SMALLER)
    command = ("train-codec", "--content", photos, *styles, *options)
    assert run(*command, "--workspace", "unbroken").returncode == 0

    def stop(reports: Iterator[Progress], label: str) -> None:
        next(at for at in reports if at.report.step >= 120)
        raise KeyboardInterrupt

    with monkeypatch.context() as patched:
        patched.setattr("nst_student.cli.progress.show", stop)
        run(*command, "--workspace", "broken")
    assert not (Path.cwd() / "broken/codec/codec.safetensors").exists()
    assert run(*command, "--workspace", "broken").returncode == 0
    whole, broken = (Path.cwd() / name for name in ("unbroken", "broken"))
    assert tree(broken) == tree(whole)
    assert all(torch.equal(*pair) for pair in zip(moments(broken / "codec"), moments(whole / "codec"), strict=True))
    lines = [json.loads(line) for line in (whole / "codec/log.jsonl").read_text().splitlines()]
    assert [line["step"] for line in lines] == [20, 40, 60, 80, 100, 120, 140]
    assert all(line["a/steady"] > 0 and line["b/steady"] > 0 for line in lines)


def test_steadiness_counts_by_its_weight(run: Run, photos: Path, style: Path, tmp_path: Path) -> None:
    assert run("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 2, *CROPS).returncode == 0
    bank = ("train-bank", "--style", "waves", "--content", photos, "--style-image", style)
    told = []
    for weight in (0, 10, 30):
        done = run(*bank, "--steps", 1, *sets(losses={"steady": weight}), "--fresh", *TINY)
        assert done.returncode == 0, done.stderr
        told.append(json.loads((tmp_path / TRAINED / "log.jsonl").read_text()))
    none, some, much = told
    assert "steady" not in none
    assert some["steady"] == much["steady"] > 0
    assert some["loss"] == pytest.approx(none["loss"] + 10 * some["steady"], rel=1e-4)
    assert much["loss"] == pytest.approx(none["loss"] + 30 * some["steady"], rel=1e-4)


def reconstruction(workspace: str) -> float:
    """Return the reconstruction error of the first step that a codec took in `workspace`."""
    first, *_ = (Path.cwd() / workspace / "codec/log.jsonl").read_text().splitlines()
    return float(json.loads(first)["reconstruction"])


def test_a_bank_learns_the_teachers_pixels(run: Run, photos: Path, tmp_path: Path) -> None:
    assert run("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 150, *CROPS).returncode == 0
    write_fake_pairs(tmp_path / "workspace/pairs/waves")
    done = run("train-bank", "--style", "waves", "--steps", 200, *sets(training={"learning_rate": 0.02}))
    assert done.returncode == 0, done.stderr
    losses = [json.loads(line)["pixels"] for line in (tmp_path / TRAINED / "log.jsonl").read_text().splitlines()]
    assert losses[-1] < 0.7 * losses[0]


def test_hybrid_adds_the_squared_error_to_what_the_judges_say(
    run: Run, photos: Path, style: Path, tmp_path: Path
) -> None:
    assert run("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 2, *CROPS).returncode == 0
    write_fake_pairs(tmp_path / "workspace/pairs/waves")
    judged = ("--style-image", style, *JUDGES)
    told = []
    for weight in (0, 50):
        hybrid = sets(training={"objective": "hybrid"}, losses={"pixels": weight})
        bank = ("train-bank", "--style", "waves", "--steps", 1, *hybrid)
        done = run(*bank, *judged, "--fresh")
        assert done.returncode == 0, done.stderr
        told.append(json.loads((tmp_path / TRAINED / "log.jsonl").read_text()))
    assert told[0]["pixels"] == told[1]["pixels"] > 0
    assert told[1]["loss"] == pytest.approx(told[0]["loss"] + 50 * told[1]["pixels"], rel=1e-4)


def test_a_finished_training_run_again_changes_nothing(run: Run, photos: Path, tmp_path: Path) -> None:
    command = ("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 4, *CROPS)
    assert run(*command).returncode == 0
    first = tree(tmp_path / "workspace")
    assert run(*command).returncode == 0
    assert tree(tmp_path / "workspace") == first


@pytest.mark.slow
def test_train_bank_killed_at_ten_moments_ends_like_an_unbroken_run(
    run: Run, photos: Path, style: Path, tmp_path: Path
) -> None:
    assert run("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 2, *CROPS).returncode == 0
    data = ("--content", photos, "--style-image", style, "--steps", 500, *sets(training={"sample_every": 250}))
    command = [*COMMAND, *map(str, ("train-bank", "--style", "waves", *data, *TINY))]
    began = time.monotonic()
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=ENVIRONMENT)
    whole_s = time.monotonic() - began
    expected = tree(tmp_path / TRAINED)
    state = moments(tmp_path / TRAINED)
    (tmp_path / "workspace/banks").rename(tmp_path / "unbroken")
    random = np.random.default_rng(0)
    kills = 0
    for _ in range(10):
        process = subprocess.Popen(
            command, cwd=tmp_path, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, env=ENVIRONMENT
        )
        try:
            process.wait(timeout=random.uniform(0.1, 0.6) * whole_s)
        except subprocess.TimeoutExpired:
            process.kill()
            process.wait()
            kills += 1
    assert kills >= 3
    subprocess.run(command, cwd=tmp_path, check=True, capture_output=True, env=ENVIRONMENT)
    assert tree(tmp_path / TRAINED) == expected
    resumed = moments(tmp_path / TRAINED)
    assert len(resumed) == len(state) > 30
    assert all(torch.equal(a, b) for a, b in zip(resumed, state, strict=True))


def moments(folder: Path) -> list[torch.Tensor]:
    """All tensors that the optimizer holds in the state on disk, its steps, and the content weights."""
    state = torch.load(folder / "state.pt", weights_only=True)
    optimizer = state["optimizer"]
    steps = [torch.tensor(group["step"]) for group in optimizer["param_groups"]]
    return [*tensors(optimizer["state"]), *steps, state["controls"]["content_balance"]]


def tensors(held: object) -> Iterator[torch.Tensor]:
    """Yield the tensors in `held`, dicts and lists of such, in the order of the keys."""
    if isinstance(held, torch.Tensor):
        yield held
    elif isinstance(held, dict | list):
        for _, value in sorted(held.items()) if isinstance(held, dict) else enumerate(held):
            yield from tensors(value)


def bad(run: Run, code: int, *arguments: object) -> str:
    return refused(run(*arguments), code)


def test_bad_input_is_an_error_and_a_hint(run: Run, photos: Path, style: Path, tmp_path: Path) -> None:
    (tmp_path / "empty").mkdir()
    codec = ("train-codec", "--steps", 2, "--content", photos, *TINY)
    plain = ("train-codec", "--steps", 2, "--mode", "reconstruct", *sets(training={"batch": 1}))
    assert "no picture that can be read" in bad(run, 1, *plain, "--content", tmp_path / "empty")
    assert "NAME=FILE" in bad(run, 1, *codec, "--styles", "waves")
    assert "hint: give --styles, or --catalogue" in bad(run, 1, *codec)
    assert "no style picture" in bad(run, 1, *codec, "--styles", "waves=nowhere.png")
    assert "'Waves!'" in bad(run, 1, *codec, "--styles", f"Waves!={style}")
    assert "--steps" in bad(run, 2, "train-codec", "--content", photos, "--steps", 0)
    assert "--catalogue and --pictures go together" in bad(run, 1, *codec, "--pictures", photos)
    joint = (*codec, "--styles", f"a={style}")
    assert "scale1, scale2" in bad(run, 1, *joint, *sets(judges={"layers": "relu9_9"}))
    line = bad(run, 1, *joint, *sets(judges={"layer_weights": "1,2,3"}))
    assert "judges.layer_weights has 3 numbers for 4 layers" in line
    assert "judges.layer_weights is 1,-2" in bad(run, 1, *joint, *sets(judges={"layer_weights": "1,-2"}))
    line = bad(run, 1, *joint, *sets(judges={"companions": '[{network = "vgg11"}]'}))
    assert "'vgg16', 'vgg19', 'squeezenet1_1'" in line
    line = bad(run, 1, *joint, *sets(judges={"companions": '[{network = "random", layers = ["fire3"]}]'}))
    assert "scale1, scale2" in line
    line = bad(run, 1, *joint, *sets(judges={"companions": '[{network = "random"}, {network = "random"}]'}))
    assert "judges.companions names a network twice" in line
    crops = ("train-codec", "--steps", 2, "--mode", "reconstruct", "--content", photos, *sets(photos={"photo_px": 64}))
    line = bad(run, 1, *crops, *sets(photos={"crop_px": 40}))
    assert line == "error: photos.crop_px is 40, not a multiple of 16\nhint: set photos.crop_px to 32, for example"
    line = bad(run, 1, *crops, *sets(photos={"crop_px": 80}))
    assert "error: photos.crop_px is 80, but a picture's short side is 64" in line
    assert "hint: set photos.crop_px to 64 or less, or use larger pictures" in line
    line = bad(run, 1, *plain, "--content", photos, *sets(photos={"photo_px": "90,70"}))
    assert "photos.photo_px is neither a size nor a range of sizes such as 288,448" in line
    assert not (tmp_path / "workspace").exists()


@pytest.mark.parametrize(("photo_px", "crop_px"), [("64", 64), ("70,90", 64), ("100", 96)])
def test_crops_are_as_large_as_the_short_side(
    run: Run, photos: Path, tmp_path: Path, photo_px: str, crop_px: int
) -> None:
    """Unless another size is asked for; down to a multiple of 16."""
    codec = ("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 1)
    done = run(*codec, *sets(training={"batch": 1}, photos={"photo_px": photo_px}))
    assert done.returncode == 0, done.stderr
    recipe = load_codec(tmp_path / "workspace/codec/codec.safetensors").record.training
    assert (recipe["crop_px"], recipe["photos"]) == (crop_px, len(list(photos.iterdir())))


def test_a_name_that_programs_find_elsewhere_is_said(run: Run, tmp_path: Path) -> None:
    """Before the training, whose end may be hours away; what it learns is kept under that name all the same."""
    for style in ("waves", "mine"):
        write_fake_pairs(tmp_path / f"workspace/pairs/{style}")
    told = [run("train-bank", "--style", style, "--steps", 1) for style in ("waves", "mine")]
    assert [done.returncode for done in told] == [0, 0]
    taken = "styles/waves.safetensors by the name waves; choose another name, or give the new file itself"
    assert [taken in done.stderr for done in told] == [True, False]
    assert (tmp_path / "workspace/styles/waves.safetensors").is_file()


def test_training_without_pairs_names_the_teacher(run: Run, photos: Path) -> None:
    assert run("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 2, *CROPS).returncode == 0
    assert "nst-teacher generate" in bad(run, 1, "train-bank", "--style", "waves", "--steps", 2)
    assert "nst-teacher generate" in bad(run, 1, "train-bank", "--style", "waves", "--workspace", "new")
    judged = ("train-bank", "--style", "waves", "--style-image", photos / "0.png")
    assert "no folder" in bad(run, 1, *judged, "--content", "none", "--workspace", "new")
    by_pixels = sets(training={"objective": "pixels"})
    pixels = ("train-bank", "--style", "waves", *by_pixels, "--content", photos, "--workspace", "new")
    assert bad(run, 1, *pixels) == (
        "error: training.objective pixels learns from pairs, not from --content\nhint: leave one of the two out"
    )
    alone = ("train-bank", "--style", "waves", "--content", photos, "--workspace", "new")
    assert "training.objective perceptual needs the style's picture" in bad(run, 1, *alone)
    assert not Path("new").exists()


def test_pairs_that_were_changed_are_refused(run: Run, photos: Path, tmp_path: Path) -> None:
    assert run("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 2, *CROPS).returncode == 0
    write_fake_pairs(tmp_path / "workspace/pairs/waves")
    changed = tmp_path / "workspace/pairs/waves/target/1.png"
    write_picture(changed, clouds(8))
    bank = ("train-bank", "--style", "waves", "--steps", 2)
    message = bad(run, 1, *bank)
    assert f"{changed.relative_to(tmp_path)} is damaged or was changed\nhint: run nst-teacher generate again" in message
    assert "pairs are seen whole" in bad(run, 1, *bank, *sets(photos={"crop_px": 64}))


def test_pairs_of_several_sizes_are_refused(run: Run, tmp_path: Path) -> None:
    folder = tmp_path / "workspace/pairs/waves"
    write_fake_pairs(folder, sizes=(80, 80, 64))
    message = bad(run, 1, "train-bank", "--style", "waves", "--steps", 2)
    assert f"{folder.relative_to(tmp_path)}/content/2.png differs in size from the others" in message


def test_a_folder_without_pairs_is_refused(run: Run, tmp_path: Path) -> None:
    write_fake_pairs(tmp_path / "workspace/pairs/waves", sizes=())
    assert "pairs/waves has no pairs" in bad(run, 1, "train-bank", "--style", "waves", "--steps", 2)


def test_other_settings_are_refused_until_fresh(run: Run, photos: Path) -> None:
    command = ("train-codec", "--mode", "reconstruct", "--content", photos, *CROPS)
    assert run(*command, "--steps", 2).returncode == 0
    line = bad(run, 1, *command, "--steps", 3)
    assert "(steps: 2 → 3)" in line
    assert "choose another --workspace, or start again with --fresh, from --start if you like" in line
    assert run(*command, "--steps", 3, "--fresh").returncode == 0


def test_a_folder_that_cannot_be_written_is_an_error(run: Run, photos: Path, tmp_path: Path) -> None:
    (tmp_path / "file").write_text("in the way")
    command = ("train-codec", "--mode", "reconstruct", "--content", photos, "--steps", 2, *CROPS)
    bad(run, 1, *command, "--workspace", tmp_path / "file" / "below")
