"""Which device a name stands for."""

import pytest
import torch

from nst_features.device import pick_device, send, set_arithmetic
from nst_features.names import Precision
from nst_runtime.errors import DeviceError


def test_cuda_without_one_is_an_error_and_auto_is_the_cpu(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: False)
    with pytest.raises(DeviceError, match="torch sees no CUDA device; set `device` to cpu"):
        pick_device("cuda")
    assert pick_device("auto") == pick_device("cpu") == torch.device("cpu")


def test_auto_is_cuda_where_there_is_one(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    assert pick_device("auto") == torch.device("cuda")
    assert pick_device("cpu") == torch.device("cpu")


@pytest.mark.parametrize(("precision", "fast"), [("fp32", False), ("tf32", True), ("bf16", False)])
def test_only_tf32_lets_cuda_round_float32(precision: Precision, fast: bool) -> None:
    before = torch.get_float32_matmul_precision(), torch.backends.cudnn.allow_tf32
    try:
        set_arithmetic(precision)
        assert torch.backends.cudnn.allow_tf32 is fast
        assert torch.get_float32_matmul_precision() == ("high" if fast else "highest")
    finally:
        torch.set_float32_matmul_precision(before[0])
        torch.backends.cudnn.allow_tf32 = before[1]


CARD = pytest.param("cuda", marks=pytest.mark.skipif(not torch.cuda.is_available(), reason="needs a graphics card"))


@pytest.mark.parametrize("name", ["cpu", CARD])
@pytest.mark.parametrize("values", [torch.rand(2, 3), torch.tensor([True, False]), torch.tensor(0.5), torch.arange(5)])
def test_what_is_sent_arrives_as_it_was(values: torch.Tensor, name: str) -> None:
    sent = send(values, torch.device(name))
    assert sent.device.type == name
    assert (sent.dtype, sent.shape) == (values.dtype, values.shape)
    assert torch.equal(sent.cpu(), values)
