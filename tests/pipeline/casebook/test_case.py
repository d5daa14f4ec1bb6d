import io
import json
from concurrent.futures import ThreadPoolExecutor

import pytest
from PIL import Image

from pipeline.cascade import examine
from pipeline.casebook import dossier
from pipeline.casebook.adding import add_from_run, add_item, add_outcome, examine_again
from pipeline.casebook.archive import export_case
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.checks.verify import verify_case
from pipeline.casebook.keeping import exhibits_of
from pipeline.casebook.log import faults
from pipeline.casebook.people import Person
from pipeline.casebook.runs import Runs
from pipeline.casebook.texts import LONGEST_NAME, LONGEST_TEXT
from pipeline.errors import BadCase, EditedMeanwhile, NotAllowed, UnknownName, UnreadablePhoto
from pipeline.intake import Item
from pipeline.marks import Mark
from pipeline.photo import Photo


def test_an_empty_home_has_no_cases_and_stays_empty(casebook, home):
    assert casebook.cases() == [] and not home.exists()


def test_a_case_is_found_by_name_id_and_the_id_s_beginning(casebook, case):
    for name in ("The matter", "the  MATTER", case.id, case.id[:8]):
        assert casebook.open(name).id == case.id
    with pytest.raises(UnknownName, match="The matter"):
        casebook.open("The mater")
    with pytest.raises(UnknownName):
        casebook.open(case.id[:3])
    with pytest.raises(UnknownName):
        casebook.open("%" * 8)


@pytest.mark.parametrize("name", ["", "  \n ", "x" * (LONGEST_NAME + 1), "THE matter"])
def test_a_name_that_is_empty_too_long_or_taken_is_refused(casebook, case, name):
    with pytest.raises(BadCase):
        casebook.create(name)
    assert len(casebook.cases()) == 1


def test_odd_letters_of_a_name_are_kept_and_what_no_database_takes_is_replaced(casebook):
    case = casebook.create("=cmd|'/c calc'!A0 \u202e <b>\ud800\0\nnext", "d\0d", ["a\nb", "a b", " "])
    record = case.record()
    assert record.name == "=cmd|'/c calc'!A0 \u202e <b>?� next"
    assert (record.description, record.tags) == ("d�d", ("a b",))


def test_a_photo_is_kept_with_all_that_was_found(casebook, case, add, examined):
    arrival = add(case, "hopper_face_swap.jpg")
    (photo,) = case.record().photos
    kept = photo.examined
    assert (arrival.number, arrival.is_new, arrival.error) == (1, True, None)
    assert case.keeping.originals.read(photo.sha256) == examined["hopper_face_swap.jpg"].photo.data
    dossier = json.loads(case.keeping.objects.read(kept.dossier))
    assert dossier["record"]["verdict"] == kept.verdict == examined["hopper_face_swap.jpg"].verdict.label
    assert dossier["record"]["p_edited"] == kept.p_edited and dossier["findings"]
    assert dossier["measured"]["calibration"]["edited"]["n"] > 100 and dossier["measured"]["like_this"]["sentence"]
    for name in (kept.arrays, kept.thumbnail, kept.overlay):
        assert case.keeping.objects.read(name)
    assert casebook.facts(case).photos == {kept.verdict: 1}


def test_the_same_bytes_under_the_same_name_are_added_once_and_under_another_again(case, add):
    first, again = add(case, "hopper_real.jpg"), add(case, "hopper_real.jpg")
    other = add(case, "hopper_real.jpg", "b.jpg")
    assert (first.number, again.number, other.number) == (1, 1, 2) and not again.is_new and other.is_new


def test_what_cannot_be_examined_is_added_with_its_error_and_the_rest_goes_on(case, quick, sample):
    items = [
        Item("cut.jpg", sample("hopper_real.jpg")[:2000]),
        Item("page.jpg", b"<!doctype html><script>alert(1)</script>"),
        Item("broken.zip: a.jpg", error=UnreadablePhoto("It could not be unpacked.")),
        Item("good.jpg", sample("hopper_real.jpg")),
    ]
    arrivals = [add_item(case, item, quick, heatmaps=False) for item in items]
    photos = case.record().photos
    assert [arrival.error and arrival.error["code"] for arrival in arrivals] == ["unreadable_photo"] * 3 + [None]
    assert [bool(photo.error) for photo in photos] == [True, True, True, False] and photos[2].sha256 == ""
    assert case.keeping.originals.read(photos[1].sha256) == items[1].data


def test_a_double_press_adds_a_photo_once(case, add):
    with ThreadPoolExecutor(6) as pool:
        arrivals = list(pool.map(lambda _: add(case, "hopper_real.jpg"), range(6)))
    assert sum(arrival.is_new for arrival in arrivals) == 1 and len(case.record().photos) == 1


def test_many_write_at_once_and_the_chain_holds(casebook, home):
    cases = [casebook.create(f"case {n}") for n in range(2)]
    people = [Casebook(Person(f"p{n}"), home=home) for n in range(8)]

    def work(n):
        mine = people[n % 8].open(cases[n % 2].id)
        mine.describe(description=f"by {n}")

    with ThreadPoolExecutor(8) as pool:
        list(pool.map(work, range(80)))
    for case in cases:
        entries = case.entries()
        assert len(entries) == 41 and list(faults(entries, case.id)) == []


