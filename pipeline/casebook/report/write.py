"""`write_report`: a case's report as a file, and the log's entry about it."""

from collections.abc import Callable
from pathlib import Path

from models.files import sha256_of
from pipeline.casebook.case import Case
from pipeline.casebook.report.html import write_html
from pipeline.casebook.report.pdf import report_pdf
from pipeline.reading.kinds import refuse_evidence
from pipeline.storage.whole import room, whole_file

Progress = Callable[[int, int], None]


def write_report(case: Case, out: Path, private: bool = False, progress: Progress | None = None) -> str:
    """Write a report from the stored record alone, and log it; return the file's SHA-256.

    Args:
        case: the case.
        out: file to write, whole or not at all: HTML if its name ends so, else PDF.
        private: also tell what tells where or who somebody is.
        progress: is told how many photos of how many are told.

    Raises:
        WouldOverwrite: the file is a photo or an archive.
        DiskFull: there is no room.
        OSError: the file cannot be written.
    """
    refuse_evidence(out, "report")
    record, form = case.record(), "html" if out.suffix.lower() == ".html" else "pdf"
    out.parent.mkdir(parents=True, exist_ok=True)
    with room(out.parent), whole_file(out) as part:
        if form == "html":
            write_html(record, case.keeping.objects, part, private, progress)
        else:
            report_pdf(record, case.keeping.objects, part, private, progress)
        digest = sha256_of(part)
    facts = {"what": f"report, {form}", "sha256": digest, "entries": record.entries, "head": record.head}
    case.act(("exported", facts | {"private": private}))
    return digest
