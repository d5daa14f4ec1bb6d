"""A list of photos tells nobody a verdict of a blind case before they gave their opinion."""

import pytest

from pipeline.casebook.adding import add_outcome
from pipeline.casebook.case import Case
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from pipeline.casebook.search import BY_SUSPICION, SORTS, PhotoQuery, numbers, search
from pipeline.intake import Item

PHOTOS = ("hopper_real.jpg", "hopper_face_swap.jpg", "hopper_smooth_skin.jpg")


@pytest.fixture
def blind(casebook, add):
    """A blind case of three photos; ada gave an opinion on the least suspicious one."""
    case = casebook.create("Blind", blind=True)
    for name in PHOTOS:
        add(case, name)
    least = search(casebook, PhotoQuery(case.id)).rows[-1].number
    case.hold(least, "real")
    return case, least


def order(casebook, **query):
    return numbers(casebook, PhotoQuery(**query))


def test_what_waits_for_an_opinion_is_counted_by_person(casebook, blind):
    case, least = blind
    waiting = search(casebook, PhotoQuery(case.id, waiting_for="ada"))
    assert waiting.total == 2 and least not in [row.number for row in waiting.rows]
    assert search(casebook, PhotoQuery(case.id, waiting_for="bob", most=0)).total == 3


def test_order_by_suspicion_tells_nothing_of_what_is_hidden(casebook, blind):
    case, least = blind
    hidden = sorted({1, 2, 3} - {least})
    assert order(casebook, case=case.id)[-1] == least, "the order itself would tell"
    assert order(casebook, case=case.id, shown_to="ada") == [least, *hidden]
    assert order(casebook, case=case.id, shown_to="bob") == [1, 2, 3]


def test_no_question_for_a_verdict_is_answered_of_what_is_hidden(casebook, blind):
    case, least = blind
    verdicts = {row.number: row.verdict for row in search(casebook, PhotoQuery(case.id)).rows}
    for label in set(verdicts.values()):
        mine = [least] if verdicts[least] == label else []
        assert order(casebook, case=case.id, verdicts=(label,), shown_to="ada") == mine
        assert order(casebook, verdicts=(label,), shown_to="bob") == []


def test_of_a_case_that_is_not_blind_nothing_is_hidden(casebook, case, add):
    for name in PHOTOS:
        add(case, name)
    assert order(casebook, case=case.id, shown_to="bob") == order(casebook, case=case.id)
    row = search(casebook, PhotoQuery(case.id)).rows[0]
    assert not row.hidden
    assert order(casebook, case=case.id, verdicts=(row.verdict,), shown_to="bob")


def test_a_photo_knows_whether_it_is_hidden_from_the_person_who_asks(casebook, blind):
    case, least = blind
    bob = Casebook(Person("bob", "admin"))
    assert all(row.hidden for row in search(bob, PhotoQuery(case.id)).rows)
    for row in search(casebook, PhotoQuery(case.id)).rows:
        assert row.hidden == (row.number != least)


def test_a_verdict_that_was_shown_is_hidden_no_longer_and_one_from_one_s_own_run_never_was(casebook, blind, add):
    case, least = blind
    other = next(row.number for row in search(casebook, PhotoQuery(case.id)).rows if row.number != least)
    case.open(other)
    rows = {row.number: row for row in search(casebook, PhotoQuery(case.id)).rows}
    assert not rows[other].hidden and rows[other].verdict
    add(case, PHOTOS[0], "mine.jpg", source="run 20260101-000000-00000000")
    assert not search(casebook, PhotoQuery(case.id, text="mine")).rows[0].hidden
    assert search(casebook, PhotoQuery(case.id, hidden_from="ada", most=0)).total == 1
    assert search(casebook, PhotoQuery(case.id, waiting_for="ada", most=0)).total == 3, "an opinion may still be given"
    bob = Casebook(Person("bob", "admin"))
    assert search(bob, PhotoQuery(case.id, text="mine")).rows[0].hidden


def test_a_photo_without_a_verdict_waits_for_nobody(casebook):
    case = casebook.create("Blind", blind=True)
    add_outcome(case, Item("page.jpg", b"<html>"), "", "files", {"code": "not_a_photo", "message": "No photo."})
    (row,) = search(casebook, PhotoQuery(case.id)).rows
    assert not row.hidden and row.error == "No photo."
    assert search(casebook, PhotoQuery(case.id, hidden_from="ada", most=0)).total == 0


@pytest.mark.parametrize("sort", SORTS)
def test_numbers_are_those_of_all_pages_in_the_list_s_order(casebook, case, add, sort):
    for name in PHOTOS:
        add(case, name)
    pages = [search(casebook, PhotoQuery(case.id, sort=sort, first=first, most=1)).rows[0] for first in range(3)]
    assert numbers(casebook, PhotoQuery(case.id, sort=sort, most=1)) == [row.number for row in pages]


def test_numbers_of_a_case_are_not_given_to_strangers(casebook, case, add):
    assert numbers(casebook, PhotoQuery(case.id, sort=BY_SUSPICION)) == []
    add(case, PHOTOS[0])
    assert numbers(casebook, PhotoQuery(case.id)) == [1]
    assert numbers(Casebook(Person("eve", "analyst")), PhotoQuery(case.id)) == []


def test_a_part_of_the_log_is_read(case, add):
    add(case, PHOTOS[0])
    assert [entry.number for entry in case.entries(2, 3)] == [2, 3]
    assert [entry.number for entry in case.entries(2)] == [entry.number for entry in case.entries()][1:]


def test_tags_lists_and_opinions_of_what_is_hidden_are_not_told(casebook, blind):
    """Neither on a list, nor by a filter."""
    case, least = blind
    for number in (1, 2, 3):
        case.tag(number, ["known deepfake"])
        case.act(("matched", {"photo": number, "matches": [{"known": "fakes", "how": "sha256", "note": ""}]}))
        Case(case.keeping, case.id, Person("bob", "admin")).hold(number, "deepfake")
    for row in search(casebook, PhotoQuery(case.id)).rows:
        told = bool(row.tags), bool(row.matches), bool(row.opinions)
        assert set(told) == {row.number == least}
    for asked in ({"tags": ("known deepfake",)}, {"matched": True}):
        assert order(casebook, case=case.id, shown_to="ada", **asked) == [least]


def test_who_took_a_report_has_seen_the_verdicts_that_are_in_it(casebook, blind, add, monkeypatch):
    """Their opinions are blind no longer; of what came later they are."""
    case, least = blind
    monkeypatch.setattr("pipeline.casebook.log.now", lambda: "2999-01-01T00:00:00Z")
    case.act(("exported", {"what": "report, pdf", "sha256": "0" * 64}))
    monkeypatch.setattr("pipeline.casebook.log.now", lambda: "2999-01-02T00:00:00Z")
    add(case, PHOTOS[0], "later.jpg")
    rows = {row.number: row.hidden for row in search(casebook, PhotoQuery(case.id)).rows}
    assert rows == {1: False, 2: False, 3: False, 4: True}
    other = next(number for number in (1, 2, 3) if number != least)
    assert not case.hold(other, "real").blind and case.hold(4, "real").blind
    bob = Case(case.keeping, case.id, Person("bob", "admin"))
    assert bob.hold(other, "real").blind
