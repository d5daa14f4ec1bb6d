"""No face is lost: in scenes, in large photos, on its side; and what does not stand is told, not dropped."""

import itertools

import numpy as np
import pytest
from PIL import Image, ImageFilter

from models.faces import retinaface
from models.faces.blazeface import Detection
from pipeline.examining import find_faces as module
from pipeline.examining.boxes import overlap, touching
from pipeline.examining.crowds import thinned
from pipeline.examining.find_faces import LEAST_SEEN, find_faces, search
from pipeline.examining.parts import OVERLAP, TILE, moved, starts_of
from pipeline.face import TURNS, crop_of, in_crop, opposite, points_before, turn_by
from pipeline.photo import Photo
from tests.bench.faces import four_face_scenes, single_scenes


@pytest.fixture(scope="module")
def swap(sample) -> np.ndarray:
    """A face of 92 × 120 px in 512 × 512."""
    return Photo.read(sample("collins_face_swap.jpg")).rgb


def laid(portrait: np.ndarray, width: int, height: int, left: int, top: int) -> np.ndarray:
    scene = np.full((height, width, 3), 128, np.uint8)
    scene[top : top + portrait.shape[0], left : left + portrait.shape[1]] = portrait
    return scene


def test_a_face_at_a_random_place_is_found():
    assert [len(search(scene).faces) for scene in single_scenes(30)] == [1] * 30


def test_four_faces_of_a_scene_are_found():
    assert [len(search(scene).faces) for scene in four_face_scenes(10)] == [4] * 10


def test_of_too_many_boxes_the_largest_are_looked_at_and_the_rest_told(monkeypatch):
    scene, measured, measure = next(four_face_scenes(1)), [], module.face_in_box
    whole = search(scene)
    monkeypatch.setattr(module, "most_looked_at", lambda: 4)
    same = search(scene)
    assert [face.box for face in same.faces] == [face.box for face in whole.faces] and same.beyond == ()
    assert all((one.crop == other.crop).all() for one, other in zip(same.faces, whole.faces, strict=True))
    monkeypatch.setattr(module, "most_looked_at", lambda: 2)
    monkeypatch.setattr(module, "face_in_box", lambda *asked: measured.append(asked[1]) or measure(*asked))
    found = search(scene)
    assert len(found.faces) == 2 and len(found.beyond) == 2 and len(measured) <= 8
    places = [*(face.box for face in found.faces), *found.beyond]
    assert all(any(touching(face.box, place) for place in places) for face in whole.faces), "each is told"


