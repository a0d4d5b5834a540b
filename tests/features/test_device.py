"""Which device a name stands for."""

import pytest
import torch

from nst_features.device import pick_device, set_arithmetic
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
