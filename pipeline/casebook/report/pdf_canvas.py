"""A canvas whose pages go into the file as soon as they are full: memory does not grow with the report.

reportlab keeps all pages and pictures until the end. Here each is written when its page is; what stays are offsets.
"""

import hashlib
import re
from array import array
from typing import Any, BinaryIO

from reportlab.lib.styles import ParagraphStyle
from reportlab.pdfbase import pdfdoc
from reportlab.pdfbase.pdfmetrics import getFont
from reportlab.pdfgen.canvas import Canvas

from pipeline.casebook.report.pdf_fonts import TEXT
from pipeline.casebook.report.pdf_tags import Tags, text_of

TOTAL = "total"
"""Name of the drawing that says how many pages there are; each page shows it, and it is drawn last."""
SMALL = 7.5
"""Size in points of what stands above and below a page."""
REMEMBERED = 4_000
"""Texts that are not laid out again when they come again."""
AT_ONCE = (pdfdoc.PDFPage, pdfdoc.PDFImageXObject, pdfdoc.PDFStream)
"""Kinds of objects that nothing changes any more once their page is full."""
HEADER = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"


WRITTEN = pdfdoc.PDFObject()
"""Stands for an object that is in the file."""


class _Info(pdfdoc.PDFInfo):
    """What a reader shows of a document: its title, and when its record was made; no author."""

    def __init__(self, title: str, at: str) -> None:
        super().__init__()
        self._title = title  # not `title`, which a document template overwrites
        self._at = "".join(re.findall(r"\d", at))

    def format(self, document: Any) -> bytes:
        """Return it as the file holds it."""
        date = f" /CreationDate (D:{self._at}Z)" if re.fullmatch(r"\d{14}", self._at) else ""
        return f"<</Title {text_of(self._title)} /Producer (Telltale, with ReportLab){date}>>".encode()


