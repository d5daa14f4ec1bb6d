"""One opened photo of a case: blind first, roles, opinions, deletion, and what is missing is said in its place."""

import hashlib
from types import SimpleNamespace

import pytest
from driven import text_of
from made_up_cases import add, add_again, casebook, opened
from synthetic_run import HOSTILE, VERDICTS, face, heatmap, png_bytes
from test_examine_app import pressed

from dashboard.session import case_photos, case_work, cases
from pipeline.casebook import dossier
from pipeline.casebook.known import put_list
from pipeline.errors import UnknownName
from pipeline.settings import PROJECT

pytestmark = pytest.mark.usefixtures("home", "signals_once")

BETRAYS = ("Indications of", "No indication", "p(edited)", "threshold", "calibrat", "peaks", "heatmap of",
           "stage 1 called", "suspect", "Left ear", "Known pictures", "logit", "0.93")  # fmt: skip
"""What a person who is to look first must read nowhere."""


@pytest.fixture
def case():
    return casebook().create("The matter")


@pytest.fixture
def blind():
    case = casebook().create("Look first", blind=True)
    for name, role in (("ben", "reviewer"), ("cleo", "reviewer"), ("eve", "viewer")):
        case.share(name, role)
    return case


def named(test, kind, label):
    return next(each for each in getattr(test, kind) if each.label == label)


def chosen(test, part):
    control = test.segmented_control(key="photo-part")
    control.set_value(part).run()
    assert not test.exception
    return test


def held(test, label, words=""):
    """Give an opinion."""
    test.radio[0].set_value(label).run()
    test.text_area[0].set_value(words).run()
    button = next(each for each in test.button if each.key.startswith("hold-"))
    assert not button.disabled
    button.click().run()
    assert not test.exception
    return test


def everything(test):
    """Return all that is sent to the browser, pictures and downloads aside."""
    return str(test.main) + "".join(str(each.proto) for each in test.main)


def offered(test):
    """Return what of the photo can be taken away."""
    return [each.label for each in test.get("download_button") if "CSV" not in each.label]


def exhibits(case):
    """Return how many pictures the evidence of a case's only photo shows."""
    (photo,) = case.record().photos
    findings = dossier.read(photo.examined.dossier, case.keeping.objects)["findings"]
    return sum(len(finding["exhibits"]) for finding in findings)


def acts(case, number=1):
    return [entry.act for entry in case.entries() if entry.facts.get("photo") == number]


# What was kept is drawn, and nothing is scored.


def test_a_photo_is_drawn_from_what_was_kept(case, monkeypatch):
    add(case, "a.png")
    monkeypatch.setattr("pipeline.examining.loaded.load_cascade", lambda *_: pytest.fail("scored again"))
    test = opened(case)
    text = text_of(test)
    photo = case.record().photos[0]
    assert "Indications of facetune-style retouching (moderate)" in text and "An indication, not proof" in text
    assert "Peak +0.5 logit" in text and "How often it was wrong" in text and "kept with the examination" in text
    assert test.code[0].value == photo.sha256 and test.code[1].value == photo.examined.release_sha256
    assert offered(test) == ["Overlay, PNG", "Record, JSON"]


def test_the_words_are_those_of_the_time(case, monkeypatch):
    monkeypatch.setattr("pipeline.casebook.dossier.headline", lambda _: "As it was said in those days")
    add(case, "a.png")
    monkeypatch.undo()
    assert "As it was said in those days (moderate)" in text_of(opened(case))


def test_whoever_sees_a_verdict_is_logged_once(case):
    add(case, "a.png")
    case.share("ben", "viewer")
    for who in ("ada", "ben", "ada", "ben"):
        opened(case, who=who, role="viewer" if who == "ben" else "admin")
    seen = [entry.who for entry in case.entries() if entry.act == "opened"]
    assert seen == ["ada", "ben"]


def test_next_previous_and_back_lead_through_the_case(case):
    for name in ("a.png", "b.png"):
        add(case, name)
    test = pressed(opened(case), "next")
    assert test.query_params["photo"] == "2" and "b.png" in text_of(test)
    assert pressed(test, "previous").query_params["photo"] == "1"
    assert "photo" not in pressed(test, "back").query_params


