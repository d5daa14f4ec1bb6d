"""One photo opened: everything that is drawn of it, small enough to keep."""

from dataclasses import dataclass
from typing import Any

from models.release import Release
from pipeline.casebook.runs import Run
from pipeline.examination import Examination, FaceExamination
from pipeline.pictures.photo import Picture, Window, picture


@dataclass(frozen=True, eq=False)
class Opened:
    """An examined photo without its full pixels: record, release, faces, and the whole as a `Picture`."""

    record: dict[str, Any]
    release: Release
    faces: tuple[FaceExamination, ...]
    decisive: int
    picture: Picture

    @property
    def unjudged(self) -> tuple[Window, ...]:
        """Boxes, in photo pixels, of the faces that were found and not judged."""
        boxes = (each["box"] for each in self.record.get("faces_unjudged", ()))
        return tuple(tuple(box) for box in boxes if box is not None)


def opened(run: Run, record: dict[str, Any]) -> Opened:
    """Read an examination back; nothing is scored again.

    Raises:
        UnreadablePhoto, UnknownName: see `Run.examination`.
    """
    examination = run.examination(record)
    return Opened(record, examination.release, examination.faces, _decisive(examination), picture(examination.photo))


def _decisive(examination: Examination) -> int:
    return next((i for i, face in enumerate(examination.faces) if face is examination.decisive), 0)
