"""What becomes of each face of a photo is said, and nothing unjudged stands behind a plain "no indication"."""

import json
from dataclasses import replace

import numpy as np
import pytest

from models.release import read_release
from pipeline.examination import Examination, FaceExamination, faces_account
from pipeline.examining.boxes import as_floats
from pipeline.face import Face
from pipeline.lineup import BEYOND_LIMIT, UNSURE, Unjudged
from pipeline.photo import Photo
from pipeline.verdict import StageScore, Verdict


def face(size: float = 100, **how) -> Face:
    points = np.array([(0, 0), (size, size)] * 234, np.float32)
    return Face((0, 0, size, size), points, (0, 0, size, size), np.zeros((256, 256, 3), np.uint8), 1.0, **how)


def judged(label: str = "real", reasons: tuple[str, ...] = (), **how) -> FaceExamination:
    probability = 0.9 if label in ("deepfake", "facetune") else 0.1
    edited = StageScore("w", probability, 0.5, (0.5, 0.5))
    deepfake = StageScore("w", 0.9, 0.5, (0.5, 0.5)) if label == "deepfake" else None
    return FaceExamination(face(**how), Verdict(label, edited, deepfake, reasons))


def examined(*faces: FaceExamination, **other) -> Examination:
    photo = Photo(np.zeros((200, 200, 3), np.uint8), "0" * 64, b"", "PNG")
    return Examination(photo, faces, read_release(), **other)


def small() -> FaceExamination:
    return judged("inconclusive", ("face_too_small",), size=41)


@pytest.mark.parametrize(
    ("faces", "unjudged", "words"),
    [
        ((), (), "no face found"),
        ((judged(),), (), "1 face: 1 examined"),
        ((judged(), judged(), small()), (), "3 faces: 2 examined, 1 too small (41 px)"),
        ((small(),), (), "1 face: 1 too small (41 px)"),
        ((judged(),), (Unjudged(UNSURE, 50.2),), "2 faces: 1 examined, 1 could not be measured (50 px)"),
        ((), (Unjudged(UNSURE, 50.2),), "1 face: 1 could not be measured (50 px)"),
        (
            (judged(),),
            (Unjudged(BEYOND_LIMIT, 30), Unjudged(BEYOND_LIMIT, 12)),
            "3 faces: 1 examined, 2 over the limit (12–30 px)",
        ),
        ((judged(marked=True), judged()), (), "2 faces: 2 examined; 1 marked by hand"),
        (
            (judged("inconclusive", (UNSURE,), marked=True),),
            (),
            "1 face: 1 could not be measured (100 px); 1 marked by hand",
        ),
        (
            (judged("inconclusive", ("face_too_small",), size=41, marked=True), judged()),
            (),
            "2 faces: 1 examined, 1 too small (41 px); 1 marked by hand",
        ),
    ],
    ids=lambda value: value if isinstance(value, str) else "",
)
def test_every_face_is_counted(faces, unjudged, words):
    record = examined(*faces, unjudged=unjudged).as_dict()
    assert record["faces_account"] == words == faces_account(record)


def test_an_older_record_can_be_said_too():
    record = examined(judged()).as_dict() | {"faces_left_out": 7}
    del record["faces_unjudged"], record["faces_account"]
    assert faces_account(record) == "8 faces: 1 examined, 7 over the limit"


@pytest.mark.parametrize("why", [UNSURE, BEYOND_LIMIT])
def test_a_photo_with_an_unjudged_face_is_never_plainly_without_indication(why):
    verdict = examined(judged(), unjudged=(Unjudged(why, 50),)).verdict
    assert (verdict.label, verdict.reasons) == ("inconclusive", (why,)) and verdict.edited is not None


@pytest.mark.parametrize("label", ["deepfake", "facetune"])
def test_an_indication_stands_beside_an_unjudged_face(label):
    verdict = examined(judged(label), judged(), unjudged=(Unjudged(UNSURE, 50),)).verdict
    assert (verdict.label, verdict.reasons) == (label, (UNSURE,))


def test_what_is_left_of_a_photo_is_never_plainly_without_indication():
    whole = examined(judged())
    cut = replace(whole, photo=replace(whole.photo, partial=True))
    assert whole.verdict.label == "real" and (cut.verdict.label, cut.verdict.reasons) == (
        "inconclusive",
        ("cut_short",),
    )
    assert cut.as_dict()["partial"] is True and whole.as_dict()["partial"] is False
    assert examined(replace(judged("deepfake"))).verdict.reasons == ()


def test_the_record_says_how_a_face_was_found():
    record = examined(judged(turn=180, marked=True), judged(), found_how=("a face stands on its head",)).as_dict()
    assert record["faces"][0]["turned"] == 180 and record["faces"][0]["marked"] and record["faces"][0]["size"] == 100
    assert "turned" not in record["faces"][1] and "marked" not in record["faces"][1]
    assert record["notes"] == ["a face stands on its head"]


def test_it_is_said_which_faces_could_not_have_been_found():
    lowest = read_release().min_face
    assert examined(least=lowest + 40).notes == (
        f"faces under about {lowest + 40} pixels were not looked for in a picture of this size",
    )
    assert examined(least=lowest).notes == () and "500 pixels" in examined(judged(), least=500).notes[0]


def torn(label: str, crop: np.ndarray, **how) -> Examination:
    found = judged(label)
    entry = FaceExamination(replace(found.face, crop=crop), found.verdict)
    whole = examined(entry)
    return replace(whole, photo=replace(whole.photo, partial=True, **how))


def test_a_face_of_which_a_part_is_missing_accuses_nobody():
    crop = np.random.default_rng(1).integers(0, 256, (256, 256, 3)).astype(np.uint8)
    assert torn("deepfake", crop).verdict.label == "deepfake", "the face is whole"
    assert torn("deepfake", crop, coarse=True).verdict.label == "inconclusive", "later passes are missing everywhere"
    crop[200:] = 128
    verdict = torn("deepfake", crop).verdict
    assert (verdict.label, verdict.reasons) == ("inconclusive", ("cut_short",)) and verdict.deepfake is not None


def test_every_record_can_be_written(hopper):
    """Finders give numbers of numpy."""
    box = tuple(np.float32(edge) for edge in (1.5, 2.5, 80.0, 90.0))
    record = examined(judged(), unjudged=(Unjudged(UNSURE, 88.0, as_floats(box)),)).as_dict()
    assert json.loads(json.dumps(record))["faces_unjudged"][0]["box"] == [1.5, 2.5, 80.0, 90.0]