def test_another_face_has_its_own_bars(case):
    faces = [face(VERDICTS["real"], [heatmap(label="real", stage="edited")]), face(VERDICTS["deepfake"], [heatmap()])]
    add(case, "two.png", faces=faces)
    test = opened(case)
    assert "Indications of a deepfake" in text_of(test) and "2 faces: 2 examined" in text_of(test).replace("\\", "")
    test.selectbox(key=f"face-{case.id}-1-3").set_value(0).run()
    text = text_of(test)
    assert "Indications of a deepfake" in text and "Face 1: No indication of editing found" in text


def test_an_older_examination_can_be_looked_at(case):
    add(case, "a.png")
    add_again(case, 1, "deepfake")
    test = opened(case)
    assert "Indications of a deepfake" in text_of(test) and "older examination" not in text_of(test)
    named(test, "selectbox", "Examination (2)").set_value(1).run()
    assert "Indications of facetune" in text_of(test) and "This is an older examination" in text_of(test)


def test_a_photo_that_could_not_be_examined_says_why_and_what_to_do(case):
    from pipeline.casebook.adding import add_item
    from pipeline.intake import Item

    add_item(case, Item("b.jpg", b"%PDF-1.4 <b>"), None)
    text = text_of(opened(case))
    assert "looks like a PDF document" in text and "Check what the file is" in text and "no sign of anything" in text


def test_a_photo_of_another_case_is_not_shown(case):
    add(case, "a.png")
    assert "no photo 7" in opened(case, 7).error[0].value
    test = opened(case, who="mallory", role="analyst")
    assert "There is no case" in test.error[0].value and "Indications" not in text_of(test)


# Blind first.


def matched(case):
    """Put a photo into a case that everything is known of that may betray its verdict."""
    data = png_bytes(9)
    known = SimpleNamespace(kind="sha256", value=hashlib.sha256(data).hexdigest(), note="first seen 2025")
    put_list(case.keeping.database, "Known pictures", [known])
    add(case, "a.png", "facetune", data)
    case.tag(1, ["suspect"])
    case.hold(1, "deepfake", "Left ear does not fit.", (1, 2, 30, 40))


def test_blind_hides_everything_until_an_opinion_is_kept(blind):
    matched(blind)
    test = opened(blind, who="ben", role="viewer")
    sent = everything(test)
    assert [word for word in BETRAYS if word.lower() in sent.lower()] == []
    assert len(test.image) == 1 + exhibits(blind) and not test.get("plotly_chart") and not test.get("download_button")
    assert "opened" not in acts(blind) and test.code[0].value == blind.record().photos[0].sha256
    held(test, "real", "Nothing to be seen.")
    text = text_of(test)
    assert "Indications of facetune" in text and "Known pictures" in text and "suspect" in str(test.multiselect)
    opinion = blind.record().photos[0].opinions[-1]
    assert (opinion.who, opinion.label, opinion.words, opinion.blind) == ("ben", "real", "Nothing to be seen.", True)
    assert acts(blind)[-2:] == ["opinion", "opened"]


def test_a_second_reviewer_is_blind_too_and_both_opinions_are_kept(blind):
    matched(blind)
    held(opened(blind, who="ben", role="viewer"), "real")
    second = opened(blind, who="cleo", role="viewer")
    assert "Left ear" not in everything(second) and "No sign of editing seen 1" not in text_of(second)
    text = text_of(chosen(held(second, "facetune", "Too even."), "Opinions"))
    assert "3 people do not agree" in text and "Left ear does not fit." in text and "Too even." in text
    assert [each.blind for each in blind.record().photos[0].opinions] == [True, True, True]


def test_once_the_verdict_was_seen_an_opinion_is_not_blind(blind):
    matched(blind)
    test = held(opened(blind, who="ben", role="viewer"), "real")
    held(chosen(test, "Opinions"), "facetune", "On second thoughts.")
    mine = [each for each in blind.record().photos[0].opinions if each.who == "ben"]
    assert [(each.label, each.blind) for each in mine] == [("real", True), ("facetune", False)]
    assert "a later one of this person counts" in text_of(test) and "not blind" in text_of(test)


def test_an_opinion_cannot_be_kept_before_one_is_chosen(blind):
    matched(blind)
    test = opened(blind, who="ben", role="viewer")
    assert next(each for each in test.button if each.key.startswith("hold-")).disabled
    assert "Choose one first" in text_of(test)


