import time

import pytest
from sqlalchemy import insert

from pipeline.casebook.casebook import Casebook
from pipeline.casebook.known import known_matches, lists, put_list, remove_list
from pipeline.casebook.people import Person
from pipeline.casebook.schema import PHOTOS
from pipeline.casebook.search import SORTS, PhotoQuery, choices, search

MANY = 100_000


@pytest.fixture
def two(casebook, case, add):
    other = casebook.create("Another")
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg"):
        add(case, name)
    add(other, "hopper_real.jpg", "50%_done.jpg")
    case.tag(2, ["front page"])
    case.hold(1, "cannot tell")
    return case, other


def names(casebook, **query) -> list[str]:
    return [row.name for row in search(casebook, PhotoQuery(**query)).rows]


def test_without_cases_nothing_is_found(casebook):
    assert search(casebook, PhotoQuery()).total == 0 and choices(casebook).verdicts == ()


def test_photos_are_found_by_what_is_known_of_them(casebook, two):
    case, other = two
    sha256 = case.record().photos[0].sha256
    assert sorted(names(casebook, text="HOPPER")) == ["hopper_face_swap.jpg", "hopper_real.jpg"]
    assert names(casebook, text="50%_d") == ["50%_done.jpg"] and names(casebook, text="50_") == []
    assert sorted(names(casebook, text=sha256[:8].upper())) == ["50%_done.jpg", "hopper_real.jpg"]
    assert names(casebook, case=other.id) == ["50%_done.jpg"]
    assert names(casebook, tags=("front page",)) == ["hopper_face_swap.jpg"]
    assert names(casebook, text="'; drop table photos; --") == []
    verdict = case.record().photos[1].examined.verdict
    assert "hopper_face_swap.jpg" in names(casebook, verdicts=(verdict,))
    assert names(casebook, release="no such") == []
    today = case.entries()[0].at[:10]
    assert len(names(casebook, since=today, until=today)) == 3 and names(casebook, until="2020-01-01") == []
    assert choices(casebook, case.id).tags == ("front page",) and choices(casebook, other.id).tags == ()


@pytest.mark.parametrize("sort", SORTS)
def test_pages_of_a_list_hold_each_photo_once(casebook, two, sort):
    pages = [search(casebook, PhotoQuery(sort=sort, first=first, most=1)) for first in range(3)]
    assert [page.total for page in pages] == [3] * 3
    assert len({(page.rows[0].case, page.rows[0].number) for page in pages}) == 3


def test_the_most_suspicious_comes_first_and_what_has_no_probability_last(casebook, two):
    rows = search(casebook, PhotoQuery()).rows
    assert [row.p_edited for row in rows] == sorted((row.p_edited for row in rows), reverse=True)


def test_a_row_tells_opinions_and_tags(casebook, two):
    rows = {row.name: row for row in search(casebook, PhotoQuery(case=two[0].id)).rows}
    assert rows["hopper_face_swap.jpg"].tags == ("front page",)
    assert [opinion.label for opinion in rows["hopper_real.jpg"].opinions] == ["cannot tell"]


def test_deleted_photos_and_other_people_s_cases_are_not_found(casebook, two):
    case, other = two
    other.delete(1, "why")
    assert len(names(casebook)) == 2
    assert search(Casebook(Person("bob", "analyst")), PhotoQuery()).total == 0
    case.share("bob", "viewer")
    assert len(names(Casebook(Person("bob", "analyst")))) == 2


def test_a_list_of_known_hashes_is_kept_and_met(casebook, case, add, sample):
    from pipeline.casebook.known_hashes import KnownHash

    database, data = casebook.keeping.database, sample("hopper_real.jpg")
    import hashlib

    rows = [KnownHash("md5", hashlib.md5(data).hexdigest(), "from the press"), KnownHash("sha256", "0" * 64, "")]
    assert put_list(database, "press", [*rows, rows[0]]).hashes == {"md5": 1, "sha256": 1}
    add(case, "hopper_real.jpg"), add(case, "hopper_face_swap.jpg")
    first, second = case.record().photos
    assert [(match.known, match.how, match.note) for match in first.matches] == [("press", "md5", "from the press")]
    assert second.matches == () and names(casebook, matched=True) == ["hopper_real.jpg"]
    put_list(database, "press", [KnownHash("phash", case_phash(casebook), "looks like it")])
    with database.reading() as connection:
        near = known_matches(connection, b"other bytes", case_phash(casebook))
    assert near == [{"known": "press", "how": "near", "note": "looks like it"}]
    remove_list(database, "press")
    assert lists(database) == [] and len(case.record().photos[0].matches) == 1


def case_phash(casebook) -> str:
    with casebook.keeping.database.reading() as connection:
        value = connection.execute(PHOTOS.select().with_only_columns(PHOTOS.c.phash)).scalars().first()
    return int(value).to_bytes(8, "big", signed=True).hex()


def test_a_casebook_of_a_hundred_thousand_photos_is_paged_by_its_indices(casebook, case):
    """No time is asserted (`make bench` measures it): a page must not look at every photo to find its first ones."""
    rows = [
        {"case_id": case.id, "number": n, "name": f"{n}.jpg", "sha256": f"{n:064x}", "bytes": 1, "at": "2026-01-01",
         "who": "ada", "verdict": ("real", "deepfake")[n % 2], "p_edited": n / MANY}
        for n in range(1, MANY + 1)
    ]  # fmt: skip
    with casebook.keeping.database.writing() as connection:
        connection.execute(insert(PHOTOS), rows)
    since = time.monotonic()
    page = search(casebook, PhotoQuery(case.id))
    assert page.total == MANY and page.rows[0].name == f"{MANY}.jpg" and casebook.cases()[0].total == MANY
    with casebook.keeping.database.reading() as connection:
        asked = PHOTOS.select().where(PHOTOS.c.case_id == case.id, PHOTOS.c.deleted.is_(False))
        text = str(asked.order_by(*SORTS["Most suspicious first"]).limit(60).compile(
            compile_kwargs={"literal_binds": True}))  # fmt: skip
        plan = " ".join(row[-1] for row in connection.exec_driver_sql(f"explain query plan {text}"))
    assert "photos_suspicion" in plan or "INDEX" in plan, plan
    print(f"{time.monotonic() - since:.2f} s")
