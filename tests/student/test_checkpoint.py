"""Checkpoints describe themselves and refuse what does not belong."""

from pathlib import Path

import pytest
import torch

from nst_runtime.contracts.styles import StyleRecord, write_style
from nst_runtime.errors import NstError
from nst_student.networks.checkpoint import CodecRecord, load_codec, save_codec
from nst_student.networks.paper import PaperBank, PaperDecoder, PaperEncoder
from nst_student.networks.style_files import load_bank, rounded, style_of


def made_codec(path: Path, seed: int) -> Path:
    torch.manual_seed(seed)
    save_codec(path, PaperEncoder(), PaperDecoder(), CodecRecord("srinath", training={"seed": seed}))
    return path


def write_bank(path: Path, bank: PaperBank, codec_sha256: str) -> None:
    write_style(path, style_of(rounded(bank), StyleRecord("waves", codec_sha256, "srinath")))


def test_codec_and_bank_come_back_as_they_were(tmp_path: Path) -> None:
    codec = load_codec(made_codec(tmp_path / "codec.safetensors", 1))
    bank = PaperBank()
    write_bank(tmp_path / "b.safetensors", bank, codec.sha256)
    loaded = load_bank(tmp_path / "b.safetensors", codec)
    features = torch.rand(1, 32, 8, 8)
    assert (loaded.bank(features)[0] - bank(features)[0]).abs().max() < 1e-2  # rounded to float16, ...
    assert torch.equal(loaded.bank(features)[0], bank.half().float()(features)[0])  # ... and to nothing else
    assert all(parameter.dtype == torch.float32 for parameter in loaded.bank.parameters())
    assert (tmp_path / "b.safetensors").stat().st_size < 2.2 * sum(p.numel() for p in bank.parameters())
    assert loaded.file.record.name == "waves"
    assert codec.record.training == {"seed": 1}
    assert not any(p.requires_grad for p in codec.encoder.parameters())


def test_a_bank_for_another_codec_is_refused(tmp_path: Path) -> None:
    first, second = (load_codec(made_codec(tmp_path / f"{seed}.safetensors", seed)) for seed in (1, 2))
    write_bank(tmp_path / "b.safetensors", PaperBank(), first.sha256)
    with pytest.raises(NstError, match=f"trained for codec {first.sha256[:12]}, not for {second.sha256[:12]}"):
        load_bank(tmp_path / "b.safetensors", second)


@pytest.mark.parametrize("damage", ["missing", "empty", "truncated", "text", "bank", "newer"])
def test_what_is_no_codec_is_one_error(tmp_path: Path, damage: str) -> None:
    path = made_codec(tmp_path / "codec.safetensors", 0)
    data = path.read_bytes()
    expected = "damaged"
    if damage == "missing":
        path.unlink()
        expected = "train-codec"
    elif damage == "bank":
        write_bank(path, PaperBank(), "0" * 64)
        expected = "not a codec"
    elif damage == "newer":
        save_codec(path, PaperEncoder(), PaperDecoder(), CodecRecord("srinath", format_version=9))
        expected = "format 9"
    else:
        path.write_bytes({"empty": b"", "truncated": data[: len(data) // 2], "text": b"hello, world"}[damage])
    with pytest.raises(NstError, match=expected):
        load_codec(path)
