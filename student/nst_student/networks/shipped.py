"""The codec that comes with the package, so that a new style needs one picture and one training."""

from pathlib import Path

from nst_runtime.contracts.files import write_bytes
from nst_runtime.errors import NstError

SHIPPED_CODEC = Path(__file__).parent / "shipped" / "codec.safetensors"


def place_codec(target: Path) -> bool:
    """Put the shipped codec at `target` unless a codec is there; tell whether it was put.

    Raises NstError when there is neither.
    """
    if target.exists():
        return False
    if not SHIPPED_CODEC.is_file():
        raise NstError(f"no codec at {target}; train one with nst-student train-codec")
    write_bytes(target, SHIPPED_CODEC.read_bytes())
    return True
