"""Photos like one, within a case and across all that a person may see."""

import time
from typing import Any

import numpy as np
import pytest
from sqlalchemy import insert

from pipeline.casebook.alike.like_photos import MOST, like_photos, other_photos, read_fingerprints
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from pipeline.casebook.schema import CASES, PHOTOS


@pytest.fixture
def look(casebook: Casebook, examined: dict[str, Any]) -> Any:
    """Look for what is like a sample, as somebody sees it."""

    def search(case: Any, number: int, name: str, book: Casebook = casebook, parts: bool = False) -> list[Any]:
        photo = examined[name].photo
        return like_photos(book, read_fingerprints(book), (case.id, number), photo.sha256, photo.rgb, parts)

    return search


def test_the_same_bytes_come_first_then_what_looks_like_it(casebook, case, add, look):
    other = casebook.create("Another matter")
    add(case, "hopper_real.jpg")
    add(case, "hopper_smooth_skin.jpg")
    add(case, "coffee_no_face.jpg")
    add(other, "hopper_real.jpg", "copy.jpg")
    hits = look(case, 1, "hopper_real.jpg")
    assert [(one.photo.case_name, one.photo.name, one.same_bytes) for one in hits] == [
        ("Another matter", "copy.jpg", True),
        ("The matter", "hopper_smooth_skin.jpg", False),
    ]
    assert hits[0].near is None and hits[1].near.bits <= 10 and hits[1].near.way == "as it is"
    assert hits[1].photo.verdict and hits[1].photo.width == 512 and not hits[1].photo.is_hidden


def test_what_a_person_may_not_see_is_not_found(casebook, case, add, look):
    other = casebook.create("Another matter")
    for each in (case, other):
        add(each, "hopper_real.jpg")
    case.share("ben", "viewer")
    ben = Casebook(Person("ben", "viewer"))
    assert [one.photo.case for one in look(case, 1, "hopper_real.jpg")] == [other.id]
    assert look(case, 1, "hopper_real.jpg", ben) == []
    assert other_photos(ben, [(other.id, 1)]) == []


def test_a_verdict_that_is_hidden_is_not_betrayed(casebook, case, add, look):
    blind = casebook.create("Look first", blind=True)
    add(case, "hopper_real.jpg")
    add(blind, "hopper_real.jpg")
    (hit,) = look(case, 1, "hopper_real.jpg")
    assert hit.photo.is_hidden and (hit.photo.verdict, hit.photo.p_edited, hit.photo.dossier) == ("", None, "")
    blind.hold(1, "cannot tell")
    (hit,) = look(case, 1, "hopper_real.jpg")
    assert not hit.photo.is_hidden and hit.photo.verdict and hit.photo.p_edited is not None


def test_a_deleted_photo_is_not_found(case, add, look):
    add(case, "hopper_real.jpg")
    add(case, "hopper_real.jpg", "copy.jpg")
    case.delete(2, "twice")
    assert look(case, 1, "hopper_real.jpg") == []


def test_a_photo_that_cannot_be_read_is_found_by_its_bytes(casebook, case, add, examined):
    add(case, "hopper_real.jpg")
    add(case, "hopper_real.jpg", "copy.jpg")
    sha256 = examined["hopper_real.jpg"].photo.sha256
    hits = like_photos(casebook, read_fingerprints(casebook), (case.id, 1), sha256, None)
    assert [(one.photo.number, one.same_bytes) for one in hits] == [(2, True)]


def test_a_hundred_thousand_photos_are_looked_through_in_seconds(casebook, case, add, look):
    add(case, "hopper_real.jpg")
    rng = np.random.default_rng(0)
    hashes = rng.integers(-(2**63), 2**63, 100_000)
    rows = [
        {"case_id": "many", "number": number, "name": f"{number}.jpg", "phash": int(value), "thumb": bytes(256)}
        for number, value in enumerate(hashes, 1)
    ]
    with casebook.keeping.database.writing() as connection:
        connection.execute(insert(CASES).values(id="many", name="Many", tags="[]", created_by="ada"))
        for first in range(0, len(rows), 10_000):
            connection.execute(insert(PHOTOS), rows[first : first + 10_000])
    begun = time.perf_counter()
    assert len(read_fingerprints(casebook).keys) == 100_001
    assert time.perf_counter() - begun < 10
    assert len(look(case, 1, "hopper_real.jpg")) <= MOST
