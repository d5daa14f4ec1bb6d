"""The small picture that a file keeps to show in lists, against the photo itself (Exif 3.0, 4.5.8).

Programs that change a photo and leave its thumbnail alone give away what was there before (Kee and Farid, Digital
Image Authentication from Thumbnails, SPIE 2010).
"""

import base64
import binascii
from collections.abc import Iterator
from typing import Any

import cv2
import numpy as np
import pillow_heif

from pipeline.errors import PhotoTooLarge, TriageError
from pipeline.evidence.exhibits import show_map, show_picture
from pipeline.evidence.file_parts.metadata import Metadata, metadata_of
from pipeline.evidence.finding import Evidence, Exhibit, Fact, Finding, Weight
from pipeline.evidence.pixels.likeness import LOCAL, SAME, Likeness, compare
from pipeline.photo import Photo
from pipeline.reading.opening import refuse_by_size
from pipeline.reading.refusals import DAMAGE

TITLE = "Embedded thumbnail"
ORDER = 20
HOW_TO_READ = (
    "Cameras keep a small picture of the photo in its file; most programs make it anew or remove it, some leave the "
    "old one. Black bars around it, and a turn by 90°, are the camera's own way. A thumbnail of another picture, one "
    "that shows more than the photo does, or one that differs in one place means that the photo was changed after the "
    "thumbnail was made; where they agree, the thumbnail may have been made after the change."
)
MOST = 3
"""Thumbnails that are compared; more are counted."""
SIDE = 320
"""Longer side to which a thumbnail is enlarged, in pixels."""
LOCALLY, PEAKED = 20.0, 6.0
"""Grey levels, and multiples of the mean difference, from which on one place differs from the rest of the picture."""
DIFFERENCE_END = 60.0
LOOKS = frozenset(("part", "whole", "other"))


def look(evidence: Evidence) -> Finding:
    """Lay every thumbnail of the file beside the photo, turned and cropped as it fits best."""
    every = list(_thumbnails(evidence.photo))
    facts: list[Fact] = []
    exhibits: list[Exhibit] = []
    sentences, differing = [], False
    for number, (holder, data) in enumerate(every[:MOST], start=1):
        name = f"Thumbnail {number} ({holder})" if len(every) > 1 else f"Thumbnail ({holder})"
        small = _decoded(data)
        if isinstance(small, str):
            facts.append(Fact(name, f"It could not be decoded. {small}"))
            sentences.append("A thumbnail is there and could not be decoded.")
            continue
        likeness = compare(small, evidence.photo.rgb)
        differing |= _differs(likeness)
        facts += _facts(name, small, likeness)
        exhibits += _exhibits(name, likeness)
        sentences.append(_sentence(likeness))
    if len(every) > MOST:
        facts.append(Fact("More thumbnails", f"{len(every) - MOST:,}, which were not compared"))
    weight: Weight = "look" if differing else "ordinary" if every else "nothing"
    shows = " ".join(dict.fromkeys(sentences)) or "No thumbnail is kept in the file, which is ordinary."
    return Finding("embedded_thumbnail", TITLE, weight, shows, HOW_TO_READ, tuple(facts), tuple(exhibits))


def _thumbnails(photo: Photo) -> Iterator[tuple[str, bytes | np.ndarray | str]]:
    """Yield what holds a thumbnail, and its bytes; see `_of_heif` for a HEIF file's. The same bytes come once."""
    data = metadata_of(photo)
    yield from {small: (holder, small) for holder, small in (*data.small, *_of_xmp(data))}.values()
    if photo.format == "HEIF":
        yield from (("HEIF", pixels) for pixels in _of_heif(photo.data))


def _of_xmp(data: Metadata) -> Iterator[tuple[str, bytes]]:
    for one in data.properties("xmp:Thumbnails/xmpGImg:image"):
        try:
            yield "XMP", base64.b64decode(one.value, validate=False)
        except (binascii.Error, ValueError):
            yield "XMP", b""


def _of_heif(data: bytes) -> Iterator[np.ndarray | str]:
    """Yield the thumbnails of the primary picture, as many as decode; of one that is too large why it is not shown."""
    try:
        file = pillow_heif.open_heif(data)
        primary = file[file.primary_index]
        sizes = primary.info.get("thumbnails")
        for number in range(min(MOST, len(sizes) if isinstance(sizes, list) else 0)):
            yield _pixels_of(primary.get_thumbnail(number))
    except DAMAGE:
        return