class PageWriter(Canvas):
    """A canvas that writes to a stream while it is drawn on."""

    _code: list[str]

    def __init__(self, stream: BinaryIO, title: str, at: str, seed: str, **options: Any) -> None:
        """Begin a file.

        Args:
            stream: where it is written to.
            title: of the document.
            at: when its record was made, UTC, ISO 8601.
            seed: what the file's id is made from.
            options: those of reportlab's canvas.
        """
        super().__init__("", **(options | {"pageCompression": 1, "invariant": 1, "lang": "en"}))
        self._stream, self._offset, self._offsets, self._seen = stream, 0, array("Q", [0]), 0
        self._seed, self._doc.info = seed, _Info(title, at)
        self._total = pdfdoc.PDFFormXObject(0, 0, 100, 20)
        self._doc.addForm(TOTAL, self._total)
        self.drawn: dict[tuple[Any, ...], tuple[float, list[str]]] = {}
        self._write(HEADER)
        self.tags = Tags(self._new_number, self._put_text)
        self.setViewerPreference("DisplayDocTitle", "true")
        self.showOutline()

    def showPage(self) -> None:
        """Write the page that is full, and begin a new one."""
        super().showPage()
        name = f"Page{self._doc.pageCounter - 1}"
        page = self._doc.idToObject[name]
        key = self.tags.end_page(self._doc.idToObjectNumberAndVersion[name][0])
        page.__NoDefault__ = [*page.__NoDefault__, "StructParents", "Tabs"]
        page.StructParents, page.Tabs = key, pdfdoc.PDFName("S")
        page.Contents = pdfdoc.PDFStream(content=page.stream, filters=[pdfdoc.PDFZCompress])
        self._doc.Pages.pages[-1] = pdfdoc.PDFObjectReference(name)
        self._write_finished()

    def save(self) -> None:
        """Write all that is left, and the table of where everything stands."""
        document, catalog = self._doc, self._doc.Catalog
        if self._code:
            self.showPage()
        self._draw_total()
        for font in document.delayedFonts:
            font.addObjects(document)
        self.tags.end()
        catalog.MarkInfo = pdfdoc.PDFDictionary({"Marked": "true"})
        catalog.StructTreeRoot = f"{self.tags.root} 0 R"
        document.Reference(catalog)
        document.Reference(document.info)
        document.Outlines.prepare(document, self)
        self._write_all()

    def remember(self, what: tuple[Any, ...], drawn: tuple[float, list[str]]) -> None:
        """Keep what draws a text: much of a report stands in it photo by photo."""
        if len(self.drawn) >= REMEMBERED:
            self.drawn.clear()
        self.drawn[what] = drawn

    def _draw_total(self) -> None:
        """Draw how many pages there are, which all of them show: its object has its number from the beginning."""
        self.setFont(TEXT, SMALL)
        self.drawString(0, 4, str(self._pageNumber - 1))
        self._total.setStreamList(self._code)
        self._code = []

    def draw_image(
        self, name: str, image: pdfdoc.PDFImageXObject | None, box: tuple[float, float, float, float]
    ) -> None:
        """Draw a picture.

        Args:
            name: by which it is known in this file.
            image: the picture; None where one of that name was drawn before.
            box: x, y, width, height in points.
        """
        x, y, width, height = box
        registered = self._doc.getXObjectName(name)
        if not self.has_image(name) and image is not None:
            self._doc.Reference(image, registered)
        self._code.append(f"q {width:.3f} 0 0 {height:.3f} {x:.3f} {y:.3f} cm /{registered} Do Q")
        self._formsinuse.append(name)

    def write_text(self, x: float, y: float, text: str, style: ParagraphStyle) -> None:
        """Write text on one line from a point on, in a style's font, size and grey."""
        font, known = getFont(style.fontName), (text, style.name)
        if known not in self.drawn:
            runs = font.splitString(text, self._doc)
            names = [font.getSubsetInternalName(subset, self._doc) for subset, _ in runs]
            code = [f"{name} {style.fontSize} Tf <{run.hex()}> Tj" for name, (_, run) in zip(names, runs, strict=True)]
            self.remember(known, (0.0, [f"{style.textColor.red} g", *code]))
        self._code.append(f"q BT 1 0 0 1 {x:.2f} {y:.2f} Tm {' '.join(self.drawn[known][1])} ET Q")

    def has_image(self, name: str) -> bool:
        """Tell whether a picture of that name is in the file."""
        return self._doc.getXObjectName(name) in self._doc.idToObject

    def _new_number(self) -> int:
        self._doc.objectcounter += 1
        return int(self._doc.objectcounter)

    def _write(self, data: bytes) -> None:
        self._stream.write(data)
        self._offset += len(data)

    def _put(self, number: int, data: bytes) -> None:
        self._offsets.extend([0] * (number + 1 - len(self._offsets)))
        self._offsets[number] = self._offset
        self._write(data)

    def _put_text(self, number: int, text: str) -> None:
        self._put(number, f"{number} 0 obj\n{text}\nendobj\n".encode("ascii"))

    def _put_object(self, name: str) -> None:
        """Write an object, and forget all of it but its name and its number, by which others lead to it."""
        number = self._doc.idToObjectNumberAndVersion[name][0]
        self._put(number, pdfdoc.PDFIndirectObject(name, self._doc.idToObject[name]).format(self._doc))
        self._doc.idToObject[name] = WRITTEN
        del self._doc.numberToId[number]

    def _write_finished(self) -> None:
        """Write what was registered since the last page and is finished; a page registers its stream when written."""
        while self._seen < self._doc.objectcounter:
            self._seen += 1
            name = self._doc.numberToId.get(self._seen)
            if name is not None and isinstance(self._doc.idToObject[name], AT_ONCE):
                self._put_object(name)

    def _write_all(self) -> None:
        number = 0
        while number < self._doc.objectcounter:  # it may grow while objects are written
            number += 1
            if number >= len(self._offsets) or not self._offsets[number]:
                self._put_object(self._doc.numberToId[number])
        size, start = number + 1, self._offset
        self._write(f"xref\n0 {size}\n0000000000 65535 f \n".encode())
        for offset in self._offsets[1:]:
            self._write(f"{offset:010d} 00000 n \n".encode())
        root, info = (
            self._doc.Reference(each).format(self._doc).decode() for each in (self._doc.Catalog, self._doc.info)
        )
        digest = hashlib.sha256(self._seed.encode("utf-8", "replace")).hexdigest()[:32]
        ends = f"/Size {size} /Root {root} /Info {info} /ID [<{digest}> <{digest}>]"
        self._write(f"trailer\n<<{ends}>>\nstartxref\n{start}\n%%EOF\n".encode())
