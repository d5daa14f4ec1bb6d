"""Copies of one photo among those of the cases: the facts of each, from what was kept of it and from its bytes."""

from collections.abc import Sequence

import numpy as np

from pipeline.casebook.alike.copies import CAMERA, Copy, lay_together
from pipeline.casebook.alike.like_photos import OtherPhoto
from pipeline.casebook.keeping import Keeping
from pipeline.casebook.report.parts import Part
from pipeline.errors import PhotoTooLarge, TriageError
from pipeline.evidence.pixels.stored import header_of
from pipeline.evidence.signals.double_compression import EARLIER, NAME
from pipeline.photo import Photo
from pipeline.reading.jpeg_quality import nearest_quality

MOST_PIXELS = 150_000_000
"""Pixels of all copies that are held at once."""
METADATA = {"exif": CAMERA, "dates": "date", "place": "place", "software": "software", "captions": "captions"}
"""Signal → what a file keeps where the signal saw something."""


def copy_of(other: OtherPhoto, dossier: Part) -> Copy:
    """Return a copy as it is known from what was kept of it, without its pixels.

    Args:
        other: the photo; a verdict that is hidden stays so.
        dossier: of it; an empty one where it is gone.
    """
    threshold = dossier.part("release").part("edited").number("threshold")
    return Copy(
        other.name,
        other.sha256,
        other.width,
        other.height,
        other.bytes,
        other.format,
        earlier_quality=earlier_of(dossier),
        metadata=metadata_of(dossier),
        label=other.verdict,
        p_edited=other.p_edited,
        threshold=None if other.is_hidden else threshold,
    )


def metadata_of(dossier: Part) -> tuple[str, ...]:
    """Return what of its metadata a file keeps, by what the signals saw: "camera", "date", "place", …."""
    kept = []
    for finding in dossier.parts("findings"):
        name = METADATA.get(finding.text("signal", 60), "")
        facts = [fact.text("name", 60) for fact in finding.parts("facts")]
        if name == CAMERA:
            facts = [fact for fact in facts if fact in ("Camera make", "Camera model")]
        if name and facts and finding.text("weight", 20) != "nothing":
            kept.append(name)
    return tuple(kept)


def earlier_of(dossier: Part) -> int | None:
    """Return the quality of a JPEG that a file was before, as the signal saw it; see `Copy.earlier_quality`."""
    for finding in dossier.parts("findings"):
        for fact in finding.parts("facts"):
            if finding.text("signal", 60) == NAME and fact.text("name", 60) == EARLIER:
                digits = [word for word in fact.text("value", 60).split() if word.isdecimal() and len(word) < 4]
                return int(digits[-1]) if digits else -1
    return None


def lay_copies(keeping: Keeping, copies: Sequence[Copy]) -> tuple[list[Copy], list[TriageError]]:
    """Return copies with how they lie on one another, and why others cannot be read or are left out.

    Args:
        keeping: where their originals are.
        copies: of one photo, each with the hash of its bytes; those that come first matter most.

    Returns:
        The copies that could be read, in their order, see `lay_together`; and a problem for each of the others.
    """
    kept: list[Copy] = []
    pictures: list[np.ndarray] = []
    problems: list[TriageError] = []
    for copy in copies:
        if sum(picture.shape[0] * picture.shape[1] for picture in pictures) + copy.width * copy.height > MOST_PIXELS:
            problems.append(PhotoTooLarge(f"{copy.name} was left out: all copies together are too large to compare."))
            continue
        try:
            photo = Photo.read(keeping.originals.read(copy.sha256))
        except TriageError as problem:
            problems.append(problem)
            continue
        facts = vars(copy) | {"width": photo.width, "height": photo.height, "format": photo.format}
        kept.append(Copy(**facts | {"jpeg_quality": _quality(photo)}))
        pictures.append(photo.rgb)
    return lay_together(kept, pictures), problems


def _quality(photo: Photo) -> int:
    """Return the IJG quality whose luminance table is nearest to a JPEG's; −1 of any other container."""
    header = header_of(photo)
    table = None if header is None else header.luminance
    return -1 if table is None else nearest_quality(table.ravel().tolist())
