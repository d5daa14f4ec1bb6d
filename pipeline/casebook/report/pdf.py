"""A case's report as PDF: letters embedded, text to be extracted, tagged, and the same bytes when made again."""

from collections.abc import Iterable
from pathlib import Path
from typing import Any, BinaryIO

from reportlab.lib.pagesizes import A4
from reportlab.platypus import BaseDocTemplate, Flowable, Frame, PageTemplate

from pipeline.casebook.case_record import CaseRecord
from pipeline.casebook.report.contents import ObjectReader, Progress, Report
from pipeline.casebook.report.pdf_blocks import WIDTH, section_flow
from pipeline.casebook.report.pdf_canvas import SMALL, TOTAL, PageWriter
from pipeline.casebook.report.pdf_fonts import DIGITS, STRONG, TEXT, writable, written
from pipeline.casebook.report.pdf_text import DIM, LINE, TITLE, Text
from pipeline.storage.whole import room, whole_file

MARGIN, TOP, BOTTOM = (A4[0] - WIDTH) / 2, 54.0, 54.0
COUNT_WIDTH = 13.0
"""Points that are kept free for the number of pages."""


def report_pdf(
    record: CaseRecord, objects: ObjectReader, out: Path, private: bool = False, progress: Progress | None = None
) -> None:
    """Write a case's report as PDF, a page at a time; the file has its name when all is in it.

    Args:
        record: the case.
        objects: where dossiers, pictures and maps lie under their hashes.
        out: the file.
        private: whether facts that tell where or who somebody is are given.
        progress: called with how many steps are done, and of how many.

    Raises:
        DiskFull: there is no room.
        OSError: it cannot be written; an older file stays as it was.
    """
    report = Report.of(record, objects, private, progress)
    with room(out.parent), whole_file(out) as part, part.open("wb") as stream:
        _Pages(report, stream).write()


class _Pages(BaseDocTemplate):
    """The pages of a report; sections are laid out one after another, and forgotten."""

    def __init__(self, report: Report, stream: BinaryIO) -> None:
        for font in (TEXT, STRONG, DIGITS):
            writable(font)
        super().__init__("", pagesize=A4, initialFontName=TEXT, initialFontSize=9, allowSplitting=1)
        self._report, self._stream = report, stream
        self._name = written(f"{report.title} “{report.case}”", TEXT)
        frame = Frame(MARGIN, BOTTOM, WIDTH, A4[1] - TOP - BOTTOM, 0, 0, 0, 0)
        self.addPageTemplates([PageTemplate("page", [frame], onPage=self._draw_around)])

    def write(self) -> None:
        """Lay out and write everything."""
        self._startBuild("", self._begin)
        self._lay_out([Text.of("", TITLE, self._name, role="H1")])
        for section in self._report.sections():
            self._lay_out(section_flow(section))
        self._endBuild()

    def _begin(self, filename: str, **options: Any) -> PageWriter:
        return PageWriter(self._stream, self._name, self._report.record.at, self._report.record.head, **options)

    def _lay_out(self, flow: Iterable[Flowable]) -> None:
        flowables = list(flow)
        while flowables:
            self.clean_hanging()
            self.handle_flowable(flowables)

    def _draw_around(self, canvas: PageWriter, _: BaseDocTemplate) -> None:
        """Draw what stands above and below each page: the case, the log's head, and which page of how many."""
        right, foot = MARGIN + WIDTH, BOTTOM - 22
        with canvas.tags.mark(canvas, ""):
            canvas.setFont(TEXT, SMALL)
            canvas.setFillColor(DIM)
            canvas.drawString(MARGIN, A4[1] - TOP + 20, self._name)
            canvas.drawString(MARGIN, foot, f"Head of the log {self._report.head}…")
            canvas.drawRightString(right - COUNT_WIDTH, foot, f"page {canvas.getPageNumber()} of ")
            canvas.saveState()
            canvas.translate(right - COUNT_WIDTH, foot - 4)
            canvas.doForm(TOTAL)
            canvas.restoreState()
            canvas.setStrokeColor(LINE)
            canvas.setLineWidth(0.5)
            canvas.line(MARGIN, A4[1] - TOP + 15, right, A4[1] - TOP + 15)
            canvas.line(MARGIN, foot + 11, right, foot + 11)
