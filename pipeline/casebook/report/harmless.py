"""Text that came from outside, made fit for paper: bounded, on one line, every letter visible, nothing obeyed."""

import unicodedata
from functools import cache
from itertools import groupby

from pipeline.words.readable import plain

LINE, QUOTE, PARAGRAPHS = 400, 20_000, 300
"""Characters that are taken of a line and of what somebody wrote, and paragraphs of the latter."""
ENDING = 40
"""Characters of a name's end that are always kept: they say what kind of file it is."""
STACKED = 3
"""Marks above or below one letter; more of them would cover the lines around."""


def one_line(text: str, most: int = LINE) -> str:
    """Return text on one line, cut where it is too long; the cut says how long it was."""
    if len(text) <= most:
        return visible(text)
    return f"{visible(text[:most])} … (cut: {len(text)} characters in all)"


def file_name(name: str, most: int = 160) -> str:
    """Return a name cut in its middle where it is too long: its beginning and its ending stay."""
    if len(name) <= most:
        return visible(name)
    return f"{visible(name[: most - ENDING])} … {visible(name[-ENDING:])} (cut: {len(name)} characters in all)"


def paragraphs(text: str) -> tuple[str, ...]:
    """Return what somebody wrote, a paragraph a line; empty lines are left out, and a cut is said."""
    lines = [line for line in text[:QUOTE].splitlines() if line.strip()]
    taken = [visible(line) for line in lines[:PARAGRAPHS]]
    if len(text) > QUOTE or len(lines) > PARAGRAPHS:
        taken.append(f"… (cut: {len(text)} characters in all)")
    return tuple(taken)


def visible(text: str) -> str:
    """Return text on one line in which every letter can be seen, and none reaches into the lines around.

    Letters without a form of their own are given by their number, "⟨U+202E⟩": controls, those that change the
    direction of writing, lone surrogates, and numbers to which Unicode has given no letter.
    """
    if text.isascii() and text.isprintable():
        return text
    parts = []
    for is_mark, letters in groupby(plain(text), _is_mark):
        run = list(letters)
        kept = "".join(run[:STACKED] if is_mark else run)
        parts.append(kept if kept.isprintable() else "".join(map(_with_form, kept)))
        parts += [f"⟨{len(run) - len(kept)} marks more⟩"] if len(run) > len(kept) else []
    return "".join(parts)


@cache
def _is_mark(letter: str) -> bool:
    return unicodedata.category(letter) in ("Mn", "Me")


def _with_form(letter: str) -> str:
    """Return a letter, or its number where Unicode gives it no form."""
    return f"⟨U+{ord(letter):04X}⟩" if unicodedata.category(letter) == "Cn" else letter
