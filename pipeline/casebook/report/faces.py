"""The faces of a photo, read from its dossier."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from pipeline.casebook.report.kept import Kept
from pipeline.casebook.report.parts import Part
from pipeline.heatmap import Heatmap
from pipeline.verdict import LABELS, Label, StageScore, Verdict
from pipeline.words.verdicts import ARGUED, STAGES


@dataclass(frozen=True)
class FaceFacts:
    """One face that was examined.

    Attributes:
        place: in the dossier, from 0; the largest face comes first.
        label: the verdict's, as it was stored.
        verdict: of the face; "inconclusive" where the label is not known here.
        size: longer side in photo pixels.
        turned: degrees by which it was turned to stand upright.
        marked: whether it was marked by hand.
        window: x0, y0, x1, y1 in photo pixels that its maps cover; None where that is not known.
        maps: what is known of each of its maps.
    """

    place: int
    label: str
    verdict: Verdict
    size: int
    turned: int
    marked: bool
    window: tuple[float, float, float, float] | None
    maps: tuple[Part, ...]


def faces_of(record: Part) -> tuple[FaceFacts, ...]:
    """Return the faces of a photo's record, in its order."""
    return tuple(_face(place, part) for place, part in enumerate(record.parts("faces")))


def decisive(faces: Sequence[FaceFacts]) -> FaceFacts | None:
    """Return the face whose verdict is the photo's, as `Examination.decisive` does; None without a face."""
    return max(faces, key=lambda face: face.verdict.suspicion, default=None)


def heatmap_of(face: FaceFacts, kept: Kept, arrays: str) -> Heatmap | None:
    """Return the map that lies over a face's overlay: its first; None where it cannot be read.

    Args:
        face: the face.
        kept: where its numbers are read from.
        arrays: SHA-256 of the photo's arrays.
    """
    if not face.maps or face.window is None:
        return None
    facts, grid = face.maps[0], kept.grid(arrays, f"map-{face.place}-0")
    stage, label = facts.text("stage"), facts.text("label")
    if grid is None or stage not in STAGES or label not in ARGUED:
        return None
    method = facts.text("method") or "not named"
    return Heatmap(grid, face.window, cast(Any, stage), label, method, facts.number("faithfulness"))


def _face(place: int, part: Part) -> FaceFacts:
    kept = part.part("kept")
    label = part.text("verdict")
    known: Label = next((one for one in LABELS if one == label), "inconclusive")
    scores = (_score(kept.part("edited")), _score(kept.part("deepfake")))
    verdict = Verdict(known, *scores, tuple(part.texts("reasons")))
    how = part.count("size"), part.count("turned"), part.flag("marked")
    return FaceFacts(place, label, verdict, *how, _window(kept), tuple(kept.parts("maps")))


def _window(kept: Part) -> tuple[float, float, float, float] | None:
    edges = kept.numbers("window")
    if len(edges) != 4 or edges[0] >= edges[2] or edges[1] >= edges[3]:
        return None
    return edges[0], edges[1], edges[2], edges[3]


def _score(part: Part) -> StageScore | None:
    """Return a stage's score; None where it did not run, or where a part of it is not what it should be."""
    probability, threshold, abstain = part.number("probability"), part.number("threshold"), part.numbers("abstain")
    if probability is None or threshold is None or len(abstain) != 2:
        return None
    probability, threshold, low, high = (min(1.0, max(0.0, one)) for one in (probability, threshold, *abstain))
    return StageScore(part.text("weights"), probability, threshold, (low, high))
