"""The letters of a PDF report: DejaVu Sans, embedded, as it comes with matplotlib."""

import importlib.util
from functools import cache
from pathlib import Path

from reportlab.pdfbase import pdfmetrics
from reportlab.pdfbase.ttfonts import TTFont

TEXT, STRONG, DIGITS = "DejaVuSans", "DejaVuSans-Bold", "DejaVuSansMono"
"""Names of the fonts, which are those of their files: for text, for what is set off, for hashes and commands."""
JOINERS = "\u200c\u200d"
"""Letters without a form, which only tell others to join."""


class Writable(dict[int, str | int]):
    """A table for `str.translate`: letters that a font has stay, others are given by their number, "⟨U+4E2D⟩"."""

    def __init__(self, letters: set[int]) -> None:
        """Keep which letters, by their number in Unicode, the font has."""
        super().__init__()
        self._letters = letters - {ord(joiner) for joiner in JOINERS}

    def __missing__(self, letter: int) -> str | int:
        """Decide on a letter once, and keep it."""
        self[letter] = letter if letter in self._letters else f"⟨U+{letter:04X}⟩"
        return self[letter]


@cache
def writable(font: str) -> Writable:
    """Return what can be written in a font; the font is made known to reportlab."""
    letters = TTFont(font, str(_folder() / f"{font}.ttf"))
    pdfmetrics.registerFont(letters)
    return Writable(set(letters.face.charToGlyph))


def written(text: str, font: str) -> str:
    """Return text with every letter that a font lacks given by its number."""
    return text.translate(writable(font))


def _folder() -> Path:
    """Return the folder of matplotlib's fonts, without loading matplotlib.

    Raises:
        ModuleNotFoundError: matplotlib is not installed.
    """
    spec = importlib.util.find_spec("matplotlib")
    if spec is None or not spec.submodule_search_locations:
        raise ModuleNotFoundError("matplotlib, whose fonts a PDF report embeds, is not installed")
    return Path(spec.submodule_search_locations[0]) / "mpl-data" / "fonts" / "ttf"
