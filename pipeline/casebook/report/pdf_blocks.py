"""Blocks of a report as what reportlab lays out on pages."""

from collections.abc import Callable, Iterator
from itertools import islice
from textwrap import wrap
from typing import Any

from reportlab.lib.colors import black
from reportlab.platypus import CondPageBreak, Flowable, PageBreak, Spacer
from reportlab.platypus import Table as Grid

from pipeline.casebook.report import pdf_text as look
from pipeline.casebook.report.blocks import (
    Block,
    Commands,
    Facts,
    Headline,
    Items,
    Paragraph,
    Picture,
    Pictured,
    Pictures,
    Quote,
    Scale,
    Section,
    Table,
)
from pipeline.casebook.report.pdf_drawn import Drawing, LegendBar, ScaleBar
from pipeline.casebook.report.pdf_facts import PAGE, Columns, FactLines
from pipeline.casebook.report.pdf_fonts import TEXT
from pipeline.casebook.report.pdf_tags import Group
from pipeline.casebook.report.pdf_text import Heading, Text

WIDTH = 493.0
"""Points between the margins of a page."""
ROOM = {"thumbnail": (120.0, 150.0), "half": (230.0, 170.0), "exhibit": (155.0, 165.0)}
"""Points that a picture among others may take, across and up."""
ALONE = (290.0, 170.0)
"""Points that a picture with its caption beside it may take."""
ROWS = 150
"""Rows that are laid out at a time: a longer table goes on with its head again."""
GAP = 12.0
PIECE = 3_000
"""Letters of what somebody wrote that are laid out at a time."""
LEAST = 76.0
"""Points that must be left on a page for what needs more than a line below it."""
LINES = (
    ("LINEBELOW", (0, 0), (-1, -1), 0.4, look.LINE),
    ("LINEBELOW", (0, 0), (-1, 0), 1.1, black),
    ("FONT", (0, 0), (-1, -1), TEXT, 8),
    ("VALIGN", (0, 0), (-1, -1), "TOP"),
    ("LEFTPADDING", (0, 0), (-1, -1), 0),
    ("RIGHTPADDING", (0, 0), (-1, -1), 8),
    ("TOPPADDING", (0, 0), (-1, -1), 1.5),
    ("BOTTOMPADDING", (0, 0), (-1, -1), 2.5),
)


def section_flow(section: Section) -> Iterator[Flowable]:
    """Yield what a section is on pages: its heading, which stays with what follows, and its blocks."""
    if section.apart:
        yield PageBreak()
    style = look.HEADINGS[section.level]
    heading = Heading.of(section.name, style, section.title, role=f"H{section.level + 1}")
    if section.level <= 2:
        heading.label = f"{section.title} {section.name}".strip()
        heading.key, heading.level = section.anchor or heading.label, section.level - 1
    yield CondPageBreak(LEAST if section.level > 3 else 2 * LEAST)
    yield heading
    for block in section.blocks:
        yield from FLOWS[type(block)](block)


def _paragraph(block: Paragraph) -> Iterator[Flowable]:
    styles = {"plain": look.PLAIN, "aside": look.ASIDE, "warning": look.WARNING}
    lead = " ".join(part for part in ("Mind:" if block.tone == "warning" else "", block.heading) if part)
    if not block.text:
        yield CondPageBreak(LEAST)
    yield Text.of(block.text, styles[block.tone] if block.text else look.TABLE_TITLE, lead)


def _quote(block: Quote) -> Iterator[Flowable]:
    for line in block.paragraphs:
        for piece in wrap(line, PIECE, break_on_hyphens=False, drop_whitespace=False) or [""]:
            yield Text.of(f"│ {piece}", look.QUOTE)
    yield Spacer(1, 4)


def _items(block: Items) -> Iterator[Flowable]:
    group = Group("L")
    for lead, text in block.items:
        yield Text.of(text, look.ITEM, lead, role="LI", group=group, bulletText="•")


def _facts(block: Facts) -> Iterator[Flowable]:
    yield FactLines.of(block)
    yield Spacer(1, 5)