def test_an_opinion_is_blind_until_the_verdict_was_seen_and_both_are_kept(casebook, case, add):
    add(case, "hopper_real.jpg")
    assert not case.knows_verdict(1)
    first = case.hold(1, "deepfake", "odd ears", (1.0, 2.0, 30.0, 40.0))
    case.open(1)
    case.open(1)
    second = case.hold(1, "real")
    other = Casebook(Person("bob")).open(case.id).hold(1, "cannot tell")
    (photo,) = case.record().photos
    assert [opinion.blind for opinion in photo.opinions] == [True, False, True]
    assert photo.opinions == (first, second, other) and photo.opinions[0].region == (1.0, 2.0, 30.0, 40.0)
    assert [entry.act for entry in case.entries()].count("opened") == 1


def test_what_is_examined_again_keeps_the_faces_that_were_marked_by_hand(case, sample, quick):
    photo = Photo.read(sample("hopper_real.jpg"))
    box = (10.0, 10.0, photo.width / 2, photo.height / 2)
    marked = examine(photo, quick, heatmaps=False, marks=[Mark(box)])
    number = add_outcome(case, Item("hopper.jpg", photo.data), case.keeping.originals.keep(photo.data), "files", marked)
    examine_again(case, number.number, quick)
    first, second = case.record().photos[0].examinations
    before, after = (dossier.read(each.dossier, case.keeping.objects)["record"] for each in (first, second))
    assert after["marks"] == before["marks"] == [Mark(box).as_dict()]
    assert len(after["faces"]) == len(before["faces"])


def test_a_verdict_that_stood_in_one_s_own_run_was_seen(case, add, casebook):
    add(case, "hopper_real.jpg", source="run 20260101-000000-00000000")
    assert case.knows_verdict(1) and not case.hold(1, "real").blind
    assert Casebook(Person("bob")).open(case.id).hold(1, "real").blind


def test_an_unknown_opinion_photo_or_role_is_refused_and_nothing_is_logged(case, add):
    add(case, "hopper_real.jpg")
    before = len(case.entries())
    for wrong in (
        lambda: case.hold(1, "fake"),
        lambda: case.hold(2, "real"),
        lambda: case.tag(9, ["a"]),
        lambda: case.share("bob", "owner"),
        lambda: case.open(0),
    ):
        with pytest.raises(UnknownName):
            wrong()
    with pytest.raises(BadCase):
        case.hold(1, "real", "x" * (LONGEST_TEXT + 1))
    assert len(case.entries()) == before


def test_two_who_edit_one_case_do_not_write_over_each_other(casebook, case):
    seen = casebook.facts(case).entries
    Casebook(Person("bob")).open(case.id).describe(description="bob's", seen=seen)
    with pytest.raises(EditedMeanwhile, match="bob"):
        case.describe(description="ada's", seen=seen)
    assert case.record().description == "bob's"
    case.describe(description="ada's", seen=casebook.facts(case).entries)
    assert case.record().description == "ada's"


def test_a_deleted_photo_s_bytes_go_and_its_hash_stays(case, add):
    add(case, "hopper_real.jpg")
    (photo,) = case.record().photos
    with pytest.raises(BadCase):
        case.delete(1, " ")
    case.delete(1, "asked for by the person shown")
    (gone,) = case.record().photos
    assert gone.deleted == "asked for by the person shown" and gone.sha256 == photo.sha256
    for name in (photo.examined.dossier, photo.examined.arrays, photo.examined.thumbnail):
        assert not case.keeping.objects.has(name)
    with pytest.raises(UnreadablePhoto):
        case.keeping.originals.read(photo.sha256)
    with pytest.raises(UnknownName):
        case.hold(1, "real")
    assert add(case, "hopper_real.jpg").number == 2, "a number is never given anew"


def test_bytes_that_another_case_needs_stay(casebook, case, add):
    other = casebook.create("another")
    add(case, "hopper_real.jpg"), add(other, "hopper_real.jpg")
    case.delete(1, "no longer needed")
    (photo,) = other.record().photos
    assert case.keeping.originals.read(photo.sha256)
    for name in (photo.examined.dossier, photo.examined.arrays, photo.examined.thumbnail):
        assert case.keeping.objects.has(name)


def test_what_photos_share_stays_when_one_of_them_goes(case, add, quick, tmp_path):
    """Photos without a face have the same maps: none."""
    add(case, "coffee_no_face.jpg")
    buffer = io.BytesIO()
    Image.new("RGB", (300, 200), "white").save(buffer, "PNG")
    add_item(case, Item("blank.png", buffer.getvalue()), quick)
    first, second = (photo.examined for photo in case.record().photos)
    assert first.arrays == second.arrays and first.dossier != second.dossier
    case.delete(1, "not of this matter")
    assert not case.keeping.objects.has(first.dossier) and case.keeping.objects.has(second.arrays)
    export_case(case, tmp_path / "case.zip")
    assert all(check.holds is not False for check in verify_case(case, rerun=False))


