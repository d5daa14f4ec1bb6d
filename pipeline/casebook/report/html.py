"""A case's report as one HTML file that needs nothing else, runs nothing, and may be printed."""

import base64
import hashlib
import io
from functools import cache
from pathlib import Path
from typing import BinaryIO

from jinja2 import Environment, FileSystemLoader, StrictUndefined

from pipeline.casebook.case_record import CaseRecord
from pipeline.casebook.report.blocks import Block, Picture
from pipeline.casebook.report.contents import ObjectReader, Progress, Report
from pipeline.pictures.overlay import CIVIDIS
from pipeline.storage.whole import room, whole_file

FOLDER = Path(__file__).parent


def report_html(
    record: CaseRecord, objects: ObjectReader, private: bool = False, progress: Progress | None = None
) -> bytes:
    """Return a case's report as HTML, UTF-8; of a large case write it with `write_html` instead.

    Args:
        record: the case.
        objects: where dossiers, pictures and maps lie under their hashes.
        private: whether facts that tell where or who somebody is are given.
        progress: called with how many steps are done, and of how many.
    """
    stream = io.BytesIO()
    _write(Report.of(record, objects, private, progress), stream)
    return stream.getvalue()


def write_html(
    record: CaseRecord, objects: ObjectReader, out: Path, private: bool = False, progress: Progress | None = None
) -> None:
    """Write a case's report as HTML, a photo at a time; the file has its name when all is in it. See `report_html`.

    Raises:
        DiskFull: there is no room.
        OSError: it cannot be written; an older file stays as it was.
    """
    report = Report.of(record, objects, private, progress)
    with room(out.parent), whole_file(out) as part, part.open("wb") as stream:
        _write(report, stream)


def _write(report: Report, stream: BinaryIO) -> None:
    style = (FOLDER / "report.css").read_text(encoding="utf-8") + _page_rule(report)
    facts = {
        "report": report,
        "style": style,
        "style_sha256": base64.b64encode(hashlib.sha256(style.encode()).digest()).decode(),
        "shades": ["#{:02x}{:02x}{:02x}".format(*(int(part) for part in stop)) for stop in CIVIDIS],
    }
    for text in _environment().get_template("report.html").generate(facts):
        stream.write(text.encode())


def _page_rule(report: Report) -> str:
    """Return what stands on every printed page, as CSS."""
    top = f"{_css_text(f'{report.title} “{report.case}”')}"
    head = _css_text(f"head of the log {report.head}…")
    return (
        "@page {size: A4; margin: 18mm 15mm 18mm; font: 8pt sans-serif; "
        f'@top-left {{content: "{top}";}} @bottom-left {{content: "{head}";}} '
        '@bottom-right {content: "page " counter(page) " of " counter(pages);}}\n'
    )


def _css_text(text: str) -> str:
    """Return text for between quotes in CSS: every letter that could mean something there is given by its number."""
    return "".join(letter if letter.isascii() and letter.isalnum() else f"\\{ord(letter):x} " for letter in text)


@cache
def _environment() -> Environment:
    environment = Environment(
        loader=FileSystemLoader(FOLDER),
        autoescape=True,
        undefined=StrictUndefined,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=False,
    )
    environment.filters |= {"kind": _kind, "source": _source}
    return environment


def _kind(block: Block) -> str:
    """Return a block's kind, by which the template knows how to say it."""
    return type(block).__name__


def _source(picture: Picture) -> str:
    """Return a picture as an address that holds it."""
    return f"data:{picture.media};base64,{base64.b64encode(picture.data).decode()}"