def test_a_region_is_kept_once_it_is_marked(blind):
    matched(blind)
    test = opened(blind, who="ben", role="viewer")
    named(test, "toggle", "Mark a region").set_value(True).run()
    assert "Nothing is marked yet" in text_of(test)
    for box, value in zip(test.number_input, (20, 30, 90, 120), strict=True):
        box.set_value(value)
    test.run()
    held(test, "deepfake")
    assert blind.record().photos[0].opinions[-1].region == (20, 30, 90, 120)
    named(chosen(test, "Opinions"), "toggle", "Show the marked regions on the photo (2)").set_value(True).run()
    assert "Each box has the number of its opinion" in text_of(test)


def test_a_region_that_was_not_drawn_is_not_kept(blind):
    matched(blind)
    test = opened(blind, who="ben", role="viewer")
    named(test, "toggle", "Mark a region").set_value(True).run()
    held(test, "cannot tell")
    assert blind.record().photos[0].opinions[-1].region is None


def test_a_viewer_gives_no_opinion_and_may_see_the_verdict_which_is_logged(blind):
    matched(blind)
    test = opened(blind, who="eve", role="viewer")
    assert test.radio[0].disabled and "Your role here is viewer" in text_of(test)
    assert "Indications" not in everything(test)
    named(test, "button", "Show the verdict").click().run()
    assert "Indications of facetune" in text_of(test)
    assert [entry.who for entry in blind.entries() if entry.act == "opened"] == ["eve"]


def test_what_the_file_itself_tells_may_be_read_before(blind):
    matched(blind)
    test = opened(blind, who="ben", role="viewer")
    assert any(each.label == "Evidence of the file itself" for each in test.expander)
    assert "signals" in text_of(test)


# Who may what.


@pytest.mark.parametrize(
    ("role", "allowed"),
    [
        ("viewer", set()),
        ("reviewer", {"opinion"}),
        ("analyst", {"opinion", "tags", "again"}),
        ("admin", {"opinion", "tags", "again", "delete"}),
    ],
)
def test_what_a_role_does_not_allow_is_disabled_with_a_reason(case, role, allowed):
    add(case, "a.png")
    case.share("ben", role)
    test = opened(case, who="ben", role="viewer")
    again = named(test, "button", "Examine again")
    delete = named(test, "button", "Delete this photo …")
    disabled = {"tags": test.multiselect[0].disabled, "again": again.disabled, "delete": delete.disabled}
    disabled["opinion"] = chosen(test, "Opinions").radio[0].disabled
    assert {name for name, is_disabled in disabled.items() if not is_disabled} == allowed
    reasons = text_of(test).count(f"Your role here is {role}")
    assert reasons == len({"opinion", "again", "delete"} - allowed)


def test_tags_are_kept_as_they_are_chosen(case):
    add(case, "a.png")
    test = opened(case)
    test.multiselect[0].set_value(["odd", "<b>press</b>"]).run()
    assert not test.exception and case.record().photos[0].tags == ("<b>press</b>", "odd")
    test.multiselect[0].set_value(["x" * 300]).run()
    assert "at most 120 letters" in test.error[0].value and len(case.record().photos[0].tags) == 2


# Deletion.


def test_deletion_asks_twice_and_wants_a_reason(case, home):
    add(case, "a.png")
    test = opened(case)
    named(test, "button", "Delete this photo …").click().run()
    assert case.record().photos[0].deleted is None
    named(test, "button", "Delete for good").click().run()
    assert "needs a reason" in test.error[0].value and case.record().photos[0].deleted is None
    test.text_input[0].set_value("The owner <b>asked</b> for it.").run()
    assert case.record().photos[0].deleted is None
    named(test, "button", "Delete for good").click().run()
    assert case.record().photos[0].deleted == "The owner <b>asked</b> for it." and "photo" not in test.query_params
    assert [path for path in (home / "originals").rglob("*") if path.is_file()] == []
    test.query_params["photo"] = "1"
    text = text_of(test.run())
    assert "This photo was deleted" in text and "by ada" in text and r"\<b\>asked" in text and not test.image


def test_a_photo_that_is_kept_after_all_stays(case):
    add(case, "a.png")
    test = opened(case)
    named(test, "button", "Delete this photo …").click().run()
    named(test, "button", "Keep it").click().run()
    assert case.record().photos[0].deleted is None and named(test, "button", "Delete this photo …")


