"""A photo of a case examined once more, the way it was examined before."""

from typing import Any

from pipeline.cascade import examine
from pipeline.examination import Examination
from pipeline.examining.loaded import Cascade
from pipeline.marks import Mark
from pipeline.photo import Photo


def examine_as_before(data: bytes, before: dict[str, Any], cascade: Cascade, heatmaps: bool = True) -> Examination:
    """Examine a photo with the picture of its file, and the faces marked by hand, that an earlier examination had.

    Args:
        data: its bytes.
        before: the record of that examination; an empty one where there is none.
        cascade: what judges.
        heatmaps: also explain each face.

    Raises:
        UnreadablePhoto: it cannot be read, or not any more.
        BadMark: the record's marks are none.
    """
    picture = Photo.read(data, partial=before.get("partial", False), frame=before.get("frame", 0))
    return examine(picture, cascade, heatmaps, [Mark.read(mark) for mark in before.get("marks", ())])
