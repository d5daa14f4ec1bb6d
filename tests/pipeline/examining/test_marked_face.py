"""A face marked by hand: measured like one that was found, upright in its turn, refused where it is no box."""

import numpy as np
import pytest

from pipeline.errors import BadMark, TriageError
from pipeline.examining.boxes import overlap
from pipeline.examining.find_faces import STANDS, find_faces
from pipeline.examining.marked_face import marked_face
from pipeline.face import TURNS, box_before, opposite, turn_by
from pipeline.marks import LEAST_SIDE, Mark
from pipeline.photo import Photo


def photo_of(rgb: np.ndarray) -> Photo:
    return Photo(rgb, "0" * 64, b"", "PNG")


def test_a_rough_box_gives_the_face_that_is_in_it(hopper):
    (found,) = find_faces(hopper)
    x0, y0, x1, y1 = found.box
    rough = (x0 - 15, y0 - 20, x1 + 5, y1 + 10)
    face = marked_face(hopper, Mark(rough))
    assert face.marked and face.score > 0.9 and face.turn == 0 and overlap(face.box, found.box) > 0.85
    assert face.crop.shape == (256, 256, 3) and face.landmarks.shape == (468, 2)


@pytest.mark.parametrize("turn", TURNS)
def test_a_mark_in_a_turned_photo(turn, hopper):
    (found,) = find_faces(hopper)
    rgb = turn_by(hopper.rgb, opposite(turn))
    there = box_before(found.box, turn, rgb.shape[1], rgb.shape[0])
    face = marked_face(photo_of(rgb), Mark(there, turn))
    assert face.turn == turn and overlap(face.box, there) > 0.85
    assert (face.crop == marked_face(hopper, Mark(found.box)).crop).mean() > 0.9


def test_where_nothing_can_be_measured_the_mean_face_lies_in_the_box():
    blank = photo_of(np.full((300, 300, 3), 128, np.uint8))
    face = marked_face(blank, Mark((50, 60, 150, 200)))
    assert face.score < STANDS and face.marked
    np.testing.assert_allclose(face.box, (50, 60, 150, 200), atol=0.01)
    assert face.landmarks[10, 1] < face.landmarks[152, 1], "the forehead lies above the chin"


@pytest.mark.parametrize(
    "box",
    [(0, 0, LEAST_SIDE - 1, 100), (-50, -50, 10, 10), (5000, 5000, 6000, 6000), (10, 10, 10, 10), (float("nan"),) * 4],
    ids=["narrow", "mostly outside", "outside", "empty", "no numbers"],
)
def test_no_face_is_marked_by_a_box_that_is_none(box, hopper):
    with pytest.raises(BadMark, match="mark the whole face"):
        marked_face(hopper, Mark(box))


def test_a_box_drawn_from_the_other_corner_is_the_same(hopper):
    (found,) = find_faces(hopper)
    x0, y0, x1, y1 = found.box
    assert (marked_face(hopper, Mark((x1, y1, x0, y0))).crop == marked_face(hopper, Mark(found.box)).crop).all()


def test_a_mark_is_kept_and_read_back():
    mark = Mark((1.25, 2, 3, 4), 180)
    assert Mark.read(mark.as_dict()) == Mark((1.2, 2, 3, 4), 180)


@pytest.mark.parametrize(
    "record", [{}, {"box": [1, 2, 3], "turn": 0}, {"box": "abcd", "turn": 0}, {"box": [1, 2, 3, 4], "turn": 45}]
)
def test_a_damaged_mark_is_an_error_in_words(record):
    with pytest.raises(TriageError, match="four numbers and a turn"):
        Mark.read(record)
