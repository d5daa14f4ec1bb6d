"""One photo read from its own entries is the photo that the whole log tells of."""

import pytest

from pipeline.casebook.photo_log import read_photo
from pipeline.errors import UnknownName
from pipeline.face import Box

REGION: Box = (10.0, 20.0, 110.0, 120.0)


def test_a_photo_is_read_as_the_whole_log_tells_it(case, add):
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg", "hopper_smooth_skin.jpg"):
        add(case, name)
    case.open(2)
    case.hold(2, "deepfake", 'She wrote "photo":1, and "photo":3}', REGION)
    case.hold(1, "real")
    case.tag(2, ["press", "odd"])
    case.delete(3, "The owner asked for it.")
    for photo in case.record().photos:
        assert read_photo(case.keeping, case.id, photo.number).photo == photo
    entries = read_photo(case.keeping, case.id, 2).entries
    assert [entry.act for entry in entries] == ["added", "examined", "opened", "opinion", "tagged"]
    assert [entry.number for entry in entries] == sorted(entry.number for entry in entries)
    assert read_photo(case.keeping, case.id, 3).photo.deleted == "The owner asked for it."


def test_a_number_that_begins_another_is_another(case, add):
    for number in range(1, 13):
        add(case, "hopper_real.jpg", f"{number}.jpg")
    case.tag(12, ["twelve"])
    assert read_photo(case.keeping, case.id, 1).photo.tags == () and read_photo(
        case.keeping, case.id, 12
    ).photo.tags == ("twelve",)
    assert {entry.facts["photo"] for entry in read_photo(case.keeping, case.id, 1).entries} == {1}


@pytest.mark.parametrize("number", [0, 7, 10**9])
def test_a_photo_that_there_is_not_is_told(case, add, number):
    add(case, "hopper_real.jpg")
    with pytest.raises(UnknownName, match=f"no photo {number}"):
        read_photo(case.keeping, case.id, number)


def test_photos_of_another_case_stay_there(casebook, case, add):
    add(case, "hopper_real.jpg", "mine.jpg")
    other = casebook.create("Another matter")
    add(other, "hopper_face_swap.jpg", "other.jpg")
    assert (
        read_photo(case.keeping, case.id, 1).photo.name == "mine.jpg"
        and read_photo(other.keeping, other.id, 1).photo.name == "other.jpg"
    )
