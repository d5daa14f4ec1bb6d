import pytest

from pipeline.casebook.agreement import BesideRelease, Held, Pair, agreement, cohens_kappa
from pipeline.casebook.case_parts import members_of, opinions_of
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person


def held(number, who, label, verdict="real", blind=True):
    return Held(number, who, label, blind, verdict)


def test_kappa_is_that_of_the_textbook():
    """Of 50 grants two readers want 20 both and 15 neither; of the others one alone wants 5, the other alone 10."""
    labels = [("deepfake", "deepfake")] * 20 + [("deepfake", "real")] * 5
    labels += [("real", "deepfake")] * 10 + [("real", "real")] * 15
    assert cohens_kappa(labels) == pytest.approx(0.4)
    assert cohens_kappa([(other, one) for one, other in labels]) == pytest.approx(0.4)


def test_kappa_is_one_where_all_agree_and_below_nought_where_people_contradict_each_other():
    assert cohens_kappa([("real", "real"), ("deepfake", "deepfake")]) == 1
    assert cohens_kappa([("real", "deepfake"), ("deepfake", "real")]) == -1
    assert cohens_kappa([("real", "real"), ("real", "facetune"), ("facetune", "real"), ("facetune", "facetune")]) == 0


@pytest.mark.parametrize("labels", [[], [("real", "real")] * 7])
def test_kappa_is_not_said_where_nothing_beyond_chance_could_be_seen(labels):
    assert cohens_kappa(labels) is None


def test_photos_opinions_and_people_are_counted():
    counted = agreement(
        [
            held(1, "bob", "real"),
            held(1, "ada", "real"),
            held(2, "ada", "deepfake", "deepfake"),
            held(2, "bob", "facetune", "deepfake"),
            held(2, "eve", "deepfake", "deepfake", blind=False),
            held(3, "ada", "cannot tell", "inconclusive"),
        ]
    )
    assert (counted.photos, counted.shared, counted.agreed) == (3, 2, 1)
    assert counted.pairs[0] == Pair("ada", "bob", 2, 1, pytest.approx(1 / 3))
    assert counted.pairs[1:] == (Pair("ada", "eve", 1, 1, None), Pair("bob", "eve", 1, 0, 0.0))
    assert counted.people == (
        BesideRelease("ada", 3, 3, 2, 2),
        BesideRelease("bob", 2, 2, 2, 1),
        BesideRelease("eve", 1, 0, 1, 1),
    )


def test_the_last_opinion_of_a_person_counts():
    counted = agreement([held(1, "ada", "deepfake"), held(1, "bob", "real"), held(1, "ada", "real")])
    assert (counted.photos, counted.shared, counted.agreed) == (1, 1, 1)


def test_who_does_not_commit_themselves_neither_agrees_nor_contradicts_the_release():
    verdicts = {1: "inconclusive", 2: "", 3: "real"}
    counted = agreement([held(1, "ada", "real", verdicts[1]), held(2, "ada", "real", verdicts[2]),
                         held(3, "ada", "cannot tell", verdicts[3])])  # fmt: skip
    assert counted.people == (BesideRelease("ada", 3, 3, 0, 0),)
    assert agreement([]).pairs == () and agreement([]).photos == 0


def test_opinions_of_a_case_are_read_with_the_verdicts_that_stand_beside_them(case, add):
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg", "coffee_no_face.jpg"):
        add(case, name)
    case.hold(2, "deepfake")
    case.hold(2, "facetune", "at second sight")
    case.share("bob", "reviewer")
    bob = Casebook(Person("bob", "viewer")).open(case.id)
    bob.hold(1, "real")
    bob.hold(3, "real")
    case.delete(3, "not of this matter")
    verdicts = {photo.number: photo.examined.verdict for photo in case.record().photos}
    assert opinions_of(case) == [
        Held(1, "bob", "real", True, verdicts[1]),
        Held(2, "ada", "facetune", True, verdicts[2]),
    ]


def test_people_with_whom_a_case_is_shared_are_listed_by_name(case):
    assert members_of(case) == {}
    for person, role in (("eve", "viewer"), ("bob", "reviewer"), ("eve", "")):
        case.share(person, role)
    assert members_of(case) == {"bob": "reviewer"}
