"""What is kept of an examination gives it back as it was."""

import json
from dataclasses import replace

import numpy as np
import pytest

from pipeline.cascade import examine
from pipeline.casebook.stored import pack, unpack
from pipeline.examination import Examination
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
    crowded = replace(examined, left_out=7)
    assert there_and_back(crowded).left_out == 7 and "too_many_faces" in there_and_back(crowded).verdict.reasons


def test_records_made_before_faces_were_counted_can_be_read(examined):
    record, arrays = pack(examined)
    del record["faces_left_out"]
    assert unpack(record, arrays, examined.photo, examined.release).left_out == 0


def test_the_record_is_public_but_for_what_is_kept(examined):
    record, _ = pack(examined)
    assert record.pop("release_sha256") == examined.release.sha256
    for face in record["faces"]:
        assert set(face.pop("kept")) == {"edited", "deepfake", "window", "score", "stability", "maps"}
    assert record == examined.as_dict()
