"""Whether a file fits what a sharing service is known to leave: name, size, tables, passes, missing metadata.

Services shrink, compress and strip what goes through them, each in its own way (Giudice et al., 2017; for a survey
Pasquini, Amerini & Boato, 2021). `chains` holds the table with the source of each row.
"""

import re
from dataclasses import dataclass

from pipeline.evidence.finding import Evidence, Fact, Finding
from pipeline.evidence.jpeg.chains import CHAINS, Chain
from pipeline.evidence.jpeg.header import JpegHeader
from pipeline.evidence.jpeg.table_families import ijg_quality
from pipeline.evidence.pixels.stored import header_of
from pipeline.photo import Photo

NAME, TITLE, ORDER = "sharing_chains", "Sharing services", 70
HOW_TO_READ = (
    "“Fits” is not “is”: sizes coincide, names are changed by anybody, and services change their ways without "
    "notice. A photo that went through such a service was shrunk, saved anew and stripped, so its metadata and the "
    "traces of earlier savings are gone, and small edits are harder to see: ask for the file as it was taken. "
    "Nothing that fits does not mean that the photo was never shared: sent as a document or file, it stays as it "
    "was."
)
LONGEST_NAME = 255
COPY = re.compile(r"( \(\d{1,3}\)| - Copy)+$")
"""What a computer adds to the name of a second copy."""
NONE_FITS = "The file fits none of the sharing services in the list."


@dataclass(frozen=True)
class Fit:
    """How a file fits a service: the marks that agree, in words, and those against it."""

    chain: Chain
    marks: tuple[str, ...]
    against: tuple[str, ...]
    named: bool


def look(evidence: Evidence) -> Finding:
    """Compare a file with what sharing services are known to leave."""
    header = header_of(evidence.photo)
    fits = [fit for fit in (fit_of(chain, evidence, header) for chain in CHAINS) if _counts(fit)]
    facts = tuple(Fact(f"Fits {fit.chain.name}", _say(fit)) for fit in fits)
    if not fits:
        return Finding(NAME, TITLE, "nothing", NONE_FITS, HOW_TO_READ)
    leaves = [f"what {fit.chain.name} leaves ({', '.join(fit.marks)})" for fit in fits]
    shows = f"The file fits {'; and '.join(leaves)}."
    return Finding(NAME, TITLE, "ordinary", shows, HOW_TO_READ, facts)


def fit_of(chain: Chain, evidence: Evidence, header: JpegHeader | None) -> Fit:
    """Return how a file fits a service.

    Args:
        chain: the service.
        evidence: the photo and its file's name.
        header: of a JPEG; None of any other container.
    """
    photo = evidence.photo
    named = chain.has_name(stem_of(evidence.name))
    marks, against = (["file name"] if named else []), []
    size = _size_mark(chain, photo, header)
    marks += [size] if size else []
    if _is_larger(chain, photo, header):
        against.append("it is larger than the service leaves any")
    if header is not None:
        marks += _marks_of_jpeg(chain, header)
        if chain.strips and _has_metadata(header):
            against.append("it carries Exif or XMP, which the service takes out")
    return Fit(chain, tuple(marks), tuple(against), named)


def stem_of(name: str) -> str:
    """Return a file's name without folders, ending and what a computer adds to a copy, at most 255 characters."""
    last = re.split(r"[\\/]", name[-4 * LONGEST_NAME :])[-1][:LONGEST_NAME]
    return COPY.sub("", last.rpartition(".")[0] or last)


def _stored_size(photo: Photo, header: JpegHeader | None) -> tuple[int, int]:
    return (photo.width, photo.height) if header is None else (header.width, header.height)


def _size_mark(chain: Chain, photo: Photo, header: JpegHeader | None) -> str:
    size = _stored_size(photo, header)
    if max(size) in chain.long_sides:
        return f"longer side of {max(size)} px"
    return f"width of {photo.width} px" if photo.width in chain.widths else ""


def _is_larger(chain: Chain, photo: Photo, header: JpegHeader | None) -> bool:
    size = _stored_size(photo, header)
    beyond_side = bool(chain.long_sides) and max(size) > max(chain.long_sides)
    return beyond_side or (bool(chain.widths) and min(size) > max(chain.widths))


def _marks_of_jpeg(chain: Chain, header: JpegHeader) -> list[str]:
    quality = None if header.luminance is None else ijg_quality(header.luminance.ravel())
    marks = []
    if quality in chain.qualities:
        marks.append(f"tables of quality {quality}")
    if chain.progressive and header.progressive:
        marks.append("progressive coding")
    if chain.strips and not _has_metadata(header):
        marks.append("lack of metadata")
    if chain.writes and chain.writes in header.parts.get("Photoshop, IPTC", b""):
        marks.append(f"mark {chain.writes.decode('ascii')} in its IPTC block")
    return marks


def _has_metadata(header: JpegHeader) -> bool:
    return "Exif" in header.parts or "XMP" in header.parts


def _counts(fit: Fit) -> bool:
    """Tell whether a fit is worth saying: by name or by a mark of its own, or by size and another mark, none "
    "against."""
    own = any(mark.startswith("mark ") for mark in fit.marks)
    if own or (fit.named and not fit.chain.vague):
        return True
    sized = any("px" in mark for mark in fit.marks)
    return sized and len(fit.marks) >= 2 and not fit.against


def _say(fit: Fit) -> str:
    against = f" Against it: {'; '.join(fit.against)}." if fit.against else ""
    return f"By its {', '.join(fit.marks)}.{against} Known from: {fit.chain.source}."
