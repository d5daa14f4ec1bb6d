"""What people wrote into the file: captions, keywords, names, rights, comments (IPTC Photo Metadata, Exif 3.0)."""

import re
from collections.abc import Iterator
from types import MappingProxyType

from pipeline.evidence.file_parts.blocks import SEGMENT_NAME
from pipeline.evidence.file_parts.comments import WINDOWS_AUTHOR, comments, windows_text
from pipeline.evidence.file_parts.metadata import Metadata, metadata_of
from pipeline.evidence.file_parts.png_texts import TIME
from pipeline.evidence.finding import Evidence, Fact, Finding
from pipeline.evidence.signals.generative_marks import is_mark

TITLE = "Captions, names and rights"
ORDER = 15
HOW_TO_READ = (
    "Agencies, archives and programs write captions, names and rights into photos. They help to find who took a photo "
    "and where it was published; they are what somebody wrote, and show nothing of the picture itself. Names of people "
    "are hidden until asked for."
)
PROPERTIES = MappingProxyType(
    {
        "dc:subject": ("Keyword (XMP)", False),
        "dc:creator": ("Creator (XMP)", True),
        "dc:rights": ("Rights (XMP)", True),
        "photoshop:Source": ("Source (XMP)", False),
        "photoshop:Instructions": ("Instructions (XMP)", False),
        "photoshop:AuthorsPosition": ("Creator's job (XMP)", True),
        "photoshop:CaptionWriter": ("Writer of the caption (XMP)", True),
        "xmp:Label": ("Label (XMP)", False),
        "xmpRights:WebStatement": ("Statement of rights (XMP)", False),
        "xmpRights:UsageTerms": ("Terms of use (XMP)", False),
        "xmpRights:Owner": ("Owner of the rights (XMP)", True),
        "Iptc4xmpExt:PersonInImage": ("Person in the picture (XMP)", True),
        "MicrosoftPhoto:LastKeywordXMP": ("Keyword (XMP)", False),
    }
)
"""XMP properties to their names, and whether they tell who somebody is."""
PEOPLE = re.compile(r"mwg-rs:.*mwg-rs:Name$|.*MPReg:PersonDisplayName$|.*Iptc4xmpCore:Ci\w+$|.*plus:\w+Name$")
"""Other properties that name people: faces that were marked, contacts, licensors."""
ENTRIES = (5, 7, 10, 15, 20, 22, 25, 40, 80, 85, 103, 105, 110, 115, 116, 118, 120, 122)
"""Numbers of the IPTC entries that are shown here."""
OF_PEOPLE = (80, 85, 116, 118, 122)
"""Those of them that tell who somebody is."""
ELSEWHERE = frozenset(("EXIF Make", "EXIF Model"))


def look(evidence: Evidence) -> Finding:
    """Show what people wrote into the file."""
    data = metadata_of(evidence.photo)
    facts = tuple(_facts(data))
    shows = f"{len(facts)} entries were written into the file." if facts else "Nobody wrote a caption into the file."
    if len(facts) == 1:
        shows = "One entry was written into the file."
    return Finding("captions", TITLE, "ordinary" if facts else "nothing", shows, HOW_TO_READ, facts)


def _facts(data: Metadata) -> Iterator[Fact]:
    yield from (Fact(name, text) for name, text in comments(data) if name not in ELSEWHERE)
    if author := windows_text(data, WINDOWS_AUTHOR):
        yield Fact("Windows author", author, private=True)
    for path, (name, private) in PROPERTIES.items():
        yield from (Fact(name, one.value, private) for one in data.properties(path))
    for one in data.xmp:
        if PEOPLE.match(one.path):
            yield Fact(f"{one.path.rpartition(':')[2]} (XMP)", one.value, private=True)
    for entry in data.iptc:
        if entry.number in ENTRIES:
            yield Fact(f"{entry.name} (IPTC)", entry.text, entry.number in OF_PEOPLE)
    for text in data.texts:
        if text.name not in (TIME, SEGMENT_NAME) and text.value and not is_mark(text):
            rest = "" if text.whole else " … (the rest could not be unpacked, or is too much)"
            yield Fact(text.title, text.value + rest)
