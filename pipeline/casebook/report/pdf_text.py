"""Text of a PDF report: paragraphs that nobody's markup reaches, and how they look."""

from typing import Any

from reportlab.lib.colors import Color, black
from reportlab.lib.styles import ParagraphStyle
from reportlab.platypus import Paragraph
from reportlab.platypus.paraparser import ParaFrag

from pipeline.casebook.report.pdf_fonts import DIGITS, STRONG, TEXT, written
from pipeline.casebook.report.pdf_tags import Group

DIM, LINE, SOFT = Color(0.25, 0.25, 0.25), Color(0.62, 0.62, 0.62), Color(0.93, 0.93, 0.93)


def _style(name: str, size: float, **options: Any) -> ParagraphStyle:
    common = {"fontName": TEXT, "fontSize": size, "leading": round(size * 1.38, 1), "textColor": black}
    fixed = {"bulletFontName": TEXT, "bulletFontSize": size, "splitLongWords": 1, "allowOrphans": 0, "allowWidows": 0}
    return ParagraphStyle(name, **(common | fixed | options))


TITLE = _style("title", 18, fontName=STRONG, spaceAfter=4)
HEADINGS = {
    1: _style("chapter", 14, spaceBefore=16, spaceAfter=6),
    2: _style("photo", 12, spaceBefore=14, spaceAfter=6, backColor=SOFT, borderPadding=(3, 4, 4, 4)),
    3: _style("part", 10, spaceBefore=11, spaceAfter=4),
    4: _style("finding", 9, spaceBefore=8, spaceAfter=2),
}
PLAIN = _style("plain", 9, spaceAfter=4)
ASIDE = _style("aside", 8, spaceAfter=3.5, textColor=DIM)
_BORDER = {"borderWidth": 0.9, "borderColor": black, "borderPadding": (3, 5, 4, 5), "leftIndent": 5, "rightIndent": 5}
WARNING = _style("warning", 9, spaceBefore=4, spaceAfter=8, **_BORDER)
ITEM = _style("item", 9, spaceAfter=3, leftIndent=11, bulletIndent=1)
QUOTE = _style("quote", 9, spaceAfter=2, leftIndent=14)
COMMAND = _style("command", 8, fontName=DIGITS, spaceAfter=0, backColor=SOFT, borderPadding=(2, 4, 2, 4), leftIndent=5)
HEADLINE = _style("headline", 13, fontName=STRONG, spaceBefore=2, spaceAfter=5)
CAPTION = _style("caption", 8, spaceBefore=2, spaceAfter=4, textColor=DIM)
TABLE_TITLE = _style("table title", 8.5, fontName=STRONG, spaceBefore=7, spaceAfter=2)
CELL, CELL_HEAD = _style("cell", 8), _style("cell head", 8, fontName=STRONG)
CELL_NUMBER, CELL_HEAD_NUMBER = _style("number", 8, alignment=2), _style("number head", 8, fontName=STRONG, alignment=2)
CELL_HASH = _style("hash", 6.6, fontName=DIGITS, leading=11)
FACT_NAME, FACT = _style("fact name", 8.5, textColor=DIM), _style("fact", 8.5)
FACT_HASH = _style("fact hash", 7.6, fontName=DIGITS, leading=11.7)
"""Styles: sizes in points, black and greys only."""


Drawn = tuple[float, list[str]]
"""A text's height, and what draws it from its own corner."""


class Text(Paragraph):
    """A paragraph made of text that is not read as markup, marked in the document's structure."""

    role: str | None = "P"
    group: Group | None = None
    _laid_out = (0.0, 0.0)
    _what: tuple[Any, ...] = ()

    @classmethod
    def of(cls, text: str, style: ParagraphStyle, lead: str = "", **options: Any) -> "Text":
        """Make a paragraph.

        Args:
            text: plain text, every letter of which is shown.
            style: how it looks.
            lead: set off before it.
            options: `role` and `group`, see `pipeline.casebook.report.pdf_tags`; `bulletText`.
        """
        parts = [(lead, STRONG), (f" {text}" if lead else text, style.fontName)]
        frags = [_frag(written(part, font), font, style) for part, font in parts if part]
        paragraph = cls(None, style, options.get("bulletText"), frags or [_frag("", style.fontName, style)])
        paragraph.role, paragraph.group = options.get("role", "P"), options.get("group")
        paragraph._what = (text, lead, style.name, options.get("bulletText"))
        return paragraph

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return how much room it takes; text that was drawn before in this width is not broken into lines again."""
        if self._laid_out[0] != width:
            self.width, drawn = width, self._drawn_before(width)
            self.height = super().wrap(width, height)[1] if drawn is None else drawn[0]
            self._laid_out = (width, self.height)
        return self._laid_out

    def split(self, width: float, height: float) -> list["Text"]:
        """Split into what fits and the rest; both keep their place in the structure."""
        super().wrap(width, height)
        parts: list[Text] = super().split(width, height)
        for part in parts:
            part.role, part.group = self.role, self.group
        return parts

    def draw(self) -> None:
        """Draw it, marked as what it is; without a role it is a part of what is marked already."""
        if self.role is None:
            self._draw_once()
            return
        with self.canv.tags.mark(self.canv, self.role, self.group):
            self._draw_once()

    def _draw_once(self) -> None:
        """Draw it, or write once more what was written when the same text was drawn before."""
        code, drawn = self.canv._code, self._drawn_before(self._laid_out[0])
        if drawn is not None:
            code.extend(drawn[1])
            return
        start = len(code)
        if not hasattr(self, "blPara"):  # its lines were never broken, or split has dropped them
            super().wrap(*self._laid_out)
        super().draw()
        if self._what:
            self.canv.remember((*self._what, self._laid_out[0]), (self.height, code[start:]))

    def _drawn_before(self, width: float) -> Drawn | None:
        canvas: Any = getattr(self, "canv", None)
        return canvas.drawn.get((*self._what, width)) if canvas is not None and self._what else None


class Heading(Text):
    """A heading, which a reader also finds in the list of contents beside the pages."""

    key, level, label = "", 0, ""

    def split(self, width: float, height: float) -> list[Text]:
        """Split into what fits and the rest; the first part is what is listed."""
        parts = super().split(width, height)
        for part in parts[:1]:
            part.key, part.level, part.label = self.key, self.level, self.label
        return parts

    def draw(self) -> None:
        """Draw it, and note where it stands."""
        if self.key:
            self.canv.bookmarkHorizontal(self.key, 0, self.height + 8)
            self.canv.addOutlineEntry(self.label, self.key, self.level, closed=self.level == 0)
        super().draw()


def _frag(text: str, font: str, style: ParagraphStyle) -> ParaFrag:
    """Return a run of letters in one font, as reportlab's own reader of markup would make it."""
    look = {"fontName": font, "fontSize": style.fontSize, "textColor": style.textColor, "rise": 0, "greek": 0}
    none = {"link": [], "us_lines": [], "bold": 0, "italic": 0, "underline": 0, "strike": 0}
    return ParaFrag(text=text, **look, **none)
