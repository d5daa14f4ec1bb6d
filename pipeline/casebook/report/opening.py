"""How a report opens: the case, what it covers, and what was not done."""

import re
from collections.abc import Iterator

from models.release import STAGES
from pipeline.casebook.case_record import CaseRecord
from pipeline.casebook.report.blocks import Block, Entry, Facts, Items, Paragraph, Quote, Section
from pipeline.casebook.report.harmless import file_name, one_line, paragraphs
from pipeline.casebook.report.survey import Survey
from pipeline.verdict import CAUTION
from pipeline.words.figures import count

MADE_FROM = (
    "This report repeats what the record of this case holds. Nothing was examined anew for it, and it holds no date of "
    "its own: made again from the same record it is the same, byte for byte."
)
CASCADE = (
    "Telltale looks at faces in photos. Stage 1 asks whether a face was edited. Where it says so, stage 2 asks whether "
    "that was done by a deepfake tool or by facetune-style retouching. The verdict on a photo is that of its most "
    "suspicious face."
)
LETTERS = (
    "All times are UTC. Names and other text from outside stand here as they were stored, letter after letter. Letters "
    "that cannot be seen, that would turn the direction of writing, or that cannot be printed are given by their "
    "number, as in U+202E. Long text is cut, and the cut says how long it was."
)


def case_section(record: CaseRecord) -> Section:
    """Return what the case is."""
    deleted = sum(photo.deleted is not None for photo in record.photos)
    kept = len(record.photos) - deleted
    number = f"{count(kept)}, and {count(deleted)} deleted" if deleted else count(kept)
    facts = [
        Entry("Case", file_name(record.name), "foreign"),
        Entry("Id", one_line(record.id, 120), "hash"),
        Entry("Photos", number),
        Entry("Begun", f"{one_line(record.created, 40)} by {one_line(record.created_by, 120)}", "foreign"),
        Entry("Record as of", f"{one_line(record.at, 40)}, entry {count(record.entries)} of its log"),
        Entry("Head of the log", one_line(record.head, 64), "hash"),
        Entry("Blind first", _say_blind(record)),
    ]
    facts += [Entry("Tags", one_line(", ".join(record.tags)), "foreign")] if record.tags else []
    facts += [Entry("Put away", "yes")] if record.archived else []
    if record.members:
        members = "; ".join(f"{person}: {record.members[person]}" for person in sorted(record.members))
        facts.append(Entry("Shared with", one_line(members, 1_000), "foreign"))
    blocks: list[Block] = [Facts(tuple(facts))]
    if description := paragraphs(record.description):
        blocks += [Paragraph("", "plain", "Description"), Quote(description)]
    return Section("The case", 1, tuple(blocks))


def _say_blind(record: CaseRecord) -> str:
    if record.blind:
        return "yes: verdicts are hidden from a person until that person gave an opinion"
    return "no: verdicts can be seen before an opinion is given"


def scope_section() -> Section:
    """Return what the report covers."""
    return Section("Scope", 1, tuple(Paragraph(text) for text in (MADE_FROM, CASCADE, CAUTION, LETTERS)))


def not_done_section(record: CaseRecord, counts: Survey, private: bool, every_exhibit: bool) -> Section:
    """Return what was not done, so that nobody takes it for done."""
    lines = [
        *_say_never(),
        *_say_photos(record, counts),
        *_say_faces(counts),
        *_say_releases(counts),
        *_say_record(record),
        *_say_left_out(counts, private, every_exhibit),
    ]
    return Section("What was not done", 1, (Items(tuple(lines)),))


def _say_never() -> Iterator[tuple[str, str]]:
    yield (
        "“No indication” clears no photo.",
        (
            "“No indication of editing found” does not mean that a photo is genuine: edits pass unnoticed, as the "
            "figures of the release show. Nor does an indication prove an edit."
        ),
    )
    yield (
        "Nobody was identified.",
        "Faces were found and measured; no face was compared with any other to tell who it is.",
    )
    yield "The web was not searched.", "Where else a picture stands, and since when, was not asked."
    yield (
        "Edits outside of faces were not looked for.",
        (
            "A changed background, a removed or added person or thing, changed writing, or a photo used to show "
            "something else than it does, bring about no verdict."
        ),
    )


