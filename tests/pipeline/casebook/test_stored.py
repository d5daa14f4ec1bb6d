"""What is kept of an examination gives it back as it was."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.cascade import examine
from pipeline.casebook.stored import pack, unpack
from pipeline.examination import Examination
from pipeline.examining.find_faces import find_faces
from pipeline.lineup import BEYOND_LIMIT, UNSURE, Unjudged
from pipeline.marks import Mark
from pipeline.photo import Photo


@pytest.fixture(scope="module")
def examined(hopper, cascade) -> Examination:
    return examine(hopper, cascade)


def there_and_back(examination: Examination) -> Examination:
    record, arrays = pack(examination)
    return unpack(json.loads(json.dumps(record, allow_nan=False)), arrays, examination.photo, examination.release)


def test_an_examination_survives(examined):
    again = there_and_back(examined)
    assert again.verdict == examined.verdict and again.as_dict() == examined.as_dict()
    (old,), (new,) = examined.faces, again.faces
    assert new.verdict == old.verdict and new.verdict.edited.probability == old.verdict.edited.probability
    assert (new.face.landmarks == old.face.landmarks).all() and new.face.window == old.face.window
    assert (new.face.crop == old.face.crop).all() and new.face.score == old.face.score
    np.testing.assert_allclose(new.face.box, old.face.box, atol=0.06)


def test_its_maps_survive_to_the_last_bit(examined):
    (old,), (new,) = examined.faces[0].heatmaps, there_and_back(examined).faces[0].heatmaps
    assert (new.grid == old.grid).all() and new.grid.dtype == old.grid.dtype
    assert replace(new, grid=old.grid).__dict__ == old.__dict__


def test_maps_that_are_no_numbers_survive(examined):
    (entry,) = examined.faces
    spoiled = replace(entry.heatmaps[0], grid=np.full((2, 2), np.nan, np.float32), faithfulness=None)
    again = there_and_back(replace(examined, faces=(replace(entry, heatmaps=(spoiled, entry.heatmaps[0])),)))
    states = [heatmap.state for heatmap in again.faces[0].heatmaps]
    assert states == ["not a number", entry.heatmaps[0].state]


def test_no_face_and_faces_left_out_survive(examined, sample, cascade):
    empty = examine(Photo.read(sample("coffee_no_face.jpg")), cascade)
    assert there_and_back(empty).as_dict() == empty.as_dict()
    beyond = (Unjudged(BEYOND_LIMIT, 41.0, (1.0, 2.0, 30.0, 43.0)),) * 7
    crowded = replace(examined, unjudged=(*beyond, Unjudged(UNSURE, 50.0, (5.0, 5.0, 55.0, 50.0))))
    again = there_and_back(crowded)
    assert again.unjudged == crowded.unjudged and again.verdict.reasons[-2:] == (UNSURE, BEYOND_LIMIT)


def test_a_marked_and_turned_face_survives(hopper, cascade):
    photo = replace(hopper, rgb=np.ascontiguousarray(hopper.rgb[::-1, ::-1]))
    (found,) = find_faces(photo)
    marked = examine(photo, cascade, marks=[Mark(found.box, 180)])
    record, arrays = pack(marked)
    again = unpack(json.loads(json.dumps(record)), arrays, photo, marked.release)
    (face,), (before,) = again.faces, marked.faces
    assert (face.face.turn, face.face.marked) == (180, True) and again.as_dict() == marked.as_dict()
    assert np.abs(face.face.crop.astype(int) - before.face.crop).max() <= 1
    assert again.marks == (Mark.read(marked.marks[0].as_dict()),) and again.found_how == marked.found_how != ()


def test_the_map_of_a_turned_face_lies_on_it(hopper, cascade):
    upright, photo = examine(hopper, cascade), replace(hopper, rgb=np.ascontiguousarray(hopper.rgb[::-1, ::-1]))
    (there,), (here,) = upright.faces, examine(photo, cascade).faces
    assert here.verdict == there.verdict, "to the last digit"
    assert (here.heatmaps[0].grid == there.heatmaps[0].grid[::-1, ::-1]).all()
    x, y = there.heatmaps[0].peak_point
    np.testing.assert_allclose(here.heatmaps[0].peak_point, (photo.width - x, photo.height - y), atol=0.01)


def test_records_made_before_faces_were_counted_can_be_read(examined):
    record, arrays = pack(examined)
    for name in ("faces_left_out", "faces_unjudged", "faces_seen_from", "found_how", "marks", "frame", "partial"):
        del record[name]
    assert unpack(record, arrays, examined.photo, examined.release).unjudged == ()
    crowded = unpack(record | {"faces_left_out": 7}, arrays, examined.photo, examined.release)
    assert crowded.unjudged == (Unjudged(BEYOND_LIMIT),) * 7


def test_the_record_is_public_but_for_what_is_kept(examined):
    record, _ = pack(examined)
    assert record.pop("release_sha256") == examined.release.sha256 and record.pop("found_how") == []
    for face in record["faces"]:
        assert set(face.pop("kept")) == {"edited", "deepfake", "window", "score", "stability", "maps"}
    assert record == examined.as_dict()
