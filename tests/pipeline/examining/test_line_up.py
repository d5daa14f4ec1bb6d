"""Which faces of a photo are judged: found, marked, in which frame; and which are not, and why."""

import numpy as np
import pytest
from PIL import Image

from pipeline.errors import BadMark
from pipeline.examining import line_up as module
from pipeline.examining.find_faces import STANDS, Search, Unsure, find_faces, overlap, search
from pipeline.examining.line_up import line_up
from pipeline.lineup import BEYOND_LIMIT, UNSURE
from pipeline.marks import Mark
from pipeline.photo import Photo


@pytest.fixture(scope="module")
def coffee(sample):
    return Photo.read(sample("coffee_no_face.jpg"))


def pages(encode, form, *pictures, **how):
    first, *rest = (Image.fromarray(picture) for picture in pictures)
    return Photo.read(encode(first, form, save_all=True, append_images=rest, **how))


def test_a_portrait(hopper):
    found = line_up(hopper)
    assert len(found.faces) == 1 and found.unjudged == () and found.notes == () and found.photo is hopper
    assert (found.faces[0].crop == find_faces(hopper)[0].crop).all()


@pytest.mark.parametrize("form", ["TIFF", "GIF", "WEBP"])
def test_the_page_with_a_face_is_taken_where_the_first_has_none(form, coffee, hopper, encode):
    scene = np.asarray(Image.fromarray(coffee.rgb).resize((hopper.width, hopper.height)))
    photo = pages(encode, form, scene, scene[::-1], hopper.rgb, **({"lossless": True} if form == "WEBP" else {}))
    found = line_up(photo)
    assert found.photo.frame == 2 and len(found.faces) == 1 and found.photo.sha256 == photo.sha256
    assert found.photo.notes[0] == "page 3 of 3 was examined"
    assert found.notes == ("no face was found on the 2 frames or pages before this one",)
    if form == "TIFF":
        assert (found.faces[0].crop == find_faces(hopper)[0].crop).all()


def test_without_a_face_on_any_page_the_first_stands(coffee, encode):
    photo = pages(encode, "TIFF", coffee.rgb, coffee.rgb)
    found = line_up(photo)
    assert found.photo is photo and found.faces == ()
    assert found.notes == ("no face was found on the first 2 frames or pages of 2",)


def test_not_every_page_of_a_long_file_is_looked_at_and_it_is_said(coffee, encode, monkeypatch):
    monkeypatch.setattr(module, "MOST_PIXELS", coffee.rgb.shape[0] * coffee.rgb.shape[1])
    found = line_up(pages(encode, "TIFF", *[coffee.rgb] * 6))
    assert found.notes == ("no face was found on the first 3 frames or pages of 6",)


def test_a_mark_in_which_no_face_stands_hides_none(hopper):
    (there,) = find_faces(hopper)
    found = line_up(hopper, [Mark(there.box, 90)])
    assert sorted(face.marked for face in found.faces) in ([False, True], [True]) and len(found.faces) >= 1
    blind = [face for face in found.faces if face.marked and face.score < STANDS]
    assert not blind or any(not face.marked for face in found.faces)


def test_of_two_marks_on_one_face_the_later_counts(coffee):
    found = line_up(coffee, [Mark((100, 100, 260, 300)), Mark((110, 105, 265, 300))])
    assert len(found.faces) == 1 and found.faces[0].box[0] == pytest.approx(110, abs=0.1)


def test_a_first_page_with_a_face_is_enough(hopper, collins, encode):
    rgb = np.asarray(Image.fromarray(collins.rgb).resize((hopper.width, hopper.height)))
    assert line_up(pages(encode, "TIFF", hopper.rgb, rgb)).photo.frame == 0


def test_damage_behind_the_first_page_leaves_the_first(coffee, hopper, encode):
    first, second = Image.fromarray(coffee.rgb), Image.fromarray(hopper.rgb)
    data = encode(first, "TIFF", save_all=True, append_images=[second])
    found = line_up(Photo.read(data[: len(data) - hopper.rgb.nbytes // 2]))
    assert found.photo.frame == 0 and found.faces == ()


def test_a_mark_is_added_where_nothing_was_found(coffee):
    found = line_up(coffee, [Mark((100, 100, 260, 300))])
    assert len(found.faces) == 1 and found.faces[0].marked and found.marks == (Mark((100, 100, 260, 300)),)


def test_a_mark_stands_for_the_face_that_it_covers(hopper):
    (there,) = find_faces(hopper)
    found = line_up(hopper, [Mark(there.box)])
    assert len(found.faces) == 1 and found.faces[0].marked and overlap(found.faces[0].box, there.box) > 0.85


def test_a_mark_elsewhere_leaves_the_found_face(hopper):
    found = line_up(hopper, [Mark((0, 400, 120, 560))])
    assert sorted(face.marked for face in found.faces) == [False, True]


def test_a_mark_outside_is_an_error(hopper):
    with pytest.raises(BadMark):
        line_up(hopper, [Mark((-900, -900, -100, -100))])


def test_faces_over_the_limit_are_told_and_marked_ones_stay(hopper):
    two = Photo(np.concatenate([hopper.rgb, hopper.rgb], axis=1), "0" * 64, b"", "PNG")
    boxes = [face.box for face in find_faces(two)]
    assert len(boxes) == 2
    found = line_up(two, most=1)
    assert len(found.faces) == 1 and [each.why for each in found.unjudged] == [BEYOND_LIMIT]
    assert found.unjudged[0].size > 0 and found.unjudged[0].box is not None
    marked = line_up(two, [Mark(boxes[1])], most=1)
    assert [face.marked for face in marked.faces] == [True] and len(marked.unjudged) == 1


def test_boxes_that_were_not_looked_at_are_told_as_over_the_limit(monkeypatch, hopper):
    found, boxes = search(hopper.rgb), ((10.0, 450.0, 40.0, 480.0), (50.0, 450.0, 70.0, 490.0))
    monkeypatch.setattr(module, "search", lambda rgb: Search(found.faces, (), found.least, boxes))
    told = line_up(hopper)
    assert [(each.why, each.size, each.box) for each in told.unjudged] == [
        (BEYOND_LIMIT, 30, boxes[0]),
        (BEYOND_LIMIT, 40, boxes[1]),
    ]
    assert len(told.faces) == 1 and told.notes == ()
    assert [each.box for each in line_up(hopper, [Mark(boxes[0])]).unjudged] == [boxes[1]]
    monkeypatch.setattr(module, "most_looked_at", lambda: 2)
    assert line_up(hopper).notes == (module.UNCOUNTED,)


def test_what_could_not_be_measured_is_told_unless_it_was_marked(monkeypatch, hopper):
    box = (10.0, 450.0, 110.0, 580.0)
    found = search(hopper.rgb)
    monkeypatch.setattr(module, "search", lambda rgb: Search(found.faces, (Unsure(box, 0.97),), found.least))
    (unsure,) = line_up(hopper).unjudged
    assert (unsure.why, unsure.size, unsure.box) == (UNSURE, 130, box)
    assert line_up(hopper, [Mark(box)]).unjudged == ()


def test_a_turned_face_is_noted(hopper):
    upside_down = Photo(np.ascontiguousarray(hopper.rgb[::-1, ::-1]), "0" * 64, b"", "PNG")
    (note,) = line_up(upside_down).notes
    assert "stands on its head" in note and "180" in note
