"""Colors that a PNG names without a profile: by numbers (cICP), or by a curve and primaries (gAMA, cHRM)."""

import struct

from nst_runtime.pictures.color import icc
from nst_runtime.pictures.color.code_points import NamedColors, named_colors


def colors_of(sound: dict[bytes, bytes], *, grey: bool) -> NamedColors:
    """Return the colors that a PNG's `sound` chunks name, by kind and with iCCP unpacked; of a `grey` one or of RGB.

    Of cICP, iCCP, sRGB and gAMA the first that is there counts; gAMA goes with cHRM.
    """
    if b"cICP" in sound:
        primaries, transfer, _, _ = sound[b"cICP"]
        return named_colors(primaries, transfer, grey=grey)
    if b"iCCP" in sound:
        return NamedColors(sound[b"iCCP"])
    if b"sRGB" in sound or b"gAMA" not in sound:
        return NamedColors()
    gamma = int.from_bytes(sound[b"gAMA"], "big") / 100_000
    chromaticities = struct.unpack(">8I", sound[b"cHRM"]) if b"cHRM" in sound and not grey else ()
    return NamedColors(_profile(gamma, tuple(value / 100_000 for value in chromaticities), grey=grey))


def _profile(gamma: float, chromaticities: tuple[float, ...], *, grey: bool) -> bytes:
    """Return the profile for stored values that are light to the power of `gamma`, empty where that is as sRGB.

    That is within 5 % of 1/2.2: so far apart, PNG's own programs see no difference.
    """
    primaries = chromaticities if len(chromaticities) == 8 else icc.SRGB_PRIMARIES
    as_srgb = all(abs(a - b) < 0.01 for a, b in zip(primaries, icc.SRGB_PRIMARIES, strict=True))
    if not 0.05 <= gamma <= 20 or (as_srgb and abs(gamma * 2.2 - 1) < 0.05):
        return b""
    if grey:
        return icc.grey_profile((1 / gamma,))
    try:
        return icc.rgb_profile(primaries, (1 / gamma,))
    except ValueError:
        return b""
