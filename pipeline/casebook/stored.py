"""An `Examination` to and from what is kept of it: a JSON record and arrays. The original bytes are kept apart."""

import json
from typing import Any

import numpy as np

from models.release import Release
from pipeline.examination import Examination, FaceExamination
from pipeline.face import Face, crop_of
from pipeline.heatmap import Heatmap
from pipeline.lineup import BEYOND_LIMIT, Unjudged
from pipeline.marks import Mark
from pipeline.photo import Photo
from pipeline.verdict import StageScore, Verdict

Arrays = dict[str, np.ndarray]


def pack(examination: Examination) -> tuple[dict[str, Any], Arrays]:
    """Return the record, JSON-able, and the arrays of an examination."""
    record, arrays = examination.as_dict(), {}
    for number, entry in enumerate(examination.faces):
        record["faces"][number]["kept"] = {
            "edited": _score(entry.verdict.edited),
            "deepfake": _score(entry.verdict.deepfake),
            "window": list(entry.face.window),
            "score": entry.face.score,
            "stability": list(entry.verdict.stability),
            "maps": [_map(heatmap) for heatmap in entry.heatmaps],
        }
        arrays[f"landmarks-{number}"] = entry.face.landmarks
        for place, heatmap in enumerate(entry.heatmaps):
            arrays[f"map-{number}-{place}"] = heatmap.grid
    record["release_sha256"] = examination.release.sha256
    record["found_how"] = list(examination.found_how)
    return record, arrays


def sound(examination: Examination) -> Examination:
    """Return an examination whose record can be written; what cannot be is to show with its photo, not at the end."""
    json.dumps(pack(examination)[0], allow_nan=False)
    return examination


def unpack(record: dict[str, Any], arrays: Arrays, photo: Photo, release: Release) -> Examination:
    """Return the examination as it was made; nothing is scored again."""
    faces = tuple(_unpack_face(entry, number, arrays, photo) for number, entry in enumerate(record["faces"]))
    return Examination(
        photo,
        faces,
        release,
        _unpack_unjudged(record),
        record.get("faces_seen_from", 0),
        tuple(record.get("found_how", ())),
        tuple(Mark.read(mark) for mark in record.get("marks", ())),
    )


def _unpack_unjudged(record: dict[str, Any]) -> tuple[Unjudged, ...]:
    """Return the faces that were not judged; records of before they were told hold only how many were too many."""
    if "faces_unjudged" not in record:
        return (Unjudged(BEYOND_LIMIT),) * record.get("faces_left_out", 0)
    return tuple(
        Unjudged(each["why"], each["size"], None if each["box"] is None else tuple(each["box"]))
        for each in record["faces_unjudged"]
    )


def _unpack_face(entry: dict[str, Any], number: int, arrays: Arrays, photo: Photo) -> FaceExamination:
    kept = entry["kept"]
    window = tuple(kept["window"])
    turn, marked = entry.get("turned", 0), entry.get("marked", False)
    crop = crop_of(photo.rgb, window, turn, 256)
    face = Face(tuple(entry["box"]), arrays[f"landmarks-{number}"], window, crop, kept["score"], turn, marked)
    maps = tuple(Heatmap(arrays[f"map-{number}-{place}"], window, **facts) for place, facts in enumerate(kept["maps"]))
    return FaceExamination(face, unpack_verdict(entry), maps)


def unpack_verdict(entry: dict[str, Any]) -> Verdict:
    """Return the verdict of a face's record."""
    kept = entry["kept"]
    scores = (_unpack_score(kept["edited"]), _unpack_score(kept["deepfake"]))
    stability = tuple(kept.get("stability", ()))  # records of before it was measured have none
    return Verdict(entry["verdict"], *scores, tuple(entry["reasons"]), stability)


def _score(score: StageScore | None) -> dict[str, Any] | None:
    if score is None:
        return None
    return {
        "weights": score.weights,
        "probability": score.probability,
        "threshold": score.threshold,
        "abstain": list(score.abstain),
        "regions": list(score.regions),
    }


def _unpack_score(data: dict[str, Any] | None) -> StageScore | None:
    if data is None:
        return None
    lists = {"abstain": tuple(data["abstain"]), "regions": tuple(data.get("regions", ()))}
    return StageScore(**{**data, **lists})


def _map(heatmap: Heatmap) -> dict[str, Any]:
    return {
        "stage": heatmap.stage,
        "label": heatmap.label,
        "method": heatmap.method,
        "faithfulness": heatmap.faithfulness,
    }
