"""The ports that the architectures have in common."""

from nst_runtime.contracts.packs import Port

IMAGE = Port("image", (1, 3, "H", "W"))


def at_fraction(name: str, channels: int, scale_px: int) -> Port:
    """Return the port of 1×`channels` at 1/`scale_px` of the picture's sides."""
    return Port(name, (1, channels, f"H/{scale_px}", f"W/{scale_px}"))
