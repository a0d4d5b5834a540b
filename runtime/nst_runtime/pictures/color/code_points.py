"""Colours that PNG, AVIF and HEIC name by numbers (ITU-T H.273) instead of a profile."""

from dataclasses import dataclass

from nst_runtime.pictures.color.icc import SRGB_CURVE, SRGB_PRIMARIES, Curve, Primaries, grey_profile, rgb_profile

_D65 = (0.3127, 0.3290)
_PRIMARIES: dict[int, Primaries] = {
    4: (0.310, 0.316, 0.67, 0.33, 0.21, 0.71, 0.14, 0.08),
    5: (*_D65, 0.64, 0.33, 0.29, 0.60, 0.15, 0.06),
    6: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    7: (*_D65, 0.630, 0.340, 0.310, 0.595, 0.155, 0.070),
    9: (*_D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),
    11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    12: (*_D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),
    22: (*_D65, 0.630, 0.340, 0.295, 0.605, 0.155, 0.077),
}
# Video's own curves (1, 6, 14, 15) are meant for a screen's, which is near sRGB's, and viewers show them so.
_CURVES: dict[int, Curve] = {4: (2.2,), 5: (2.8,), 8: (1.0,), 17: (2.6,)}
_HDR = {16: "PQ", 18: "HLG"}


@dataclass(frozen=True)
class NamedColors:
    """What the numbers come to: an ICC `profile`, empty for sRGB, and `notes` on what could not be honoured."""

    profile: bytes = b""
    notes: tuple[str, ...] = ()


def named_colors(primaries: int, transfer: int, *, grey: bool = False) -> NamedColors:
    """Return the colors that H.273's numbers for color `primaries` and `transfer` stand for; unknown ones are sRGB's.

    HDR (PQ and HLG) is taken as sRGB and noted.
    """
    if transfer in _HDR:
        return NamedColors(notes=(f"HDR colors ({_HDR[transfer]}) are taken as sRGB, which makes them flat",))
    curve = _CURVES.get(transfer, SRGB_CURVE)
    if grey:
        return NamedColors(b"" if curve == SRGB_CURVE else grey_profile(curve))
    if primaries not in _PRIMARIES and curve == SRGB_CURVE:
        return NamedColors()
    return NamedColors(rgb_profile(_PRIMARIES.get(primaries, SRGB_PRIMARIES), curve))