def test_the_question_of_one_photo_is_not_asked_of_the_next(case):
    for name in ("a.png", "b.png"):
        add(case, name)
    test = opened(case)
    named(test, "button", "Delete this photo …").click().run()
    pressed(test, "next")
    assert "for good" not in text_of(test) and not [each for each in test.button if each.label == "Delete for good"]


# What is missing or altered is said in its place, and the rest stands.


def removed(folder, sha256):
    path = folder / sha256[:2] / sha256
    assert path.is_file()
    path.unlink()


def test_a_lost_original_is_said_and_the_verdict_stands(case, home):
    add(case, "a.png")
    removed(home / "originals", case.record().photos[0].sha256)
    test = opened(case)
    text = text_of(test)
    assert "is no longer in" in test.error[0].value and "Indications of facetune" in text and "Stage 1" in text
    assert len(test.image) == 2 + exhibits(case) and offered(test) == ["Record, JSON"]


def test_a_lost_dossier_is_said_and_what_the_log_tells_stands(case, home):
    add(case, "a.png")
    case.hold(1, "real", "I saw nothing.")
    removed(home / "objects", case.record().photos[0].examined.dossier)
    test = opened(case)
    text = text_of(test)
    assert sum("is no longer in" in each.value for each in test.error) == 3
    assert "Indications of facetune" in text and r"p\(edited\) 0\.93" in text.replace(
        "By the log: p(edited)", r"p\(edited\)"
    )
    assert "I saw nothing." in text_of(chosen(test, "Opinions"))


def test_altered_maps_are_said_and_the_verdict_stands(case, home):
    add(case, "a.png")
    name = case.record().photos[0].examined.arrays
    (home / "objects" / name[:2] / name).write_bytes(b"another file")
    test = opened(case)
    assert "was altered" in test.error[0].value and "Indications of facetune" in text_of(test)


def test_a_dossier_of_another_photo_is_not_taken_for_this_ones(case):
    add(case, "a.png")
    add(case, "b.png", "deepfake")
    first, second = (photo.examined for photo in case.record().photos)
    facts = next(entry.facts for entry in case.entries() if entry.act == "examined")
    case.act(("examined", facts | {"dossier": second.dossier, "arrays": second.arrays}))
    text = text_of(opened(case))
    assert "tells of another file" in text and "The log and the dossier do not agree" in text and first.dossier


@pytest.mark.parametrize(
    "malformed", [b"[]", b"{}", b'{"record": {"faces": 3}}', b'{"record": {"faces": [{}]}}', b"\xff"]
)
def test_a_malformed_dossier_from_an_archive_ends_nothing(case, malformed):
    add(case, "a.png")
    facts = next(entry.facts for entry in case.entries() if entry.act == "examined")
    case.act(("examined", facts | {"dossier": case.keeping.objects.keep(malformed)}))
    test = opened(case)
    assert test.error and "Indications of facetune" in text_of(test) and "An indication, not proof" in text_of(test)


def test_a_name_is_never_markup(case):
    add(case, HOSTILE)
    for test in (opened(case), chosen(opened(case), "Opinions")):
        text = text_of(test)
        assert "<img" not in text and "&lt;img src=x" in text and "\u202e" not in everything(test)


def test_nobody_s_words_are_markup(case):
    add(case, "a.png")
    case.hold(1, "deepfake", "<script>x</script> [l](http://e.example) \u202eoops\n\n" + "w" * 9000)
    text = text_of(chosen(opened(case), "Opinions"))
    assert "<script" not in text and "&lt;script&gt;" in text and "\u202e" not in text and "w" * 9000 in text


def test_a_photo_is_examined_again_by_another_release(case):
    data = (PROJECT / "sample_data" / "hopper_face_swap.jpg").read_bytes()
    add(case, "a.jpg", "real", data)
    test = opened(case)
    named(test, "selectbox", "Release").set_value("2026.11-5").run()
    named(test, "button", "Examine again").click().run()
    job = cases.jobs().of(case_work.again_of(1), case.id)
    job.thread.join()
    assert not test.run().exception and job.progress.failure == ""
    photo = case.record().photos[0]
    assert [each.release for each in photo.examinations][-1] == "2026.11-5" and len(photo.examinations) == 2
    assert named(test, "selectbox", "Examination (2)").value == 0


def test_a_photo_that_there_is_not_is_told(case):
    with pytest.raises(UnknownName):
        case_photos.photo_log(case, casebook().facts(case), 3)
