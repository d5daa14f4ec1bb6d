"""How a report closes: the releases, the machine, the log's head, and how all of it is verified."""

import re
from collections.abc import Iterator

from pipeline.casebook.case_record import CaseRecord
from pipeline.casebook.log import ACTS
from pipeline.casebook.report.blocks import Block, Commands, Entry, Facts, Items, Paragraph, Section, Table
from pipeline.casebook.report.harmless import one_line
from pipeline.casebook.report.release_part import release_sections
from pipeline.casebook.report.survey import MOST_RELEASES, Survey
from pipeline.words.figures import count

TYPEABLE = re.compile(r"[^\W_][\w .,()+@-]{0,99}")
"""Names that can be typed in quotes as they are printed."""
CHECKS = (
    ("The log.", "Every entry is hashed again, and must hold the hash of the one before: a changed, missing or moved "
     "entry is named."),
    ("Signed time stamps.", "Each must speak of the entry that it names. Whether its signer is to be trusted is told "
     "by the authority's own certificate (openssl ts -verify)."),
    ("The originals.", "Every original file is hashed again: one changed byte, or a file that is gone, is named."),
    ("What was found.", "Dossiers, maps and pictures are hashed again; the log holds their hashes."),
    ("What is searched.", "The tables of the casebook must be those that follow from the log."),
    ("Releases and weights.", "The files of each release must be those that the log names, by their hashes."),
    ("The verdicts.", "Every photo is examined again with the release that is recorded; what differs from the record "
     "is named. With --no-rerun this is left out."),
)  # fmt: skip
CANNOT = (
    ("A rewritten database.", "Whoever can write all of the database and all of the files can make another log that "
     "holds in itself. That shows only against a head that was noted elsewhere, as on this page, or against one that "
     "an authority signed with its time."),
    ("What was before.", "It does not show where a photo came from, or that it was unaltered before it was added."),
    ("Whether a verdict is right.", "The same release gives the same answer again; that does not make it true."),
)  # fmt: skip


def release_chapter(counts: Survey) -> Iterator[Section]:
    """Yield the cards of all releases that examined photos of the case."""
    blocks: list[Block] = []
    if not counts.releases:
        blocks.append(Paragraph("No photo of this case was examined.", "aside"))
    if sum(use.photos for use in counts.releases.values()) < counts.examined:
        blocks.append(Paragraph(f"Only the first {MOST_RELEASES} releases are given.", "warning"))
    yield Section("Releases", 1, tuple(blocks), apart=True)
    for use in counts.releases.values():
        yield from release_sections(use)


def reading_section(counts: Survey) -> Section | None:
    """Return how each signal beside the networks is read; None where none was looked for."""
    if not counts.readings:
        return None
    blocks: list[Block] = []
    for (title, how), caution in sorted(counts.readings.items()):
        blocks.append(Paragraph(f"{how} {caution}", "plain", f"{title}."))
    return Section("How the evidence is read", 1, tuple(blocks))


def machine_section(counts: Survey) -> Section:
    """Return on which machines and with which versions the photos were examined."""
    rows = [(count(n), machine or "–", versions or "–") for (machine, versions), n in sorted(counts.machines.items())]
    if not rows:
        return Section("Software and machine", 1, (Paragraph("None is recorded.", "aside"),))
    title = "What the photos were examined with"
    return Section(
        "Software and machine", 1, (Table(title, ("Photos", "Machine", "Versions"), rows, (0.7, 2, 5), (0,)),)
    )


def log_section(record: CaseRecord) -> Section:
    """Return the log's head, how many entries tell of what, and the signed time stamps."""
    facts = Facts(
        (
            Entry("Entry", count(record.entries)),
            Entry("SHA-256", one_line(record.head, 64), "hash"),
            Entry("Written", one_line(record.at, 40)),
        )
    )
    text = (
        "Each entry of the log holds the SHA-256 of the one before, so that this one stands for all up to it. It is "
        "the last that changes what a report tells; that the case was looked at, verified or handed over stands in "
        "later entries, and makes no other report of it."
    )
    blocks: list[Block] = [facts, Paragraph(text)]
    if record.acts:
        rows = [(ACTS.get(act, one_line(act, 60)), count(n)) for act, n in _in_order(record.acts)]
        blocks.append(Table("The log in short", ("Act", "Entries"), rows, (5, 1), (1,)))
    if record.timestamps:
        stamps = [
            (str(each.entry), one_line(each.at, 40), one_line(each.authority, 200), one_line(each.head, 64))
            for each in record.timestamps
        ]
        head = ("Entry", "Signed", "By", "Head that was signed")
        blocks.append(Table("Signed time stamps (RFC 3161)", head, stamps, (0.7, 2, 2.5, 4), (0,), (3,)))
    else:
        blocks.append(Paragraph("No authority signed this log with its time.", "warning"))
    return Section("The head of the log", 1, tuple(blocks), apart=True)


def _in_order(acts: dict[str, int]) -> list[tuple[str, int]]:
    """Return acts in the order in which they are listed, unknown ones last."""
    known = list(ACTS)
    return sorted(acts.items(), key=lambda act: (known.index(act[0]) if act[0] in ACTS else len(known), act[0]))


def verify_section(record: CaseRecord) -> Section:
    """Return the commands that check the case, what each check shows, and what none can."""
    can_type = bool(TYPEABLE.fullmatch(record.name))
    name = f'"{record.name}"' if can_type else "NAME"
    blocks: list[Block] = [
        Paragraph("Where the case is kept, with Telltale installed:"),
        Commands((f"python -m pipeline verify {name}",)),
        Paragraph("On another installation, from an archive of the case:"),
        Commands(
            (
                f"python -m pipeline case export {name} --out case.zip",
                "python -m pipeline verify case.zip",
                "python -m pipeline case import case.zip",
            )
        ),
        Paragraph("Both end with 0 where all holds, and with 1 where something does not, which they name. They check:"),
        Items(CHECKS),
        Paragraph(
            f"This report itself: its head of the log must be entry {count(record.entries)} of the case, with the same "
            "SHA-256; made again by the same version of Telltale it is the same, byte for byte."
        ),
        Paragraph("What they cannot show:"),
        Items(CANNOT),
    ]
    if not can_type:
        text = "NAME stands for the case's name or id: the name holds letters that are not typed as they are printed."
        blocks.insert(2, Paragraph(text, "aside"))
    return Section("How to verify", 1, tuple(blocks))