def _table(block: Table) -> Iterator[Flowable]:
    yield CondPageBreak(LEAST)
    yield Text.of(block.title, look.TABLE_TITLE, role="Caption")
    wanted = sum(block.widths)
    widths = [WIDTH * width / wanted for width in block.widths]
    group, rows = Group("Table"), iter(block.rows)
    while part := list(islice(rows, ROWS)):
        cells = [_row(block, block.head, group, True), *(_row(block, row, group, False) for row in part)]
        grid = RuledGrid(cells, widths, repeatRows=1, splitInRow=1, hAlign="LEFT")
        grid.setStyle(LINES)
        yield grid
    yield Spacer(1, 6)


def _row(block: Table, cells: tuple[str, ...], table: Group, is_head: bool) -> list[Text]:
    group = Group("TR", table)
    texts = []
    for place, cell in enumerate(cells):
        if place in block.numbers:
            style = look.CELL_HEAD_NUMBER if is_head else look.CELL_NUMBER
        elif is_head:
            style = look.CELL_HEAD
        else:
            style = look.CELL_HASH if place in block.hashes else look.CELL
        texts.append(Text.of(cell, style, role="TH" if is_head else "TD", group=group))
    return texts


class RuledGrid(Grid):
    """A table whose lines count as no content."""

    def _drawBkgrnd(self) -> None:
        with self.canv.tags.mark(self.canv, ""):
            super()._drawBkgrnd()

    def _drawLines(self) -> None:
        with self.canv.tags.mark(self.canv, ""):
            super()._drawLines()


def _pictures(block: Pictures) -> Iterator[Flowable]:
    """Yield pictures with their captions: one alone with its caption beside it, several beside each other."""
    if len(block.pictures) == 1:
        yield _picture_alone(block.pictures[0])
        return
    row: list[tuple[float, list[Flowable]]] = []
    for picture in block.pictures:
        wide, high = ROOM[picture.extent]
        if row and sum(width + GAP for width, _ in row) + wide > WIDTH:
            yield Columns(row, GAP)
            row = []
        row.append((wide, [Drawing(picture, wide, high), *_below(picture, wide)]))
    yield Columns(row, GAP)


def _picture_alone(picture: Picture) -> Flowable:
    drawing = Drawing(picture, *ALONE)
    rest = WIDTH - max(drawing.width, LEAST) - GAP
    return Columns([(WIDTH - rest - GAP, [drawing]), (rest, _below(picture, rest))], GAP)


def _below(picture: Picture, wide: float) -> list[Flowable]:
    """Return what is said of a picture, and its legend."""
    caption = Text.of(picture.caption, look.CAPTION, f"{picture.title}.", role="Caption")
    if picture.legend is None:
        return [caption]
    return [caption, Spacer(1, 4), LegendBar(picture.legend, wide), Text.of(picture.legend.text, look.CAPTION)]


def _pictured(block: Pictured) -> Iterator[Flowable]:
    """Yield a picture with its facts beside it; where those are too long for that, below it."""
    if block.picture is None:
        yield from _facts(block.facts)
        return
    wide, high = ROOM[block.picture.extent]
    drawing, rest = Drawing(block.picture, wide, high), WIDTH - wide - GAP
    lines = FactLines.of(block.facts, 62)
    if lines.wrap(rest, PAGE)[1] > 2 * high:
        yield from (drawing, Spacer(1, 4))
        yield from _facts(block.facts)
    else:
        yield Columns([(wide, [drawing]), (rest, [lines])], GAP)


def _headline(block: Headline) -> Iterator[Flowable]:
    strength = f" ({block.strength})" if block.strength else ""
    yield Text.of(f"{block.shape} {block.text}{strength}", look.HEADLINE)


def _scale(block: Scale) -> Iterator[Flowable]:
    yield CondPageBreak(LEAST)
    yield from (Text.of("", look.PLAIN, block.title), ScaleBar(block), Text.of(block.text, look.CAPTION))


def _commands(block: Commands) -> Iterator[Flowable]:
    yield Spacer(1, 2)
    yield from (Text.of(line, look.COMMAND, role="Code") for line in block.lines)
    yield Spacer(1, 8)


FLOWS: dict[type[Block], Callable[[Any], Iterator[Flowable]]] = {
    Paragraph: _paragraph,
    Quote: _quote,
    Items: _items,
    Facts: _facts,
    Table: _table,
    Pictures: _pictures,
    Pictured: _pictured,
    Headline: _headline,
    Scale: _scale,
    Commands: _commands,
}
"""How each kind of block is laid out."""
