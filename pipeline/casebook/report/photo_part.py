"""One photo of a case: everything that the record tells of it."""

from collections.abc import Iterator

from pipeline.casebook.case_record import CasePhoto, Examined
from pipeline.casebook.report.blocks import Block, Entry, Facts, Paragraph, Picture, Pictured, Section
from pipeline.casebook.report.evidence_part import evidence_sections
from pipeline.casebook.report.harmless import file_name, one_line
from pipeline.casebook.report.kept import Kept, say_gone
from pipeline.casebook.report.like_part import like_section
from pipeline.casebook.report.parts import Part
from pipeline.casebook.report.people_part import earlier_section, matches_section, opinions_section
from pipeline.casebook.report.verdict_part import looked_section, verdict_section
from pipeline.errors import advice_on
from pipeline.words.figures import count
from pipeline.words.numbers import size


def photo_sections(
    photo: CasePhoto, kept: Kept, private: bool, every_exhibit: bool, apart: bool = True
) -> Iterator[Section]:
    """Yield the sections of one photo that was not deleted.

    Args:
        photo: as the log tells it.
        kept: where its dossier and its pictures are read from.
        private: whether facts that tell where or who somebody is are given.
        every_exhibit: whether pictures are shown of findings that ask for no look, too.
        apart: whether a photo that was examined begins a page.
    """
    examined = photo.examined
    dossier = None if examined is None else kept.dossier(examined.dossier)
    yield _begin(photo, dossier or Part(), kept, apart and examined is not None)
    if examined is not None:
        if dossier is None:
            gone = say_gone("The dossier, which holds all that was found in this photo", examined.dossier)
            yield Section("What is missing", 3, (gone,))
        yield from _examined_sections(examined, dossier or Part(), kept, private, every_exhibit)
    yield from filter(None, (matches_section(photo), opinions_section(photo), earlier_section(photo)))


def _examined_sections(
    examined: Examined, dossier: Part, kept: Kept, private: bool, every_exhibit: bool
) -> Iterator[Section]:
    yield verdict_section(examined, dossier)
    yield looked_section(examined, dossier, kept)
    if dossier.data:
        yield from evidence_sections(dossier, kept, private, every_exhibit)
        yield like_section(dossier, examined.verdict)


def _begin(photo: CasePhoto, dossier: Part, kept: Kept, apart: bool) -> Section:
    """Return the head of a photo's part: a thumbnail with what is known of the file."""
    examined, record = photo.examined, dossier.part("record")
    blocks: list[Block] = []
    picture = None
    if examined is not None:
        thumbnail = kept.picture(examined.thumbnail, "Thumbnail of the original", "", "thumbnail")
        if isinstance(thumbnail, Picture):
            picture = thumbnail
        else:
            blocks.append(thumbnail)
    blocks.append(Pictured(picture, Facts(tuple(_facts(photo, record)))))
    if record.text("sha256") and record.text("sha256") != photo.sha256:
        text = (
            f"The dossier tells of another file, SHA-256 {record.text('sha256', 64)}: it does not belong to this photo."
        )
        blocks.append(Paragraph(text, "warning"))
    if record.flag("partial"):
        text = "The file is cut short: what is said here is of what is left of the photo. Look for the whole file."
        blocks.append(Paragraph(text, "warning"))
    blocks += _say_refusal(photo)
    name = file_name(photo.name)
    return Section(f"Photo {photo.number}", 2, tuple(blocks), name, f"photo-{photo.number}", apart)


def _facts(photo: CasePhoto, record: Part) -> Iterator[Entry]:
    yield Entry("Name", file_name(photo.name), "foreign")
    yield Entry("SHA-256", one_line(photo.sha256, 64) or "–", "hash")
    yield Entry("Size", f"{size(photo.bytes)} ({count(photo.bytes)} bytes)")
    if record.count("width"):
        yield Entry("Pixels", f"{record.count('width')} × {record.count('height')}")
    if record.text("format"):
        yield Entry("Format", record.text("format", 60), "foreign")
    if record.count("frame"):
        yield Entry("Frame or page", str(record.count("frame") + 1))
    yield Entry("Added", f"{one_line(photo.at, 40)} by {one_line(photo.who, 120)}", "foreign")
    yield Entry("Source", one_line(photo.source, 200), "foreign")
    if photo.tags:
        yield Entry("Tags", one_line(", ".join(photo.tags)), "foreign")
    if photo.examined is not None:
        by = f"{one_line(photo.examined.at, 40)} by {one_line(photo.examined.who, 120)}"
        yield Entry("Examined", f"{by}, entry {photo.examined.entry} of the log", "foreign")
        yield Entry("Release", one_line(photo.examined.release, 120), "foreign")
    if notes := record.texts("notes"):
        yield Entry("On reading", "; ".join(notes[:20]), "foreign")


def _say_refusal(photo: CasePhoto) -> list[Block]:
    """Say why a photo has no verdict, or that the newest attempt to examine it failed."""
    if photo.error is None:
        return [] if photo.examined else [Paragraph("This photo was not examined yet; it has no verdict.", "warning")]
    problem = Part(photo.error)
    begin = "A later attempt to examine it failed" if photo.examined else "It could not be examined, and has no verdict"
    advice = advice_on(problem.text("code")).replace("`", "")
    text = f"{begin}: {problem.text('message', 600) or problem.text('code')}"
    return [Paragraph(text, "warning"), *([Paragraph(advice, "aside")] if advice else [])]
