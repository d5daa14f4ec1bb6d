"""What a report is made of: sections of paragraphs, lists, tables and pictures. Plain text; a front end gives the form.

All text that came from outside is on one line, bounded, and every letter of it visible: see
`pipeline.casebook.report.harmless`. A front end escapes it in its own way.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import Literal

Tone = Literal["plain", "aside", "warning"]
"""How a paragraph is meant: as text, as a remark beside it, or as what must not be missed."""
Form = Literal["text", "foreign", "hash"]
"""What a value is: the report's own words, text that came from outside, or digits to be compared one by one."""
Extent = Literal["thumbnail", "half", "exhibit"]
"""How large a picture is wanted."""


@dataclass(frozen=True)
class Paragraph:
    """A paragraph.

    Attributes:
        text: plain text.
        tone: how it is meant.
        heading: a few words that lead it; "" without.
    """

    text: str
    tone: Tone = "plain"
    heading: str = ""


@dataclass(frozen=True)
class Quote:
    """What somebody wrote.

    Attributes:
        paragraphs: plain text.
    """

    paragraphs: tuple[str, ...]


@dataclass(frozen=True)
class Items:
    """A list of sentences.

    Attributes:
        items: what leads a sentence, in bold, and the sentence; the lead may be "".
    """

    items: tuple[tuple[str, str], ...]


@dataclass(frozen=True)
class Entry:
    """One line of a list of facts.

    Attributes:
        name: what it is.
        value: plain text.
        form: what the value is.
    """

    name: str
    value: str
    form: Form = "text"


@dataclass(frozen=True)
class Facts:
    """A list of facts.

    Attributes:
        entries: in their order.
    """

    entries: tuple[Entry, ...]


@dataclass(frozen=True)
class Table:
    """A table.

    Attributes:
        title: what it shows.
        head: names of its columns.
        rows: cells as plain text, as many as the head has; they may come one by one, and are read once.
        widths: shares of the width that the columns want.
        numbers: places of the columns that hold numbers.
        hashes: places of the columns that hold hashes.
        leads_to: what stands before a row's first cell in the anchor that the row leads to; "" where it leads nowhere.
    """

    title: str
    head: tuple[str, ...]
    rows: Iterable[tuple[str, ...]]
    widths: tuple[float, ...]
    numbers: tuple[int, ...] = ()
    hashes: tuple[int, ...] = ()
    leads_to: str = ""


@dataclass(frozen=True)
class Legend:
    """The colours of a heatmap from what speaks most against its label to what speaks most for it.

    Attributes:
        low, middle, high: what the two ends and the middle stand for.
        text: how it is read without colours.
    """

    low: str
    middle: str
    high: str
    text: str


@dataclass(frozen=True)
class Picture:
    """A picture.

    Attributes:
        title: what it is, also for who cannot see it.
        caption: how to read it; "" without.
        data: PNG or JPEG.
        media: "image/png" or "image/jpeg", by the bytes.
        width, height: in pixels.
        extent: how large it is wanted.
        sha256: of the bytes.
        legend: of its colours; None where they need none.
    """

    title: str
    caption: str
    data: bytes
    media: str
    width: int
    height: int
    extent: Extent
    sha256: str
    legend: Legend | None = None


@dataclass(frozen=True)
class Pictures:
    """Pictures beside each other, as far as there is room.

    Attributes:
        pictures: in their order.
    """

    pictures: tuple[Picture, ...]


@dataclass(frozen=True)
class Pictured:
    """A picture with facts beside it, or below it where there is no room.

    Attributes:
        picture: None where there is none to be shown.
        facts: what is known of it.
    """

    picture: Picture | None
    facts: Facts


@dataclass(frozen=True)
class Headline:
    """A verdict in one line.

    Attributes:
        shape: a sign of its own for each verdict, so that no colour is needed.
        text: the verdict in words.
        strength: "weak", "moderate", "strong", or "".
    """

    shape: str
    text: str
    strength: str = ""


@dataclass(frozen=True)
class Scale:
    """A probability on a line from 0 to 1, with threshold and band of abstention; all of it in words too.

    Attributes:
        title: which stage.
        name: of the probability.
        probability: in [0, 1].
        threshold: in [0, 1].
        low, high: the band of abstention, in [0, 1]; equal where there is none.
        text: what is drawn, in words.
    """

    title: str
    name: str
    probability: float
    threshold: float
    low: float
    high: float
    text: str


@dataclass(frozen=True)
class Commands:
    """Lines to be typed.

    Attributes:
        lines: one command each.
    """

    lines: tuple[str, ...]


Block = Paragraph | Quote | Items | Facts | Table | Pictures | Pictured | Headline | Scale | Commands


@dataclass(frozen=True)
class Section:
    """A part of a report.

    Attributes:
        title: its heading, in the report's own words.
        level: 1 for a chapter, 2 or 3 below it.
        blocks: what it holds; sections of a deeper level follow it.
        name: text from outside that stands beside the title; "" without.
        anchor: a name of its own to lead there.
        apart: it begins on a page of its own.
    """

    title: str
    level: int
    blocks: tuple[Block, ...] = ()
    name: str = ""
    anchor: str = ""
    apart: bool = False
