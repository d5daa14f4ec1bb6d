"""Which software wrote the file, and the steps that it kept of what was done (Exif 3.0, XMP media management)."""

import re
from collections.abc import Iterator
from types import MappingProxyType

from pipeline.evidence.bounds import cut, short
from pipeline.evidence.file_parts.known_software import SAYS, WORTH_A_LOOK, Program
from pipeline.evidence.file_parts.metadata import Metadata, metadata_of
from pipeline.evidence.file_parts.writers import Writer, writers
from pipeline.evidence.finding import Evidence, Fact, Finding, Weight

TITLE = "Software that wrote the file"
ORDER = 13
HOW_TO_READ = (
    "Programs leave their names in what they write, and some keep a list of what was done. That a file was written by "
    "an editor is not an edit of a face: cropping, turning or exporting leaves the same name. Many apps leave none, "
    "and anybody can write another: no name says nothing. Steps, spots that were healed, and pictures that were laid "
    "in are what to ask about."
)
STEP = re.compile(r"xmpMM:History\[(\d+)\]/stEvt:(action|when|softwareAgent|changed|parameters)$")
LAID_IN = re.compile(r"xmpMM:Ingredients\[(\d+)\]/stRef:(\w+)$")
MOST_STEPS = 60
HEALED = MappingProxyType({"crs:RetouchAreas": "spots healed or cloned", "crs:RetouchInfo": "spots healed or cloned"})
PAINTED = MappingProxyType(
    {
        "crs:PaintBasedCorrections": "changes painted on by brush",
        "crs:MaskGroupBasedCorrections": "changes within masks",
        "crs:CircularGradientBasedCorrections": "changes within an ellipse",
    }
)


def look(evidence: Evidence) -> Finding:
    """Show what names itself as the writer of the file, and what its history tells."""
    data = metadata_of(evidence.photo)
    every = writers(data)
    steps, local, laid_in = list(_steps(data)), list(_local(data)), list(_laid_in(data))
    facts = [Fact(writer.field, _say_writer(writer)) for writer in every]
    facts += [*_derived(data), *local, *laid_in, *steps]
    known = list(_worth_a_look(every))
    weight: Weight = "look" if known or local or laid_in else "ordinary" if facts else "nothing"
    return Finding("software", TITLE, weight, _sentence(every, known, steps, local, laid_in), HOW_TO_READ, tuple(facts))


def _worth_a_look(every: tuple[Writer, ...]) -> Iterator[tuple[Writer, Program]]:
    for writer in every:
        yield from ((writer, program) for program in writer.programs if program.sort in WORTH_A_LOOK)


def _say_writer(writer: Writer) -> str:
    about = "; ".join(f"{program.name} {SAYS[program.sort]}" for program in writer.programs[:4])
    return f"{cut(writer.text, 1000)} ({about})" if about else writer.text


def _steps(data: Metadata) -> Iterator[Fact]:
    """Yield the steps of the history in their order, as the program that did them wrote them down."""
    every: dict[int, dict[str, str]] = {}
    for one in data.xmp:
        match = STEP.match(one.path)
        if match:
            every.setdefault(int(match[1]), {})[match[2]] = cut(one.value, 300)
    for number, step in sorted(every.items())[:MOST_STEPS]:
        by = f"by {step['softwareAgent']}" if "softwareAgent" in step else ""
        parts = (step.get("action", ""), step.get("when", ""), by, step.get("changed", ""), step.get("parameters", ""))
        yield Fact(f"Step {number}", " · ".join(filter(None, parts)))
    if len(every) > MOST_STEPS:
        yield Fact("Steps left out", f"{len(every) - MOST_STEPS:,}")
    for one in data.properties("photoshop:History"):
        yield Fact("Log of Photoshop", one.value)


def _derived(data: Metadata) -> Iterator[Fact]:
    """Yield what the file was made from."""
    names = {"documentID": False, "originalDocumentID": False, "filePath": True, "fileName": True}
    for field, private in names.items():
        for one in data.properties(f"xmpMM:DerivedFrom/stRef:{field}"):
            yield Fact(f"Made from ({field})", one.value, private)
    ancestors = list(data.properties("photoshop:DocumentAncestors"))
    if ancestors:
        yield Fact("Documents that were copied from", f"{len(ancestors):,}")


def _laid_in(data: Metadata) -> Iterator[Fact]:
    """Yield the pictures that were placed in the document; paths may hold a person's name."""
    for one in data.xmp:
        match = LAID_IN.match(one.path)
        if match and match[2] in ("filePath", "documentID"):
            yield Fact(f"Picture {match[1]} laid in ({match[2]})", one.value, private=match[2] == "filePath")


def _local(data: Metadata) -> Iterator[Fact]:
    """Yield what a developer of raw files did to parts of the picture."""
    for path, words in (*HEALED.items(), *PAINTED.items()):
        items = {match[1] for one in data.xmp if (match := re.match(rf"{path}\[(\d+)\]", one.path))}
        if items:
            yield Fact("Changed in parts", f"{len(items):,} {words} ({path})")


def _sentence(
    every: tuple[Writer, ...],
    known: list[tuple[Writer, Program]],
    steps: list[Fact],
    local: list[Fact],
    laid: list[Fact],
) -> str:
    parts = []
    if known:
        writer, program = known[0]
        parts.append(f"The file was written by {short(writer.text)}: {program.name} {SAYS[program.sort]}.")
    elif every:
        parts.append(f"The file was written by {short(every[0].text)}.")
    if steps:
        parts.append(f"{len(steps)} steps of its history are kept.")
    if local:
        parts.append("Parts of the picture were changed.")
    if laid:
        parts.append("Other pictures were laid in.")
    return " ".join(parts) or "The file does not name what wrote it, which is ordinary."
