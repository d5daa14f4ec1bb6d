"""Which encoders write a pair of quantisation tables: what is certain from the numbers, and what they only resemble."""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from PIL.JpegPresets import presets

from pipeline.reading.jpeg_quality import nearest_quality, scale_table, scaled_tables

# The base table of MozJPEG's default, number 3, after N. Robidoux (mozjpeg, jcparam.c; the cjpeg manual, -quant-table).
ROBIDOUX = np.array([
    16, 16, 16, 18, 25, 37, 56, 85,      16, 17, 20, 27, 34, 40, 53, 75,
    16, 20, 24, 31, 43, 62, 91, 135,     18, 27, 31, 40, 53, 74, 106, 156,
    25, 34, 43, 53, 69, 94, 131, 189,    37, 40, 62, 74, 94, 124, 169, 238,
    56, 53, 91, 106, 131, 169, 226, 311, 85, 75, 135, 156, 189, 238, 311, 418,
])  # fmt: skip
PRESETS = {
    "low": "Save As, low", "medium": "Save As, medium", "high": "Save As, high", "maximum": "Save As, maximum",
    "web_low": "Save for Web, low", "web_medium": "Save for Web, medium", "web_high": "Save for Web, high",
    "web_very_high": "Save for Web, very high", "web_maximum": "Save for Web, maximum",
}  # fmt: skip
"""Pillow's presets (`PIL.JpegPresets`, "equivalent to the Photoshop settings") to what Photoshop calls them."""
IJG = "the common encoder's (IJG: libjpeg, libjpeg-turbo and the many programs, phones and services built on them)"


@dataclass(frozen=True)
class Family:
    """Whose tables they are.

    Attributes:
        name: in a sentence: "The tables are …".
        exact: every number agrees.
        edited: a program for editing pictures writes them.
    """

    name: str
    exact: bool
    edited: bool = False


def family_of(luminance: np.ndarray, chrominance: np.ndarray | None) -> Family:
    """Name the family of a JPEG's tables.

    Args:
        luminance: (8, 8) int.
        chrominance: (8, 8) int; None of a grey JPEG.
    """
    first = luminance.ravel()
    second = None if chrominance is None else chrominance.ravel()
    return next(filter(None, (look(first, second) for look in (_ijg, _photoshop, _mozjpeg))), None) or _other(
        first, second
    )


def ijg_quality(table: np.ndarray, chrominance: bool = False) -> int | None:
    """Return the IJG quality whose table has the very same 64 numbers, row by row; None where none has."""
    return next((at + 1 for at, own in enumerate(scaled_tables(chrominance)) if np.array_equal(own, table)), None)


def _ijg(luminance: np.ndarray, chrominance: np.ndarray | None) -> Family | None:
    quality = ijg_quality(luminance)
    if quality is None:
        return None
    if chrominance is None:
        return Family(f"{IJG} at quality {quality}; the picture is grey", True)
    colour = ijg_quality(chrominance, chrominance=True)
    if np.array_equal(scaled_tables(chrominance=True)[quality - 1], chrominance):
        return Family(f"{IJG} at quality {quality}", True)
    if colour is not None:
        return Family(f"{IJG} at quality {quality} for luminance and {colour} for colour, which few programs do", True)
    if np.array_equal(luminance, chrominance):
        return Family(f"{IJG} at quality {quality}, the luminance's used for colour too, as some cameras do", True)
    return Family(f"{IJG} at quality {quality} for luminance, with a table of another kind for colour", False)


def _preset(name: str) -> np.ndarray:
    """Return luminance and chrominance of a preset of Pillow's, (2, 64) int."""
    return np.array(presets[name]["quantization"])


def _photoshop(luminance: np.ndarray, chrominance: np.ndarray | None) -> Family | None:
    names = [
        label
        for name, label in PRESETS.items()
        if np.array_equal(_preset(name)[0], luminance)
        and (chrominance is None or np.array_equal(_preset(name)[1], chrominance))
    ]
    return Family(f"those of Adobe Photoshop ({'; or '.join(names)})", True, edited=True) if names else None


def _mozjpeg(luminance: np.ndarray, chrominance: np.ndarray | None) -> Family | None:
    for quality in range(1, 101):
        table = scale_table(ROBIDOUX, quality)
        if np.array_equal(table, luminance) and (chrominance is None or np.array_equal(table, chrominance)):
            users = "services and programs that shrink pictures for the web"
            return Family(f"MozJPEG's at quality {quality}, which {users} use", True)
    return None


def _other(luminance: np.ndarray, chrominance: np.ndarray | None) -> Family:
    quality = nearest_quality(luminance.tolist())
    off = float(np.abs(luminance - scaled_tables()[quality - 1]).mean())
    kinds = "as cameras, many phones and Photoshop have"
    near = f"nearest in strength to the common encoder's at quality {quality}, each number {off:.1f} off on average"
    same = "" if chrominance is None or not np.array_equal(luminance, chrominance) else ", one table for all planes"
    return Family(f"of a kind of their own, {kinds}: {near}{same}", False)


def rows(table: np.ndarray) -> Iterator[str]:
    """Yield an (8, 8) table as text, row by row."""
    for row in table:
        yield " ".join(str(int(step)) for step in row)
