"""The summary of a report: how many photos got which verdict, what people hold, what was deleted, and every photo."""

from collections import Counter
from collections.abc import Iterator

from pipeline.casebook.agreement import Held, Pair, agreement
from pipeline.casebook.case_record import CasePhoto, CaseRecord
from pipeline.casebook.report.blocks import Block, Entry, Facts, Paragraph, Section, Table
from pipeline.casebook.report.harmless import file_name, one_line
from pipeline.casebook.report.people_part import last_opinions, say_opinion
from pipeline.casebook.report.survey import Survey
from pipeline.verdict import LABELS
from pipeline.words.figures import count, percent
from pipeline.words.numbers import two_digits
from pipeline.words.verdicts import CHIPS, HEADLINES, SHAPES

MOST_PEOPLE = 50
"""People, and pairs of them, that are listed."""
NAME = 60
"""Characters of a name in the list of all photos; it is given whole in the photo's own part."""


def summary_section(record: CaseRecord, counts: Survey) -> Section:
    """Return the counts of a case, and a line a photo."""
    kept = [photo for photo in record.photos if photo.deleted is None]
    blocks: list[Block] = [_verdict_table(counts, len(kept)), Paragraph(_say_reading(counts), "aside")]
    blocks += _agreement(kept)
    deleted = [photo for photo in record.photos if photo.deleted is not None]
    if deleted:
        head = ("Photo", "Name", "SHA-256", "Reason")
        title = "Deleted photos: their hashes stay in the log"
        blocks.append(Table(title, head, _deleted_rows(deleted), (0.8, 1.5, 5, 2), (0,), (2,)))
    if kept:
        every = ("Photo", "Name", "Verdict", "p(edited)", "p(deepfake | edited)", "Opinions")
        blocks.append(
            Table(
                "Every photo, in the order of its number",
                every,
                _rows(kept),
                (0.8, 2.4, 1.8, 1.2, 1.4, 2.5),
                (0, 3, 4),
                leads_to="photo-",
            )
        )
    return Section("Summary", 1, tuple(blocks))


def _verdict_table(counts: Survey, kept: int) -> Table:
    others = sorted(set(counts.verdicts) - set(LABELS))
    rows = [
        (
            f"{SHAPES.get(label, '?')} {HEADLINES.get(label, label)}",
            count(counts.verdicts[label]),
            _share(counts, label),
        )
        for label in [*LABELS, *others]
    ]
    rows += [("Could not be examined", count(counts.refused), "–")] if counts.refused else []
    rows += [("Not examined yet", count(counts.waiting), "–")] if counts.waiting else []
    rows.append(("All photos of the case, without deleted ones", count(kept), "–"))
    return Table("Verdicts", ("Verdict", "Photos", "Of those examined"), rows, (4, 1, 1.4), (1, 2))


def _share(counts: Survey, label: str) -> str:
    return percent(counts.verdicts[label] / counts.examined) if counts.examined else "–"


def _say_reading(counts: Survey) -> str:
    strong = sum(n for (_, strength), n in counts.strengths.items() if strength == "strong")
    weak = sum(n for (_, strength), n in counts.strengths.items() if strength == "weak")
    text = f"Of the indications {count(strong)} are strong and {count(weak)} weak. " if strong or weak else ""
    return f"{text}Shares are of this case's own photos; they say nothing of how often edits occur elsewhere."


def _agreement(photos: list[CasePhoto]) -> Iterator[Block]:
    """Yield how far people agree with each other and with the release; nothing without opinions."""
    held = [
        Held(photo.number, each.who, each.label, each.blind, photo.examined.verdict if photo.examined else "")
        for photo in photos
        for each in last_opinions(photo)
    ]
    if not held:
        return
    counts = agreement(held)
    yield Paragraph("", "plain", "Opinions of analysts")
    facts = [
        Entry("Photos that have one", f"{count(counts.photos)} of {count(len(photos))}"),
        Entry("Photos that have several", f"{count(counts.shared)}; all people agree on {count(counts.agreed)}"),
    ]
    yield Facts(tuple(facts))
    rows = [
        (one_line(each.who, 120), count(each.opinions), count(each.blind), f"{count(each.agreed)} of {count(each.n)}")
        for each in counts.people[:MOST_PEOPLE]
    ]
    head = ("Person", "Opinions", "Blind", "As the release, where both commit themselves")
    yield Table("People, beside the release", head, rows, (2, 1, 1, 2.4), (1, 2, 3))
    if counts.pairs:
        pairs = [
            (
                f"{one_line(each.first, 120)}, {one_line(each.second, 120)}",
                count(each.n),
                count(each.agreed),
                _kappa(each),
            )
            for each in counts.pairs[:MOST_PEOPLE]
        ]
        head = ("People", "Photos of both", "Same opinion", "Beyond chance (Cohen's κ)")
        yield Table("People, beside each other", head, pairs, (2, 1, 1, 1.6), (1, 2, 3))
    yield from _beside_verdicts(held)


def _kappa(pair: Pair) -> str:
    return "–" if pair.kappa is None else f"{pair.kappa:.2f}"


def _beside_verdicts(held: list[Held]) -> Iterator[Block]:
    """Yield how often each opinion stands beside each verdict."""
    counts = Counter((each.label, each.verdict) for each in held if each.verdict)
    labels = sorted({label for label, _ in counts})
    if labels:
        rows = [(say_opinion(label), *(count(counts[(label, verdict)]) for verdict in LABELS)) for label in labels]
        head = ("Opinion", *(f"{SHAPES[verdict]} {CHIPS[verdict]}" for verdict in LABELS))
        yield Table("Opinions that count, beside the verdicts", head, rows, (2, 1.2, 1.4, 1.3, 1.5), (1, 2, 3, 4))


def _deleted_rows(photos: list[CasePhoto]) -> Iterator[tuple[str, ...]]:
    for photo in photos:
        yield str(photo.number), file_name(photo.name, NAME), one_line(photo.sha256, 64), one_line(photo.deleted or "–")


def _rows(photos: list[CasePhoto]) -> Iterator[tuple[str, ...]]:
    for photo in photos:
        examined = photo.examined
        verdict = "could not be examined" if photo.error else "not examined yet"
        if examined:
            label = examined.verdict
            verdict = f"{SHAPES.get(label, '?')} {CHIPS.get(label, one_line(label, 60))}"
        scores = (examined.p_edited, examined.p_deepfake) if examined else (None, None)
        opinions = "; ".join(say_opinion(opinion.label) for opinion in last_opinions(photo)[:6])
        yield str(photo.number), file_name(photo.name, NAME), verdict, *map(two_digits, scores), opinions or "–"
