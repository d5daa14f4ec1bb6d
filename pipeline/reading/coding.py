"""Colours that are coded otherwise than sRGB and say so without a profile: primaries and a transfer curve, to sRGB.

Code points are those of ITU-T H.273, which PNG's cICP chunk, HEIF's and AVIF's nclx boxes share; curves are those of
ITU-R BT.2100 (PQ, HLG) and IEC 61966-2-1 (sRGB).
"""

from collections.abc import Iterator
from dataclasses import dataclass
from types import MappingProxyType

import numpy as np

Chromaticities = tuple[float, float, float, float, float, float, float, float]
"""x and y of white, red, green and blue."""

D65 = (0.3127, 0.3290)
SRGB: Chromaticities = (*D65, 0.64, 0.33, 0.30, 0.60, 0.15, 0.06)
PRIMARIES = MappingProxyType(
    {
        9: (*D65, 0.708, 0.292, 0.170, 0.797, 0.131, 0.046),  # BT.2020
        11: (0.314, 0.351, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # DCI-P3
        12: (*D65, 0.680, 0.320, 0.265, 0.690, 0.150, 0.060),  # Display P3
    }
)
ADOBE: Chromaticities = (*D65, 0.64, 0.33, 0.21, 0.71, 0.15, 0.06)
ADOBE_GAMMA = 563 / 256
LIKE_SRGB_PRIMARIES = (1, 2, 5, 6, 7)
"""BT.709, not said, and the near ones of older television, which cameras and viewers alike show as sRGB's."""
LIKE_SRGB_CURVES = (1, 2, 6, 13, 14, 15)
"""sRGB's curve, not said, and television's, which is shown by the same one."""
GAMMAS = MappingProxyType({4: 2.2, 5: 2.8, 8: 1.0})
PQ, HLG = 16, 18
NAMES = MappingProxyType({9: "BT.2020", 11: "DCI-P3", 12: "Display P3"})

WHITE = 203.0
"""Nits that a standard range's white has in BT.2100 pictures (ITU-R BT.2408)."""
PEAK = 1000.0
"""Nits of the screen that HLG is shown on, where its system gamma is 1.2."""
STRIP = 256
"""Rows converted at once."""
BRADFORD = np.array([[0.8951, 0.2664, -0.1614], [-0.7502, 1.7135, 0.0367], [0.0389, -0.0685, 1.0296]])


@dataclass(frozen=True)
class Coding:
    """How a picture's RGB values are coded.

    Attributes:
        note: what is said once they are converted.
        primaries: white, red, green and blue of the coding; None where they are sRGB's.
        curve: "srgb", "pq", "hlg", or the exponent that turns a value into light, as in 2.2.
    """

    note: str
    primaries: Chromaticities | None = None
    curve: str | float = "srgb"

    @property
    def changes(self) -> bool:
        """Whether the values differ from sRGB's at all; an unknown coding has a note and changes nothing."""
        return self.primaries is not None or self.curve != "srgb"


def coding_of(primaries: int, transfer: int) -> Coding | None:
    """Return the coding of two code points; None where it is sRGB or as good as that."""
    known = primaries in PRIMARIES or primaries in LIKE_SRGB_PRIMARIES
    curve: str | float | None = GAMMAS.get(transfer) or {PQ: "pq", HLG: "hlg"}.get(transfer)
    if not known or (curve is None and transfer not in LIKE_SRGB_CURVES):
        points = f"primaries {primaries}, transfer {transfer}"
        return Coding(f"colours are coded in a way that is not known ({points}): shown as they are")
    wide = PRIMARIES.get(primaries)
    if wide is None and curve is None:
        return None
    if curve in ("pq", "hlg"):
        return Coding(f"HDR ({str(curve).upper()}) converted to standard range", wide, str(curve))
    names = [NAMES[primaries]] if wide else []
    names += [f"gamma {curve:g}" if curve != 1 else "linear light"] if curve else []
    return Coding(f"colours converted from {' with '.join(names)} to sRGB", wide, curve or "srgb")


def as_srgb(values: np.ndarray, coding: Coding, white: float) -> np.ndarray:
    """Convert (H, W, 3) values to uint8 sRGB. They are uint8, uint16 or float32, and `white` is the largest code.

    Light above a standard range's white is cut off. Converted strip by strip: a large picture must not fill the memory.
    """
    rgb = np.empty(values.shape, np.uint8)
    table = None if values.dtype.kind == "f" else _light(np.arange(np.iinfo(values.dtype).max + 1) / white, coding)
    for rows in _strips(len(values)):
        light = table[values[rows]] if table is not None else _light(values[rows] / white, coding)
        rgb[rows] = _to_codes(_on_screen(light, coding))
    return rgb


def _strips(rows: int) -> Iterator[slice]:
    return (slice(first, first + STRIP) for first in range(0, rows, STRIP))


def _light(values: np.ndarray, coding: Coding) -> np.ndarray:
    """Return the light of coded values in [0, 1], float32, before what mixes channels."""
    values = np.nan_to_num(np.asarray(values, np.float64), posinf=1, neginf=0).clip(0, None)
    if coding.curve == "srgb":
        light = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    elif coding.curve == "pq":
        root = values.clip(0, 1) ** (1 / 78.84375)
        light = (np.maximum(root - 0.8359375, 0) / (18.8515625 - 18.6875 * root)) ** (1 / 0.1593017578125)
        light *= 10_000 / WHITE
    elif coding.curve == "hlg":
        light = np.where(values <= 0.5, values**2 / 3, (np.exp((values - 0.55991073) / 0.17883277) + 0.28466892) / 12)
    else:
        light = values ** float(coding.curve)
    return light.astype(np.float32)


def _on_screen(light: np.ndarray, coding: Coding) -> np.ndarray:
    """Return (h, W, 3) light as sRGB's primaries mix it, in which 1 is white."""
    if coding.curve == "hlg":  # scene light to what a screen shows: BT.2100's system gamma on luminance
        luminance = light @ _to_xyz(coding.primaries or SRGB)[1].astype(np.float32)
        light = light * (np.maximum(luminance, 1e-6)[..., None] ** np.float32(0.2)) * np.float32(PEAK / WHITE)
    return light if coding.primaries is None else light @ mixing(coding.primaries).T.astype(np.float32)


def _to_codes(light: np.ndarray) -> np.ndarray:
    """Return light in [0, 1] as sRGB codes, uint8; by a table, for the curve is slow."""
    return SRGB_CODES[(light.clip(0, 1) * np.float32(65535) + np.float32(0.5)).astype(np.uint16)]


def _codes() -> np.ndarray:
    light = np.arange(65536) / 65535
    code = np.where(light <= 0.0031308, 12.92 * light, 1.055 * light ** (1 / 2.4) - 0.055)
    return (code * 255 + 0.5).astype(np.uint8)


SRGB_CODES = _codes()


def mixing(primaries: Chromaticities) -> np.ndarray:
    """Return the (3, 3) matrix from light of some primaries to light of sRGB's; whites are adapted (Bradford).

    Raises:
        ValueError: the primaries span no colours, as those of a damaged file may.
    """
    try:
        source, target = _to_xyz(primaries), _to_xyz(SRGB)
        gains = (BRADFORD @ target.sum(axis=1)) / (BRADFORD @ source.sum(axis=1))
        adapted = np.linalg.inv(BRADFORD) @ np.diag(gains) @ BRADFORD @ source
        return np.linalg.inv(target) @ adapted
    except (np.linalg.LinAlgError, ZeroDivisionError) as problem:
        raise ValueError(f"primaries that span no colours: {primaries}") from problem


def _to_xyz(primaries: Chromaticities) -> np.ndarray:
    """Return the (3, 3) matrix from RGB light to CIE XYZ; white has luminance 1."""
    places = zip(primaries[::2], primaries[1::2], strict=True)
    white, *colours = (np.array([x / y, 1, (1 - x - y) / y]) for x, y in places)
    columns = np.stack(colours, axis=1)
    return columns * np.linalg.solve(columns, white)
