"""Names that come from strangers, on one line, every letter of them visible."""

import unicodedata

from pipeline.records import defuse


def plain(name: str) -> str:
    """Return a name on one line with every invisible or direction-changing character made visible."""
    return "".join(_visible(letter) for letter in name)


def _visible(letter: str) -> str:
    if letter in "\n\r\t":
        return {"\n": "⏎", "\r": "⏎", "\t": "⇥"}[letter]
    if unicodedata.category(letter) in ("Cc", "Cf", "Co", "Cs", "Zl", "Zp") and letter != "\u200d":  # ZWJ joins emoji
        return f"⟨U+{ord(letter):04X}⟩"
    return letter


def short(name: str, most: int = 60) -> str:
    """Return a name cut in the middle, so that its beginning and its ending stay readable."""
    name = plain(name)
    return name if len(name) <= most else f"{name[: most - 21]}…{name[-20:]}"


def cell(name: str, most: int = 0) -> str:
    """Return a name as a table's cell: whoever saves or copies the table opens no formula with it.

    Args:
        name: what stands in the cell.
        most: letters, see `short`; 0 for all.
    """
    return str(defuse(short(name, most) if most else plain(name)))
