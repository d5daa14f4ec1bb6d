"""Of one photo: what the signals beside the networks showed."""

from collections.abc import Iterator

from pipeline.casebook.report.blocks import Block, Entry, Facts, Items, Paragraph, Picture, Pictures, Section
from pipeline.casebook.report.harmless import LINE
from pipeline.casebook.report.kept import Kept
from pipeline.casebook.report.parts import Part
from pipeline.words.figures import count

TITLE = "Evidence beside the verdict"
WEIGHTS = {"look": "worth a look", "ordinary": "as usual", "nothing": "nothing to see"}
"""How much a finding asks for, in words."""
LAID_BESIDE = "What follows was read from the file and its pixels. It is laid beside the verdict and never changed it."
NOTHING = "Signals that had nothing to see"
READ_LATER = (
    "Not enough alone: that a signal sees nothing neither shows that the photo was edited nor that it was not. How "
    "each is read stands in the chapter “How the evidence is read”."
)
MOST_FACTS, CAPTION = 200, 600


def evidence_sections(dossier: Part, kept: Kept, private: bool, every_exhibit: bool) -> Iterator[Section]:
    """Yield what each signal showed, a section each below one of all; what saw nothing is a line of that one.

    Args:
        dossier: of the photo.
        kept: where pictures are read from.
        private: whether facts that tell where or who somebody is are given.
        every_exhibit: whether pictures are shown of findings that ask for no look, too.
    """
    findings = dossier.parts("findings")
    if not findings:
        yield Section(TITLE, 3, (Paragraph("No signal beside the networks was looked for.", "aside"),))
        return
    yield Section(TITLE, 3, (Paragraph(LAID_BESIDE, "aside"),))
    empty = [finding for finding in findings if is_empty(finding)]
    yield from (_finding_section(each, kept, private, every_exhibit) for each in findings if not is_empty(each))
    if empty:
        lines = tuple((f"{title_of(finding)}.", finding.text("shows")) for finding in empty)
        yield Section(NOTHING, 4, (Items(lines), Paragraph(READ_LATER, "aside")))


def is_empty(finding: Part) -> bool:
    """Tell whether a signal had nothing to see, and has neither facts nor pictures."""
    return finding.text("weight") == "nothing" and not finding.parts("facts") and not finding.parts("exhibits")


def title_of(finding: Part) -> str:
    """Return a finding's title, or what stands for it."""
    return finding.text("title", 120) or finding.text("signal", 120) or "A signal without a name"


def private_facts(dossier: Part) -> int:
    """Return how many facts of a dossier tell where or who somebody is."""
    return sum(fact.flag("private") for finding in dossier.parts("findings") for fact in finding.parts("facts"))


def _finding_section(finding: Part, kept: Kept, private: bool, every_exhibit: bool) -> Section:
    weight = finding.text("weight")
    blocks: list[Block] = [Paragraph(finding.text("shows"))]
    facts = [fact for fact in finding.parts("facts") if private or not fact.flag("private")]
    withheld = len(finding.parts("facts")) - len(facts)
    if facts:
        lines = (Entry(fact.text("name", LINE), fact.text("value", LINE), "foreign") for fact in facts[:MOST_FACTS])
        blocks.append(Facts(tuple(lines)))
    if len(facts) > MOST_FACTS:
        blocks.append(Paragraph(f"{count(len(facts) - MOST_FACTS)} facts more stand in the dossier.", "aside"))
    if withheld:
        text = f"Left out here: {count(withheld)} that tell where or who somebody is."
        blocks.append(Paragraph(text, "aside"))
    blocks += _exhibits(finding, kept, every_exhibit or weight == "look")
    if how := finding.text("how_to_read"):
        blocks.append(Paragraph(how, "aside", "How to read it."))
    if caution := finding.text("caution"):
        blocks.append(Paragraph(caution, "aside", "Caution."))
    return Section(f"{title_of(finding)}: {WEIGHTS.get(weight, weight)}", 4, tuple(blocks))


def _exhibits(finding: Part, kept: Kept, wanted: bool) -> list[Block]:
    """Return a finding's pictures beside each other, and in a line each those that cannot be shown or are left out."""
    pictures: list[Picture] = []
    others: list[Block] = []
    for exhibit in finding.parts("exhibits"):
        title, sha256 = exhibit.text("title", 120) or "A picture", exhibit.text("sha256", 64)
        if not wanted:
            others.append(Paragraph(f"{title}: kept, and left out here. SHA-256 {sha256}", "aside"))
            continue
        picture = kept.picture(sha256, title, exhibit.text("caption", CAPTION), "exhibit")
        if isinstance(picture, Picture):
            pictures.append(picture)
        else:
            others.append(picture)
    return [*([Pictures(tuple(pictures))] if pictures else []), *others]