def test_pictures_of_findings_go_with_their_photo_unless_another_shows_them(case, add):
    add(case, "hopper_face_swap.jpg")
    add(case, "hopper_face_swap.jpg", "a copy.jpg")
    add(case, "hopper_real.jpg")
    objects, dossiers = case.keeping.objects, [photo.examined.dossier for photo in case.record().photos]
    shown = [exhibits_of(dossier, objects.read) for dossier in dossiers]
    alone = shown[0] - shown[2]
    assert alone and shown[1] >= alone
    case.delete(1, "not of this matter")
    assert all(map(objects.has, shown[1] | shown[2])), "the copy shows them"
    case.delete(2, "not of this matter")
    assert not any(map(objects.has, alone)) and all(map(objects.has, shown[2]))


def test_an_earlier_examination_is_kept_as_long_as_its_photo(casebook, case, add, examined):
    """Also where a deleted photo of another case has the same one, as its last."""
    add(case, "hopper_face_swap.jpg")
    later = dossier.found_in(examined["hopper_smooth_skin.jpg"], "hopper_face_swap.jpg")
    case.act(("examined", {"photo": 1} | later.keep(case.keeping.objects)))
    other = casebook.create("Another")
    add(other, "hopper_face_swap.jpg")
    other.delete(1, "not of this matter")
    assert all(check.holds is not False for check in verify_case(case, rerun=False))


def test_a_deletion_elsewhere_takes_nothing_from_a_photo_that_is_being_added(
    casebook, case, add, quick, sample, monkeypatch
):
    """It is examined for a while before its entry is written."""
    other = casebook.create("Another")
    add(other, "hopper_face_swap.jpg")
    found_in = dossier.found_in

    def deleted_meanwhile(outcome, name):
        found = found_in(outcome, name)
        other.delete(1, "not of this matter")
        return found

    monkeypatch.setattr(dossier, "found_in", deleted_meanwhile)
    add(case, "hopper_face_swap.jpg")
    assert all(check.holds is not False for check in verify_case(case, rerun=False))


def test_a_part_of_the_log_is_read_from_and_to_an_entry(case):
    for _ in range(6):
        case.archive()
    assert [entry.number for entry in case.entries(3, 5)] == [3, 4, 5]
    assert [entry.number for entry in case.entries(6)] == [6, 7]
    assert case.acts_since(0) == {"created", "archived"} and case.acts_since(1) == {"archived"}
    assert case.acts_since(7) == set()


def test_tags_that_another_person_set_meanwhile_stay(case, add):
    add(case, "hopper_real.jpg")
    case.tag(1, ["press", "odd"])
    case.tag(1, ["press", "odd", "urgent"], seen=["press", "odd"])
    case.tag(1, ["odd", "mine"], seen=["press", "odd"])
    assert case.record().photos[0].tags == ("mine", "odd", "urgent")


def test_runs_lose_the_pictures_of_a_photo_that_was_deleted_and_keep_those_of_others(case, examined, home):
    run = Runs().create("some release")
    for name in ("hopper_real.jpg", "hopper_face_swap.jpg"):
        examination = examined[name]
        run.finish(run.add(Item(name, examination.photo.data)), examination, 1)
    run.finish(run.inputs()[0], examined["hopper_real.jpg"], 1)
    for record in sorted(run.results(), key=lambda each: each["index"]):
        add_from_run(case, run, record)
    case.delete(1, "not of this matter")
    assert run.thumbnail(0) is None and run.thumbnail(1) is not None
    assert [path.name for path in sorted((home / "runs" / run.id / "kept").iterdir())] == ["1.jpg", "1.npz"]
    assert {record["name"] for record in run.results()} == {"hopper_real.jpg", "hopper_face_swap.jpg"}


def test_what_a_role_does_not_allow_is_refused_and_a_case_is_seen_only_by_its_people(casebook, case, add):
    add(case, "hopper_real.jpg")
    bob = Casebook(Person("bob", "analyst"))
    assert bob.cases() == []
    with pytest.raises(UnknownName):
        bob.open(case.id)
    case.share("bob", "viewer")
    theirs = bob.open(case.id)
    assert bob.role(theirs) == "viewer" and [facts.id for facts in bob.cases()] == [case.id]
    theirs.open(1)
    for wrong in (lambda: theirs.hold(1, "real"), lambda: theirs.tag(1, ["a"]), lambda: theirs.delete(1, "why")):
        with pytest.raises(NotAllowed, match="bob has the role viewer"):
            wrong()
    case.share("bob", "reviewer")
    assert theirs.hold(1, "real").who == "bob"
    case.share("bob", "")
    with pytest.raises(UnknownName):
        bob.open(case.id)
    with pytest.raises(NotAllowed):
        Casebook(Person("eve", "viewer")).create("mine")


def test_a_case_that_is_put_away_is_listed_apart(casebook, case):
    case.archive()
    assert casebook.cases() == [] and [facts.id for facts in casebook.cases(archived=True)] == [case.id]
    case.archive(False)
    assert [facts.name for facts in casebook.cases()] == ["The matter"]