def _say_photos(record: CaseRecord, counts: Survey) -> Iterator[tuple[str, str]]:
    kept = sum(photo.deleted is None for photo in record.photos)
    if counts.refused:
        text = f"{_of(counts.refused, kept)} could not be examined, and each says why: there is no verdict."
        yield "Not every photo was examined.", text
    if counts.waiting:
        yield "Photos that still wait have no verdict.", f"Not examined yet: {_of(counts.waiting, kept)}."
    yield (
        "No photo was examined again for this report.",
        (
            "Every number is the one that was stored when the photo was examined, and the original files were not "
            "opened. The command under “How to verify” does both."
            + (
                f" Examined more than once, of which the last time counts: {_of(counts.again, kept)}."
                if counts.again
                else ""
            )
        ),
    )
    if counts.unread:
        text = f"Of {_of(counts.unread, kept)} the dossier is gone or was altered; only what the log tells is given."
        yield "Not everything could be read.", text
    if deleted := len(record.photos) - kept:
        text = f"Deleted from the case: {count(deleted)}, listed in the summary with their hashes and the reasons."
        yield "Deleted photos are not told of.", text


def _say_faces(counts: Survey) -> Iterator[tuple[str, str]]:
    if counts.unjudged:
        text = f"Seen and not examined: {count(counts.unjudged)}, in {_of(counts.with_unjudged, counts.examined)}."
        yield "Not every face was examined.", f"{text} One of those may be the edited one."
    if counts.small_missed:
        text = f"In {_of(counts.small_missed, counts.examined)} small faces were not looked for; each says which."
        yield "Small faces were not looked for everywhere.", text
    if counts.faceless:
        text = f"In {_of(counts.faceless, counts.examined)} no face was found: nothing is said of them."
        yield "Photos without a face were not judged.", text
    if counts.partial:
        text = f"The files of {_of(counts.partial, counts.examined)} are cut short: only what is left was examined."
        yield "Missing parts of photos were not seen.", text
    if counts.mapless:
        text = f"For {_of(counts.mapless, counts.examined)} with a face no heatmap was made."
        yield "Not every verdict has a heatmap.", text


def _say_releases(counts: Survey) -> Iterator[tuple[str, str]]:
    """Yield what each release is blind to, in the words of its own cards."""
    for use in counts.releases.values():
        cards = use.dossier.part("cards")
        texts = [use.dossier.part("release").text("notes"), *(cards.part(stage).text("limits") for stage in STAGES)]
        sentences = dict.fromkeys(sentence for text in texts for sentence in re.split(r"(?<=\.) ", text) if sentence)
        text = " ".join(sentences) or "Its cards do not say, or cannot be read."
        yield f"What release {use.name} is blind to.", text


def _say_record(record: CaseRecord) -> Iterator[tuple[str, str]]:
    if not record.timestamps:
        yield (
            "The log has no signed time stamp.",
            ("That it stood so at its time rests on the clock, and on the keeping, of the installation that wrote it."),
        )
    elif record.timestamps[-1].entry < record.entries:
        later = count(record.entries - record.timestamps[-1].entry)
        yield "The newest entries have no signed time stamp.", f"{later} were written after the last one that has."
    without = sum(photo.deleted is None and not photo.opinions for photo in record.photos)
    if without:
        kept = sum(photo.deleted is None for photo in record.photos)
        yield "Not every photo was looked at by a person.", f"On {_of(without, kept)} nobody gave an opinion."


def _say_left_out(counts: Survey, private: bool, every_exhibit: bool) -> Iterator[tuple[str, str]]:
    if counts.private and not private:
        text = f"Kept, and left out here: {count(counts.private)} that tell where or who somebody is."
        yield "Private facts are not given.", text
    if not every_exhibit:
        yield (
            "Not every picture is given.",
            ("As the case is large, pictures of findings that ask for no look are named by their hash, and left out."),
        )


def _of(part: int, whole: int) -> str:
    """Say how many of how many photos: "2 of 50 photos"."""
    return f"{count(part)} of {count(whole)} photos"
