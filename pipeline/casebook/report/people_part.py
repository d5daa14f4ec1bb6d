"""Of one photo: what people hold of it, the lists of known hashes it stands in, and how it was examined before."""

from collections.abc import Sequence

from pipeline.casebook.case_record import CasePhoto, Opinion
from pipeline.casebook.report.blocks import Block, Entry, Facts, Paragraph, Quote, Section, Table
from pipeline.casebook.report.harmless import one_line, paragraphs
from pipeline.words.figures import count
from pipeline.words.numbers import two_digits
from pipeline.words.verdicts import CHIPS, HELD, SHAPES

HOW_MATCHED = {"sha256": "the same bytes (SHA-256)", "md5": "the same bytes (MD5)", "near": "a near duplicate"}
MOST = 100


def say_opinion(label: str) -> str:
    """Say what a person holds of a photo, in a few words."""
    return HELD.get(label) or one_line(label, 60)


def last_opinions(photo: CasePhoto) -> list[Opinion]:
    """Return the opinion of each person that counts: the last one; by person."""
    latest = {opinion.who: opinion for opinion in photo.opinions}
    return [latest[who] for who in sorted(latest)]


def opinions_section(photo: CasePhoto) -> Section:
    """Return every opinion on a photo, the oldest first, with what was known when it was given."""
    if not photo.opinions:
        return Section("Opinions of analysts", 3, (Paragraph("Nobody gave an opinion on this photo.", "aside"),))
    blocks: list[Block] = []
    counting = {opinion.entry for opinion in last_opinions(photo)}
    for opinion in photo.opinions[-MOST:]:
        blocks.append(Facts(tuple(_opinion_facts(opinion, opinion.entry in counting))))
        if opinion.words.strip():
            blocks.append(Quote(paragraphs(opinion.words)))
    if len(photo.opinions) > MOST:
        text = f"The last {count(MOST)} of {count(len(photo.opinions))} are given; all stand in the log."
        blocks.append(Paragraph(text, "aside"))
    return Section("Opinions of analysts", 3, tuple(blocks))


def _opinion_facts(opinion: Opinion, counts: bool) -> list[Entry]:
    blind = (
        "blind: before this person could see the verdict" if opinion.blind else "not blind: the verdict could be seen"
    )
    facts = [
        Entry("Opinion", say_opinion(opinion.label) + ("" if counts else " (a later one of this person counts)")),
        Entry("By", one_line(opinion.who), "foreign"),
        Entry("Given", f"{one_line(opinion.at, 40)}, entry {opinion.entry} of the log; {blind}"),
    ]
    if opinion.region is not None:
        x0, y0, x1, y1 = (f"{edge:.0f}" for edge in opinion.region)
        facts.append(Entry("Marked region", f"from x {x0}, y {y0} to x {x1}, y {y1}, in photo pixels"))
    return facts


def matches_section(photo: CasePhoto) -> Section | None:
    """Return the lists of known hashes in which a photo stands; None where it stands in none."""
    if not photo.matches:
        return None
    rows = [
        (one_line(match.known, 120), HOW_MATCHED.get(match.how, one_line(match.how, 60)), one_line(match.note))
        for match in photo.matches[:MOST]
    ]
    table = Table("Lists that knew this photo when it arrived", ("List", "How it matches", "Note"), rows, (2, 2, 3))
    note = Paragraph("What a list says is its maker's word. A near duplicate may be another photo.", "aside")
    return Section("Known hashes", 3, (table, note))


def earlier_section(photo: CasePhoto) -> Section | None:
    """Return the examinations before the one that counts; None where there is only one."""
    earlier: Sequence = photo.examinations[:-1]
    if not earlier:
        return None
    rows = [
        (
            str(each.entry),
            one_line(each.at, 40),
            one_line(each.who, 60),
            one_line(each.release, 60),
            f"{SHAPES.get(each.verdict, '?')} {CHIPS.get(each.verdict, one_line(each.verdict, 60))}",
            two_digits(each.p_edited),
        )
        for each in earlier[-MOST:]
    ]
    head = ("Entry", "When", "By", "Release", "Verdict", "p(edited)")
    table = Table("Examined before; the last examination counts", head, rows, (0.7, 2, 1.5, 1.3, 1.8, 1), (0, 5))
    return Section("Earlier examinations", 3, (table,))
