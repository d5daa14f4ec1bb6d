"""How cases and their parts are said in HTML and markdown; everything that came from outside is escaped."""

import html
from collections.abc import Iterable, Mapping

from dashboard.kit import markup
from dashboard.kit.theme import COLOURS
from pipeline.casebook.case_record import Opinion
from pipeline.casebook.report.people_part import say_opinion
from pipeline.verdict import LABELS
from pipeline.words import readable
from pipeline.words.figures import count, say_photos
from pipeline.words.verdicts import CHIPS, SHAPES

NO_VERDICT = "Not examined"
CROSS = "×"
LONGEST_SHOWN = 1200
"""Letters of a text that are shown at once."""


def when(at: str) -> str:
    """Return a time of the log without its seconds: "2026-03-01 14:05 UTC"."""
    return f"{at[:16].replace('T', ' ')} UTC"


def say_verdict(label: str) -> str:
    """Say a verdict with its shape; "" is said as not examined."""
    return f"{SHAPES[label]} {CHIPS[label]}" if label in SHAPES else f"{CROSS} {NO_VERDICT}"


def say_held(opinion: Opinion) -> str:
    """Say what a person holds of a photo, and whether they had not seen the verdict: "Deepfake (blind)"."""
    return f"{say_opinion(opinion.label)}{' (blind)' if opinion.blind else ''}"


def counts_html(photos: Mapping[str, int]) -> str:
    """Return photos by verdict as a bar of shares, and under it in numbers with shapes and words.

    Args:
        photos: verdict → how many, "" for those without one; see `CaseFacts.photos`.
    """
    there = [(label, photos[label]) for label in (*LABELS, "") if photos.get(label)]
    if not there:
        return '<p class="tt-small">No photos yet</p>'
    words = [f"{count(number)} {say_verdict(label)[2:]}" for label, number in there]
    shares = "".join(
        f'<span style="flex:{number} 1 0;background:{COLOURS.get(label, "transparent")}"></span>'
        for label, number in there
    )
    numbers = "".join(
        f'<span><span class="tt-shape" style="color:{COLOURS.get(label, "inherit")}">{say_verdict(label)[0]}</span>'
        f"{words[place]}</span>"
        for place, (label, _) in enumerate(there)
    )
    alt = html.escape(f"{say_photos(sum(photos.values()))}: {', '.join(words)}")
    return f'<div class="tt-shares" role="img" aria-label="{alt}">{shares}</div><div class="tt-counts">{numbers}</div>'


def tags_html(tags: Iterable[str], flags: Iterable[str] = ()) -> str:
    """Return tags as HTML, and before them what the program itself marks."""
    parts = [f'<span class="tt-flag">{html.escape(flag)}</span>' for flag in flags]
    parts += [f"<span>{markup.html_name(tag)}</span>" for tag in tags]
    return f'<div class="tt-tags">{"".join(parts)}</div>' if parts else ""


def lines(text: str) -> str:
    """Return a text of several lines in markdown, letter by letter."""
    return "  \n".join(markup.escaped(line) for line in text.splitlines())


def short_html(text: str, most: int = 400) -> str:
    """Return the beginning of a text as HTML."""
    line = " ".join(text.split())
    return html.escape(readable.plain(line if len(line) <= most else f"{line[:most]}…"))