def _pixels_of(image: Any) -> np.ndarray | str:
    """Return the pixels of what pillow_heif calls an image; a file may call a picture of any size its thumbnail."""
    try:
        refuse_by_size(*image.size)
        return np.asarray(image.to_pillow().convert("RGB"))
    except PhotoTooLarge as problem:
        return str(problem)
    except MemoryError:
        return "It is larger than the memory that is left."


def _decoded(data: bytes | np.ndarray | str) -> np.ndarray | str:
    """Return a thumbnail's pixels, (h, w, 3) uint8, or why it has none."""
    if not isinstance(data, bytes):
        return data
    try:
        return Photo.read(data, partial=True).rgb
    except TriageError as problem:
        return str(problem)


def _differs(likeness: Likeness) -> bool:
    return likeness.relation in LOOKS or (likeness.relation == "same" and _locally(likeness))


def _locally(likeness: Likeness) -> bool:
    """Tell whether one place differs by much more than the rest of the picture does."""
    peak, mean = float(likeness.difference.max()), float(likeness.difference.mean())
    return peak >= max(LOCALLY, PEAKED * mean)


def _sentence(likeness: Likeness) -> str:
    if likeness.relation == "flat":
        return "A thumbnail is there, but it or the photo is too even to compare."
    if likeness.relation == "part":
        return "The thumbnail shows more than the photo does: the photo was cropped after it was made."
    if likeness.relation == "whole":
        return "The thumbnail shows only a part of the photo."
    if likeness.relation == "other":
        return f"The thumbnail shows another picture than the photo does (correlation {likeness.correlation:.2f})."
    if _locally(likeness):
        return "The thumbnail shows the same photo, but differs from it in one place."
    return f"The thumbnail shows the same as the photo (correlation {likeness.correlation:.2f})."


def _facts(name: str, small: np.ndarray, likeness: Likeness) -> Iterator[Fact]:
    trimmed = ", bars cut off" if likeness.trimmed else ""
    yield Fact(name, f"{small.shape[1]} × {small.shape[0]} pixels; compared {likeness.turn}{trimmed}")
    yield Fact(
        "Correlation of grey levels", f"{likeness.correlation:.3f}, 1 being the same; from {SAME:.2f} on a match"
    )
    if likeness.relation == "same":
        peak, mean = float(likeness.difference.max()), float(likeness.difference.mean())
        yield Fact(
            "Largest local difference",
            f"{peak:.0f} of 255 grey levels, {mean:.1f} on average, over {LOCAL} × {LOCAL} pixels of the thumbnail; "
            f"from {LOCALLY:.0f} grey levels and {PEAKED:.0f} times the average on it counts",
        )


def _exhibits(name: str, likeness: Likeness) -> Iterator[Exhibit]:
    small, photo = likeness.small, likeness.photo
    if likeness.window is not None:
        frame = "What the photo shows is framed." if likeness.relation == "part" else "The frame is in the photo."
        small, photo = _framed(likeness)
    else:
        frame = "Turned, and without bars, as it was compared."
    yield show_picture(_enlarged(small), name, frame)
    yield show_picture(_enlarged(photo), "The photo, in the same way", "For the eye, beside the thumbnail.")
    if likeness.relation == "same":
        ends = f"black is the same, brightest {DIFFERENCE_END:.0f} of 255 grey levels apart or more"
        caption = f"Where thumbnail and photo differ, changes of tone over the whole picture aside: {ends}."
        yield show_map(_enlarged(likeness.difference), DIFFERENCE_END, "Difference", caption)


def _framed(likeness: Likeness) -> tuple[np.ndarray, np.ndarray]:
    """Return both pictures with the part framed in the one that shows more."""
    small, photo = _enlarged(likeness.small), _enlarged(likeness.photo)
    larger, before = (small, likeness.small) if likeness.relation == "part" else (photo, likeness.photo)
    assert likeness.window is not None
    scale = larger.shape[1] / before.shape[1]
    x0, y0, x1, y1 = (round(edge * scale) for edge in likeness.window)
    for colour, thick in (((0, 0, 0), 3), ((255, 255, 255), 1)):
        cv2.rectangle(larger, (x0, y0), (x1, y1), colour, thick)
    return small, photo


def _enlarged(picture: np.ndarray) -> np.ndarray:
    """Return a picture, or a map, whose longer side is about `SIDE` pixels; a copy in any case."""
    scale = SIDE / max(picture.shape[:2])
    size = (max(1, round(picture.shape[1] * scale)), max(1, round(picture.shape[0] * scale)))
    way = cv2.INTER_CUBIC if scale > 1 else cv2.INTER_AREA
    return cv2.resize(np.ascontiguousarray(picture), size, interpolation=way)
