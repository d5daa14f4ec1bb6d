"""Facts and pictures of a PDF report: laid out here, as a table for each would take most of the time."""

from collections.abc import Sequence

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase.pdfmetrics import stringWidth
from reportlab.platypus import Flowable

from pipeline.casebook.report.blocks import Facts
from pipeline.casebook.report.pdf_fonts import TEXT, written
from pipeline.casebook.report.pdf_text import FACT, FACT_HASH, FACT_NAME, SOFT, Text

PADDING, GAP = 2.4, 6.0
"""Points below a fact, and between its name and its value."""
TOGETHER = 6
"""Facts that stay on one page, as far as they fit on one."""
PAGE = 700.0
"""Points that a page has for certain."""


class _Line:
    """One fact: what fits on a line is drawn without more, anything else as two paragraphs beside each other."""

    def __init__(self, name: str, value: str | Text, style: ParagraphStyle) -> None:
        self.name, self.value, self.style = name, value, style
        self.texts: tuple[Text, Text] | None = None
        self.height = 0.0
        self._widths = (0.0, 0.0)

    def wrap(self, name_width: float, room: float) -> float:
        """Return how high it is; in a narrow column it is higher."""
        if self._widths == (name_width, room):
            return self.height
        self._widths, self.texts, self.height = (name_width, room), None, FACT.leading + PADDING
        if not (_fits(self.name, FACT_NAME, name_width) and _fits(self.value, self.style, room)):
            self.texts = self.as_texts()
            self.height = max(self.texts[0].wrap(name_width, 0)[1], self.texts[1].wrap(room, 0)[1]) + PADDING
        return self.height

    def as_texts(self) -> tuple[Text, Text]:
        """Return name and value as paragraphs, which are marked together."""
        value = self.value if isinstance(self.value, Text) else Text.of(self.value, self.style)
        name = Text.of(self.name, FACT_NAME)
        name.role = value.role = None
        return name, value


class FactLines(Flowable):
    """Facts below each other: their names, and their values beside them. Each is one element of the structure."""

    def __init__(self, lines: Sequence[_Line], name_width: float) -> None:
        super().__init__()
        self._lines, self._name_width = lines, name_width

    @classmethod
    def of(cls, block: Facts, name_width: float = 120.0) -> "FactLines":
        """Make them of a block.

        Args:
            block: the facts.
            name_width: points that names have beside the values.
        """
        styles = [FACT_HASH if entry.form == "hash" else FACT for entry in block.entries]
        names = [written(entry.name, TEXT) for entry in block.entries]
        values = [written(entry.value, style.fontName) for entry, style in zip(block.entries, styles, strict=True)]
        return cls([_Line(*parts) for parts in zip(names, values, styles, strict=True)], name_width)

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return how much room they take."""
        self.width = width
        self.height = sum(line.wrap(self._name_width, width - self._name_width - GAP) for line in self._lines)
        return width, self.height

    def split(self, width: float, height: float) -> list[Flowable]:
        """Split into those that fit and the rest; a few stay together, and one that is too long is split itself."""
        if 1 < len(self._lines) <= TOGETHER and self.wrap(width, height)[1] < PAGE:
            return []
        fitting, left = 0, height
        for line in self._lines:
            left -= line.wrap(self._name_width, width - self._name_width - GAP)
            if left < 0:
                break
            fitting += 1
        head, rest = list(self._lines[:fitting]), list(self._lines[fitting:])
        if not head:
            head, rest = self._split_first(width, height, rest)
        return [FactLines(part, self._name_width) for part in (head, rest) if part] if head else []

    def _split_first(self, width: float, height: float, lines: list[_Line]) -> tuple[list[_Line], list[_Line]]:
        """Split the first of these lines; where that cannot be, the head is empty."""
        name, value = lines[0].as_texts()
        parts = value.split(width - self._name_width - GAP, height - PADDING)
        if len(parts) < 2 or name.wrap(self._name_width, height)[1] > height:
            return [], lines
        style = lines[0].style
        return [_Line(lines[0].name, parts[0], style)], [_Line("", parts[1], style), *lines[1:]]

    def draw(self) -> None:
        """Draw them, with a fine line below each."""
        canvas, top, left = self.canv, self.height, self._name_width + GAP
        for line in self._lines:
            bottom = top - line.height
            with canvas.tags.mark(canvas, ""):
                canvas._code.append(
                    f"q {SOFT.red} G 0.6 w 0 {bottom + 0.6:.2f} m {self.width:.1f} {bottom + 0.6:.2f} l S Q"
                )
            with canvas.tags.mark(canvas, "P"):
                if line.texts is None:
                    canvas.write_text(0, top - FACT.fontSize - 0.6, line.name, FACT_NAME)
                    canvas.write_text(left, top - FACT.fontSize - 0.6, line.value, line.style)
                else:
                    for text, x in zip(line.texts, (0, left), strict=True):
                        text.drawOn(canvas, x, top - text.height)
            top = bottom


class Columns(Flowable):
    """Columns beside each other, each of it a few things below each other; all of it stays on one page."""

    def __init__(self, columns: Sequence[tuple[float, Sequence[Flowable]]], gap: float) -> None:
        """Keep the columns: the width of each, and what it holds."""
        super().__init__()
        self._columns, self._gap = columns, gap

    def wrap(self, width: float, height: float) -> tuple[float, float]:
        """Return how much room they take."""
        sizes = [[each.wrapOn(self.canv, wide, height)[1] for each in column] for wide, column in self._columns]
        self.width, self.height = width, max(sum(size) for size in sizes) + self._gap
        return width, self.height

    def draw(self) -> None:
        """Draw them, all from the top."""
        left = 0.0
        for wide, column in self._columns:
            top = self.height
            for each in column:
                top -= each.height
                each.drawOn(self.canv, left, top)
            left += wide + self._gap


def _fits(text: str | Text, style: ParagraphStyle, width: float) -> bool:
    """Tell whether text fits on one line."""
    return isinstance(text, str) and stringWidth(text, style.fontName, style.fontSize) <= width