def test_thousands_of_boxes_are_thinned_to_the_largest_each_face_once():
    size = 10 + np.arange(3000) % 6
    left, top = np.arange(3000) % 100 * 20, np.arange(3000) // 100 * 20
    boxes = [Detection((x, y, x + s, y + s), np.zeros((2, 2)), 0.9) for x, y, s in zip(left, top, size, strict=True)]
    assert thinned(boxes, 3000) == (boxes, [])
    kept, told = thinned([*boxes, *(moved(each, 1, 0) for each in boxes)], 400)
    assert len(kept) == len(told) == 400 and {each.box[2] - each.box[0] for each in kept} == {15}
    assert len({(each.box[0] // 20, each.box[1]) for each in [*kept, *told]}) == 800


@pytest.mark.parametrize("place", [(544, 344), (408, 344), (952, 0)], ids=str)
def test_a_poor_box_does_not_hide_a_good_one(place, swap):
    assert len(search(laid(swap, 1600, 1200, *place)).faces) == 1


def test_beside_a_portrait_a_second_person_is_found(hopper, swap):
    scene = np.full((1200, 1600, 3), 128, np.uint8)
    scene[300 : 300 + hopper.height, : hopper.width] = hopper.rgb
    scene[86:598, 598:1110] = swap
    assert len(search(scene).faces) == 2


@pytest.mark.parametrize(("width", "height"), [(9000, 600), (8000, 6000), (600, 5000), (4000, 3000)], ids=str)
def test_a_small_face_of_a_large_photo_is_found(width, height, swap):
    found = search(laid(swap, width, height, max(0, width // 2 - 300), height // 2 - 256))
    assert len(found.faces) == 1 and found.least <= 66
    x0, y0, x1, y1 = found.faces[0].box
    assert max(0, width // 2 - 300) < x0 < x1 < max(0, width // 2 - 300) + 512 and height // 2 - 256 < y0 < y1


def test_a_face_on_the_border_of_two_parts_is_found_once(swap):
    edge = starts_of(8000)[1]
    assert len(search(laid(swap, 8000, 700, edge - 250, 100)).faces) == 1


def test_parts_cover_a_side_and_share_what_they_must():
    assert starts_of(TILE) == [0] and starts_of(3000) == [0]
    for length in (TILE + 1, 8000, 9000, 20_000):
        starts = starts_of(length)
        assert starts[0] == 0 and starts[-1] + TILE == length
        assert all(later - former <= TILE - OVERLAP for former, later in itertools.pairwise(starts))


def test_it_is_told_from_which_size_faces_were_seen(hopper):
    assert search(np.full((600, 2560, 3), 128, np.uint8)).least == 2 * LEAST_SEEN
    assert search(hopper.rgb).least == round(LEAST_SEEN * hopper.height / 320) <= 64, "coarse beside a portrait"


@pytest.mark.parametrize("longest", [1600, 2600])
def test_beside_a_large_portrait_a_face_worth_judging_is_found(longest, hopper):
    large = np.asarray(Image.fromarray(hopper.rgb).resize((longest * hopper.width // hopper.height, longest)))
    scene = np.concatenate([large, np.full((longest, 500, 3), 128, np.uint8)], axis=1)
    small = np.asarray(Image.fromarray(hopper.rgb).resize((190, 223)))  # a face of 75 px
    scene[200:423, -250:-60] = small
    found = search(scene)
    assert len(found.faces) == 2 and found.faces[1].size > 64 and found.least <= 66


@pytest.mark.parametrize("turn", TURNS[1:])
@pytest.mark.parametrize("name", ["collins_real.jpg", "collins_face_swap.jpg", "hopper_self_blend.jpg"])
def test_no_portrait_is_examined_on_its_head(name, turn, sample):
    rgb = Photo.read(sample(name)).rgb
    (there,), (here,) = search(rgb).faces, search(turn_by(rgb, opposite(turn))).faces
    assert (there.turn, here.turn) == (0, turn) and (here.crop == there.crop).all()


def test_one_doubtful_face_is_told_once(monkeypatch, hopper):
    box = Detection((10.0, 450.0, 110.0, 580.0), np.array([(30.0, 530.0), (60.0, 530.0)]), 0.97)
    again = Detection((12.0, 455.0, 108.0, 575.0), box.eyes, 0.95)
    real = retinaface.find
    monkeypatch.setattr(retinaface, "find", lambda *a, **k: [*real(*a, **k), box, again])
    monkeypatch.setattr(module, "face_in_box", _blind_to((box, again), module.face_in_box))
    assert len(search(hopper.rgb).unsure) == 1


def test_both_of_two_people_are_found_where_one_stands_on_his_head(hopper, swap):
    scene = np.full((700, 1200, 3), 128, np.uint8)
    scene[50 : 50 + hopper.height, : hopper.width] = hopper.rgb
    scene[100:612, 600:1112] = turn_by(swap, 180)
    assert sorted(face.turn for face in search(scene).faces) == [0, 180]


@pytest.mark.parametrize("turn", TURNS[1:])
def test_a_turned_twin_is_judged_as_its_reference(turn, hopper):
    (there,), (face,) = find_faces(hopper), search(turn_by(hopper.rgb, opposite(turn))).faces
    assert face.turn == turn and (face.crop == there.crop).all() and face.size == pytest.approx(there.size)
    np.testing.assert_allclose(in_crop(face, 256), in_crop(there, 256), atol=1e-3)


@pytest.mark.parametrize("turn", TURNS)
def test_a_turned_face_lies_in_the_photos_own_frame(turn, hopper):
    rgb = turn_by(hopper.rgb, opposite(turn))
    (face,) = search(rgb).faces
    x0, y0, x1, y1 = face.box
    assert 0 <= x0 < x1 <= rgb.shape[1] and 0 <= y0 < y1 <= rgb.shape[0]
    low, high = face.landmarks.min(axis=0), face.landmarks.max(axis=0)
    np.testing.assert_allclose((x0, y0, x1, y1), (*low, *high), atol=0.01)
    assert np.abs(crop_of(rgb, face.window, face.turn, 256).astype(int) - face.crop).max() <= 1


def test_a_face_on_its_side_among_upright_ones_is_turned_alone(hopper, swap):
    scene = np.full((700, 1200, 3), 128, np.uint8)
    scene[50 : 50 + hopper.height, : hopper.width] = hopper.rgb
    scene[100:612, 600:1112] = turn_by(swap, 270)
    faces = search(scene).faces
    assert sorted(face.turn for face in faces) == [0, 90]
    (aside,) = (face for face in faces if face.turn)
    assert aside.box[0] > 600


def test_turning_there_and_back():
    rgb = np.arange(5 * 7 * 3, dtype=np.uint8).reshape(5, 7, 3)
    for turn in TURNS:
        assert (turn_by(turn_by(rgb, turn), opposite(turn)) == rgb).all()
    points = np.array([(0.5, 0.5), (6.5, 4.5)])  # the centres of the first and the last pixel of 7 × 5
    for turn in TURNS:
        picture = turn_by(rgb, turn)
        before = points_before(np.array([(0.5, 0.5), (picture.shape[1] - 0.5, picture.shape[0] - 0.5)]), turn, 7, 5)
        values = [rgb[int(y), int(x), 0] for x, y in before]
        assert values == [picture[0, 0, 0], picture[-1, -1, 0]], turn
    assert (points_before(points, 0, 7, 5) == points).all()


def test_a_box_without_a_mesh_is_told(monkeypatch, hopper):
    """A clear box of some size in which no face stands, away from those that do."""
    elsewhere = Detection((10.0, 500.0, 90.0, 590.0), np.array([(30.0, 530.0), (60.0, 530.0)]), 0.97)
    faint = Detection((400.0, 500.0, 480.0, 590.0), elsewhere.eyes, 0.85)
    tiny = Detection((300.0, 560.0, 320.0, 585.0), elsewhere.eyes, 0.99)
    inside = Detection((180.0, 120.0, 330.0, 200.0), elsewhere.eyes, 0.97)
    real = retinaface.find
    monkeypatch.setattr(retinaface, "find", lambda *a, **k: [*real(*a, **k), elsewhere, faint, tiny, inside])
    monkeypatch.setattr(module, "face_in_box", _blind_to((elsewhere, faint, tiny, inside), module.face_in_box))
    found = search(hopper.rgb)
    assert len(found.faces) == 1 and [each.box for each in found.unsure] == [elsewhere.box]
    assert found.unsure[0].size == 90


def _blind_to(boxes, measured):
    return lambda rgb, detection, size: None if detection in boxes else measured(rgb, detection, size)


def test_overlap_and_touching():
    assert overlap((0, 0, 10, 10), (0, 0, 10, 10)) == 1 and overlap((0, 0, 1, 1), (5, 5, 6, 6)) == 0
    assert overlap((0, 0, 10, 10), (5, 0, 15, 10)) == pytest.approx(1 / 3)
    assert touching((0, 0, 100, 100), (90, 90, 110, 110)) is False and touching((0, 0, 100, 100), (10, 10, 20, 20))
    assert overlap((0, 0, 0, 0), (0, 0, 0, 0)) == 0


def test_no_face_in_any_turn(sample):
    photo = Photo.read(sample("coffee_no_face.jpg"))
    assert search(photo.rgb).faces == () and Image.fromarray(photo.rgb).size == (photo.width, photo.height)


def test_the_box_of_a_doubtful_face_is_in_plain_numbers(hopper):
    """A blurred face is seen and not measured; its record must be written like any other."""
    rgb = np.asarray(Image.fromarray(hopper.rgb).filter(ImageFilter.GaussianBlur(15)))
    (unsure,) = search(rgb).unsure
    assert all(type(edge) is float for edge in (*unsure.box, unsure.score))
