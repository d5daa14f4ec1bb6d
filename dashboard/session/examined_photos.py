"""An examined photo, opened: `Opened` holds what is drawn of it, and the last few are kept with their maps."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Self

import streamlit as st

from models.release import Release
from pipeline.casebook.runs import Run, Runs
from pipeline.examination import Examination, FaceExamination
from pipeline.examining.questions import Question
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.photo import Photo
from pipeline.pictures.photo import Picture, Window, picture

BY_PLACE: dict[str | type[Any], Callable[[Any], Any]] = {Face: lambda face: face.place}
"""How a cache tells the faces of one photo apart."""


@dataclass(frozen=True, eq=False)
class Opened:
    """An examined photo without its full pixels: record, release, faces, and the whole as a `Picture`."""

    record: dict[str, Any]
    release: Release
    faces: tuple[FaceExamination, ...]
    decisive: int
    picture: Picture

    @classmethod
    def of(cls, run: Run, record: dict[str, Any]) -> Self:
        """Read an examination back; nothing is scored again.

        Raises:
            UnreadablePhoto, UnknownName: see `Run.examination`.
        """
        return cls.holding(record, run.examination(record))

    @classmethod
    def holding(cls, record: dict[str, Any], examination: Examination) -> Self:
        """Keep what is drawn of an examination.

        Args:
            record: what is kept of it, with the photo's `name`.
            examination: as it was made.
        """
        whole = picture(examination.photo)
        return cls(record, examination.release, examination.faces, _decisive(examination), whole)

    @property
    def unjudged(self) -> tuple[Window, ...]:
        """Boxes, in photo pixels, of the faces that were found and not judged."""
        boxes = (each["box"] for each in self.record.get("faces_unjudged", ()))
        return tuple(tuple(box) for box in boxes if box is not None)


def _decisive(examination: Examination) -> int:
    return next((i for i, face in enumerate(examination.faces) if face is examination.decisive), 0)


@st.cache_resource(show_spinner=False, max_entries=12)
def opened_photo(run_id: str, index: int, revision: int, _record: dict[str, Any]) -> Opened:
    """Return an examined photo for drawing, kept for the last few that were opened.

    `revision` tells a photo that was examined again from what it was before.
    """
    return Opened.of(Runs().open(run_id), _record)


@st.cache_resource(show_spinner=False, max_entries=12, hash_funcs=BY_PLACE)
def zoom_to(run_id: str, index: int, face: Face, _record: dict[str, Any]) -> Picture:
    """Return a face's part of the photo, from its original pixels."""
    run = Runs().open(run_id)
    data = run.original(run.inputs()[index])
    return picture(Photo.read(data, _record.get("partial", False), _record.get("frame", 0)), face.window)


@st.cache_resource(show_spinner=False, max_entries=256, hash_funcs=BY_PLACE)
def asked_map(sha256: str, face: Face, question: Question, release: str) -> Heatmap:
    """Return the map of a photo's face that answers a question, computed when it is first asked for."""
    from pipeline.cascade import explain
    from pipeline.examining.loaded import load_cascade
    from pipeline.examining.networks import FaceCrops

    return explain(load_cascade(release), FaceCrops.of([face]), [question])[0]
