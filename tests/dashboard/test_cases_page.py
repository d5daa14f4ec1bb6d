"""The page Cases as a person meets it: the list, one case and its parts; photos with made-up verdicts, no network."""

import csv
import io
import json
import time
import zipfile
from hashlib import sha256

import driven
import pytest
from driven import ran, text_of
from synthetic_run import HOSTILE, VERDICTS, face, heatmap, mixed_run, png_bytes

from dashboard.session import case_arrivals, case_work, cases
from dashboard.session.case_arrivals import ADDING
from dashboard.session.handover import Source
from dashboard.views.cases import listing
from models.release import read_release
from pipeline.casebook.adding import add_outcome
from pipeline.casebook.archive import import_case
from pipeline.casebook.casebook import Casebook
from pipeline.casebook.people import Person
from pipeline.casebook.search import PhotoQuery, search
from pipeline.examination import Examination
from pipeline.intake import Item
from pipeline.photo import Photo

SCRIPT = """
from dashboard.kit.messages import showing_errors
from dashboard.views.cases import page
with showing_errors():
    page.render()
"""
HEADLINES = ("Indications of", "No indication of editing", "Inconclusive")


@pytest.fixture(autouse=True)
def home(home, setting, signals_once):
    setting(home=home, analyst="ada", release="quick")
    yield home
    cases.jobs().close()
    cases.jobs.clear()


@pytest.fixture
def book():
    return Casebook(Person("ada"))


@pytest.fixture
def case(book):
    return book.create("The matter", "What it is about.", ["press"])


@pytest.fixture(scope="session")
def examinations():
    """Verdict → an examination with one face that got it."""
    made = {}
    for shade, (label, verdict) in enumerate(VERDICTS.items()):
        stage = verdict.stage
        said = {"edited": "real" if label == "real" else "edited", "deepfake": label}[stage]
        maps = [heatmap(label=said, stage=stage)]
        made[label] = Examination(Photo.read(png_bytes(shade)), (face(verdict, maps),), read_release("quick"))
    return made


@pytest.fixture
def put(examinations):
    """Put a photo with a verdict into a case."""

    def add(case, label, name=""):
        examination = examinations[label]
        item = Item(name or f"{label}.png", examination.photo.data)
        return add_outcome(case, item, case.keeping.originals.keep(item.data), "files", examination).number

    return add


@pytest.fixture
def full(case, put):
    """A case with a photo of each verdict, and one that could not be examined."""
    for label in VERDICTS:
        put(case, label)
    failed = {"code": "unreadable_photo", "message": "It is *cut* short."}
    add_outcome(case, Item("page.jpg", b"<html>"), case.keeping.originals.keep(b"<html>"), "files", failed)
    return case


@pytest.fixture
def blind(book, put):
    """A blind case with a photo of each verdict."""
    case = book.create("Blind review", blind=True)
    for label in VERDICTS:
        put(case, label)
    return case


def app(script=SCRIPT, **query):
    return driven.app(script, **query)


def pressed(test, key):
    test.button(key=key).click()
    return ran(test)


def submitted(test, label):
    next(button for button in test.button if button.label == label).click()
    return ran(test)


def field(test, label):
    fields = [*test.text_input, *test.text_area, *test.multiselect, *test.toggle, *test.selectbox]
    return next(each for each in fields if each.label == label)


def filtering(test, key):
    """Open the popover with what else can be asked for."""
    test.session_state[f"filter-{key}"] = True
    return ran(test)


def ended(kind, key, seconds=240):
    until = time.monotonic() + seconds
    while cases.jobs().of(kind, key).running:
        assert time.monotonic() < until
        time.sleep(0.02)
    return cases.jobs().of(kind, key)


# The list


def test_an_empty_page_says_what_to_do_first():
    test = app()
    said = text_of(test)
    assert "Start here" in said and "Make a case" in said
    assert {button.label for button in test.button} >= {"Make the case", "Take it over", "Keep the list"}


def test_a_case_is_made_and_opened(book):
    test = app()
    field(test, "Name").input("Harbour")
    field(test, "What it is about").input("Two photos")
    field(test, "Blind first").set_value(True)
    submitted(test, "Make the case")
    (facts,) = book.cases()
    assert (facts.name, facts.description, facts.blind, facts.created_by) == ("Harbour", "Two photos", True, "ada")
    assert test.query_params["case"] in (facts.id, [facts.id]) and "No photos yet" in text_of(test)


@pytest.mark.parametrize(("name", "problem"), [(" ", "A case needs a name"), ("the MATTER", "There is a case named")])
def test_a_case_that_cannot_be_made_is_told_in_place_and_what_was_typed_stays(case, book, name, problem):
    test = app()
    field(test, "Name").input(name)
    field(test, "What it is about").input("long words")
    submitted(test, "Make the case")
    assert problem in test.error[0].value
    assert field(test, "What it is about").value == "long words" and len(book.cases()) == 1


def test_cases_are_listed_with_photos_by_verdict_in_words(full, book):
    book.create(HOSTILE[:60], "<script>alert(1)</script>")
    said = text_of(app())
    for words in ("1 Deepfake", "1 Facetune-style", "1 Inconclusive", "1 No indication", "1 Not examined", "press"):
        assert words in said
    assert 'aria-label="5 photos: 1 Deepfake' in said
    assert "<img" not in said and "<script>" not in said and "&lt;script&gt;" in said


def test_cases_are_found_by_name_tag_and_description_and_those_put_away_on_request(case, book):
    book.create("Other")
    book.create("Old one").archive()
    test = app()
    assert "The matter" in text_of(test) and "Other" in text_of(test) and "Old one" not in text_of(test)
    field(test, "Name, tag or description contains").input("PRESS")
    said = text_of(ran(test))
    assert "The matter" in said and "Other" not in said
    field(test, "Name, tag or description contains").input("nothing like it")
    assert "Take a letter away" in text_of(ran(test))
    field(test, "Name, tag or description contains").input("")
    field(test, "Those put away").set_value(True)
    said = text_of(ran(test))
    assert "Old one" in said and "The matter" not in said


def test_a_case_that_is_not_there_is_told(case):
    assert "no case" in app(case="../../etc").error[0].value.lower()
    test = pressed(app(case=case.id), "cases-back")
    assert "case" not in test.query_params and "All cases" in str(test.segmented_control)


# Photos of a case


def test_photos_are_added_in_the_background_and_once(case, book):
    test = app(case=case.id)
    files = [("a.png", png_bytes(1), "image/png"), ("b.jpg", b"%PDF-1.4", "image/jpeg")]
    test.file_uploader(key="case-files-0").set_value(files)
    pressed(ran(test), "add")
    ended(ADDING, case.id)
    said = text_of(ran(test))
    assert "2 photos added; 1 of them could not be examined" in said and "looks like a PDF document" in said
    rows = search(book, PhotoQuery(case.id, sort="In the order of adding")).rows
    assert [(row.name, row.source) for row in rows] == [("a.png", "files"), ("b.jpg", "files")]
    assert case_arrivals.waiting_for(case) is None

    test.file_uploader(key="case-files-1").set_value(files[:1])
    pressed(ran(test), "add")
    ended(ADDING, case.id)
    assert "1 were in the case already" in text_of(ran(test)) and book.facts(case).total == 2


def test_a_second_press_begins_nothing(case, book):
    sources = [Source(f"{number}.png", lambda number=number: png_bytes(number)) for number in range(3)]
    jobs = [case_arrivals.hand_over(cases.jobs(), case, sources, "quick") for _ in range(2)]
    assert jobs[0] is jobs[1]
    ended(ADDING, case.id)
    assert jobs[0].progress.failure == "" and book.facts(case).total == 3


def test_what_was_handed_over_outlives_a_stop_and_a_kill_and_goes_on(case, book):
    sources = [Source(f"{number}.png", lambda number=number: png_bytes(number)) for number in range(4)]
    with cases.jobs().turn:  # nothing is examined before the stop
        job = case_arrivals.hand_over(cases.jobs(), case, sources, "quick")
        while not job.progress.total:
            assert job.running, job.progress.failure
            time.sleep(0.02)
        job.stop()
    ended(ADDING, case.id)
    assert 0 < book.facts(case).total < 4
    cases.jobs().forget(ADDING, case.id)  # as after a kill: only the disk knows

    test = app(case=case.id)
    said = text_of(test)
    assert "of 4 photos handed over by ada not all are in the case" in said
    assert test.button(key="add").disabled and "Go on with what waits first" in said
    pressed(test, "adding-on")
    ended(ADDING, case.id)
    assert book.facts(case).total == 4 and case_arrivals.waiting_for(case) is None
    assert "in the case already" in text_of(ran(test))


def test_what_waits_can_be_let_go_of(case, book, home):
    job = case_arrivals.hand_over(cases.jobs(), case, [Source("a.png", png_bytes)], "no such release")
    ended(ADDING, case.id)
    assert "no such release" in job.progress.failure
    test = app(case=case.id)
    assert "no such release" in test.error[0].value
    pressed(test, "adding-drop")
    assert case_arrivals.waiting_for(case) is None and not (home / "arrivals" / case.id).exists()
    assert not test.button(key="add").help


def test_a_full_disk_while_taking_in_is_told(case):
    def full():
        raise OSError(28, "No space left on device")

    case_arrivals.hand_over(cases.jobs(), case, [Source("a.png", full)], "quick")
    ended(ADDING, case.id)
    assert "No space left" in app(case=case.id).error[0].value


def test_photos_of_a_past_run_are_added_with_what_was_found(case, book, home):
    run = mixed_run(home)
    test = app(case=case.id)
    pressed(test, "add-run")
    ended(ADDING, case.id)
    rows = search(book, PhotoQuery(case.id, sort="In the order of adding")).rows
    assert [row.verdict for row in rows] == [record["verdict"] for record in run.results()]
    assert {row.source for row in rows} == {f"run {run.id}"}
    assert "<img" not in text_of(ran(test))


def test_a_lost_original_of_a_run_is_told_and_the_others_are_added(case, book, home):
    run = mixed_run(home)
    gone = run.results()[0]["sha256"]
    (home / "originals" / gone[:2] / gone).unlink()
    case_arrivals.hand_over_run(cases.jobs(), case, run, [0, 1, 2])
    ended(ADDING, case.id)
    said = text_of(app(case=case.id))
    assert "Could not be added" in said and "2 photos added" in said and book.facts(case).total == 2


def test_the_gallery_is_sorted_filtered_and_paged(full, put):
    test = app(case=full.id)
    said = text_of(test)
    assert said.index("deepfake.png") < said.index("facetune.png") < said.index("real.png") < said.index("page.jpg")
    assert r"It is *cut* short." in said and "threshold" in said
    test.pills[0].set_value(["real"])
    said = text_of(ran(test))
    assert "1 of 5 photos" in said and "deepfake.png" not in said
    test.pills[0].set_value([])
    field(test, "Name contains, or SHA-256 begins with").input("FACE")
    assert "1 of 5 photos" in text_of(ran(test))
    field(test, "Name contains, or SHA-256 begins with").input("no such")
    assert "No photo passes these filters" in text_of(ran(test))


def test_what_the_popover_asks_for_holds_while_it_is_closed(full):
    full.tag(2, ["front page", "=1+1"])
    test = filtering(app(case=full.id), full.id[:8])
    field(test, "With one of these tags").set_value(["front page"])
    field(test, "Sort").set_value("By name")
    assert "1 of 5 photos, by name, tagged front page" in text_of(ran(test))
    test.session_state[f"filter-{full.id[:8]}"] = False
    said = text_of(ran(test))
    assert "1 of 5 photos, by name, tagged front page" in said and not any(
        box.label == "Sort" for box in test.selectbox
    )


def test_an_inconclusive_photo_says_why(full):
    assert "the score lies in the band" in text_of(app(case=full.id))


def test_thousands_are_shown_a_page_at_a_time(case, put):
    for number in range(26):
        put(case, "real", f"{number:02}.png")
    test = app(case=case.id)
    assert sum(button.label == "Open" for button in test.button) == 24
    test.pagination[0].set_value(2)
    assert sum(button.label == "Open" for button in ran(test).button) == 2


def test_the_table_opens_nothing_by_itself_and_holds_what_the_gallery_does(full):
    test = app(case=full.id)
    test.segmented_control(key="case-view").set_value("Table")
    frame = ran(test).dataframe[0].value
    assert frame["name"].iloc[0] == "deepfake.png" and frame["verdict"].iloc[0] == "▲ Deepfake" and len(frame) == 5
    assert "photo" not in test.query_params


def test_next_and_previous_go_through_the_photos_as_they_were_listed(full):
    test = app(case=full.id)
    test.pills[0].set_value(["real", "facetune"])
    ran(test)
    opened = next(button for button in test.button if button.key.startswith("open-"))
    pressed(test, opened.key)
    assert test.query_params["photo"] in ("1", ["1"]) and "Photo 1 of 2" in text_of(test)


def test_what_is_saved_of_a_list_runs_in_no_spreadsheet(case, book, put):
    put(case, "deepfake", "=1+1.png")
    case.hold(1, "facetune", "@words")
    (record,) = (listing.record(row) for row in search(book, PhotoQuery(case.id)).rows)
    assert record["verdict"] == "deepfake" and record["opinions"] == "ada: Facetune-style retouching (blind)"
    rows = list(csv.DictReader(io.StringIO(listing.csv_of_list(book, PhotoQuery(case.id)).decode("utf-8-sig"))))
    assert rows[0]["name"] == "'=1+1.png" and rows[0]["case"] == "The matter"
    (line,) = listing.json_of_list(book, PhotoQuery(case.id)).decode().splitlines()
    assert json.loads(line)["name"] == "=1+1.png"


# Blind first


def test_a_blind_case_tells_nothing_before_the_opinion(blind, book):
    Casebook(Person("eve")).open(blind.id).hold(1, "deepfake", "the ear")
    test = app(case=blind.id)
    said = text_of(test)
    assert said.count("Give your opinion first") == 4 and "4 of 4 photos wait" in said
    assert not any(words in said for words in (*HEADLINES, "p(edited)", "eve:", "the ear"))
    assert not test.pills and "in the order of adding" in said
    assert "Most suspicious first" not in field(filtering(test, blind.id[:8]), "Sort").options
    saved = map(json.loads, listing.json_of_list(book, PhotoQuery(blind.id)).splitlines())
    assert [(each["verdict"], each["p_edited"], each["opinions"]) for each in saved] == [(listing.HIDDEN, None, "")] * 4
    assert "Deepfake" not in text_of(app())
    for part in ("Opinions", "Log", "Hand over"):
        said = text_of(app(case=blind.id, part=part))
        assert "the ear" not in said and "Facetune-style" not in said
    log = app(case=blind.id, part="Log").dataframe[0].value
    assert set(log[log["act"] == "photo examined"]["about"]) == {"hidden until you gave your opinion on every photo"}


def test_an_opinion_shows_what_it_is_about_and_the_last_one_shows_all(blind):
    blind.hold(1, "facetune", "too smooth")
    said = text_of(app(case=blind.id))
    assert said.count("Give your opinion first") == 3 and said.count("Indications of") == 1
    assert "ada: Facetune-style retouching (blind)" in said
    for number in (2, 3, 4):
        blind.hold(number, "cannot tell")
    test = app(case=blind.id)
    said = text_of(test)
    assert "Give your opinion first" not in said and test.pills and "wait" not in said
    assert "Most suspicious first" in field(filtering(test, blind.id[:8]), "Sort").options


def test_the_table_and_the_search_hide_what_the_gallery_hides(blind, full):
    test = app(case=blind.id)
    test.segmented_control(key="case-view").set_value("Table")
    frame = ran(test).dataframe[0].value
    assert set(frame["verdict"]) == {"? Give your opinion first"} and frame["p(edited)"].isna().all()
    test = app(part="Find a photo in all cases")
    test.pills[0].set_value(["deepfake"])
    said = text_of(ran(test))
    assert "1 photo of all cases" in said and "in The matter" in said and "in Blind review" not in said


# All cases


def test_a_photo_is_found_in_all_cases_and_opens_in_its_own(full, book, put):
    other = book.create("Another")
    put(other, "deepfake", "harbour.png")
    test = app(part="Find a photo in all cases")
    assert "6 photos of all cases" in text_of(test)
    field(test, "Name contains, or SHA-256 begins with").input("harb")
    said = text_of(ran(test))
    assert "1 photo of all cases" in said and "in Another" in said
    pressed(test, f"open-{other.id}-1")
    assert test.query_params["case"] in (other.id, [other.id]) and test.query_params["photo"] in ("1", ["1"])


def test_a_photo_is_found_by_its_hash(full, book):
    row = search(book, PhotoQuery(full.id)).rows[0]
    test = app(part="Find a photo in all cases")
    field(test, "Name contains, or SHA-256 begins with").input(row.sha256[:9].upper())
    assert "1 photo of all cases" in text_of(ran(test))


# Editing


def test_name_description_and_tags_are_changed(case, book):
    test = app(case=case.id, part="Edit")
    field(test, "Name").input("Renamed")
    field(test, "What it is about").input("line one\n*line* two")
    submitted(test, "Keep the changes")
    facts = book.facts(case)
    assert (facts.name, facts.description, facts.tags) == ("Renamed", "line one\n*line* two", ("press",))
    assert r"\*line\* two" in text_of(test)


def test_what_somebody_else_changed_meanwhile_is_not_written_over_and_no_word_is_lost(case, book):
    test = app(case=case.id, part="Edit")
    Casebook(Person("bob")).open(case.id).describe(description="bob's words", tags=["theirs"])
    field(test, "What it is about").input("my long words")
    submitted(test, "Keep the changes")
    assert book.facts(case).description == "bob's words"
    assert "changed by somebody else" in text_of(test) and r"bob\'s words" in text_of(test)
    assert field(test, "What it is about").value == "my long words"
    pressed(test, "edit-mine")
    assert field(test, "What it is about").value == "my long words"
    submitted(test, "Keep the changes")
    facts = book.facts(case)
    assert facts.description == "my long words" and facts.tags == ("theirs",), "only what was changed here is changed"


def test_the_other_s_words_can_be_taken_instead(case, book):
    test = app(case=case.id, part="Edit")
    Casebook(Person("bob")).open(case.id).describe(description="bob's words")
    field(test, "What it is about").input("mine")
    submitted(test, "Keep the changes")
    pressed(test, "edit-theirs")
    assert field(test, "What it is about").value == "bob's words" and "changed by somebody" not in text_of(test)


def test_a_case_is_put_away_and_taken_out_again(case, book):
    test = pressed(app(case=case.id, part="Edit"), "put-away")
    assert book.facts(case).archived and "Put away" in text_of(test)
    assert "take it out first" in app(case=case.id).button(key="add").help
    pressed(test, "put-away")
    assert not book.facts(case).archived


def test_a_case_is_shared_and_taken_from_a_person_again(case):
    test = app(case=case.id, part="Edit")
    field(test, "Person, as the login names them: an e-mail address").input(" Bob@Example.org ")
    field(test, "Role").set_value("reviewer")
    submitted(test, "Share")
    assert case.record().members == {"bob@example.org": "reviewer"}
    assert "reviewer" in text_of(test)
    pressed(test, "unshare-bob@example.org")
    assert case.record().members == {}


# Handing over, verifying, the log


def test_a_case_is_handed_over_as_an_archive_that_another_installation_takes_over(full, tmp_path):
    test = pressed(app(case=full.id, part="Hand over"), "make-archive")
    job = ended("archive", full.id)
    assert job.progress.failure == ""
    data = job.result.path.read_bytes()
    assert ran(test).code[0].value == sha256(data).hexdigest() == full.entries()[-1].facts["sha256"]
    other = Casebook(Person("eve"), tmp_path / "elsewhere")
    assert import_case(other, job.result.path).record().photos == full.record().photos


def test_a_report_is_made_and_is_stale_once_the_case_has_changed(full, put):
    test = pressed(app(case=full.id, part="Hand over"), "make-HTML report")
    job = ended("HTML report", full.id)
    assert job.progress.failure == "" and job.result.path.read_bytes().startswith(b"<!")
    assert "changed since" not in text_of(ran(test))
    put(full, "real", "late.png")
    assert "changed since this was made" in text_of(ran(test))


def test_what_was_made_before_a_photo_was_deleted_is_let_go_of(full):
    pressed(app(case=full.id, part="Hand over"), "make-archive")
    path = ended("archive", full.id).result.path
    assert path.is_file()
    full.delete(1, "asked for")
    app(case=full.id)
    assert not path.exists() and cases.jobs().of("archive", full.id) is None


def test_what_was_made_before_a_restart_is_let_go_of_too(full):
    pressed(app(case=full.id, part="Hand over"), "make-archive")
    path = ended("archive", full.id).result.path
    cases.jobs().forget("archive", full.id)
    case_work.forget_hand_outs(cases.jobs(), full.id)
    assert not path.exists()


def test_an_archive_that_cannot_be_made_is_told(full, home):
    gone = full.record().photos[0].sha256
    (home / "originals" / gone[:2] / gone).unlink()
    test = pressed(app(case=full.id, part="Hand over"), "make-archive")
    ended("archive", full.id)
    assert "is no longer in" in ran(test).error[0].value


def test_verifying_finds_and_names_a_changed_byte_failures_first(full, home):
    changed = full.record().photos[1].sha256
    path = home / "originals" / changed[:2] / changed
    path.write_bytes(path.read_bytes()[:-1] + b"x")
    test = app(case=full.id, part="Verify")
    field(test, "Also examine every photo anew").set_value(False)
    pressed(ran(test), "verify")
    job = ended(case_work.VERIFYING, full.id)
    said = text_of(ran(test))
    assert "Not all of it holds" in said and "Photos were not examined anew" in said
    first = test.dataframe[0].value
    assert first["what"].iloc[0] == "photo 2 (deepfake.png): original" and set(first["result"]) == {"does not hold"}
    rows = list(csv.reader(io.StringIO(job.result.path.read_text("utf-8-sig"))))
    assert len(rows) == 1 + sum(job.result.counts.values()) > 20
    assert full.entries()[-1].act == "verified" and full.entries()[-1].facts["failed"] == 1


def test_a_case_that_holds_is_said_to_hold(full):
    test = app(case=full.id, part="Verify")
    field(test, "Also examine every photo anew").set_value(False)
    pressed(ran(test), "verify")
    ended(case_work.VERIFYING, full.id)
    said = text_of(ran(test))
    assert "All of it holds" in said and f"up to entry {len(full.entries()) - 1} of the log" in said
    assert "verify it again" not in said
    full.tag(1, ["seen"])
    assert "verify it again" in text_of(app(case=full.id, part="Verify"))


def test_a_verification_that_was_stopped_says_that_nothing_is_verified(full):
    case_work.verify(cases.jobs(), full, cases.casebook().facts(full), True).stop()
    ended(case_work.VERIFYING, full.id)
    assert "the case is not verified" in text_of(app(case=full.id, part="Verify"))
    assert full.entries()[-1].act != "verified"


def test_the_log_is_shown_newest_first_in_words(full, setting):
    full.hold(1, "deepfake", "<b>the ear</b>")
    test = app(case=full.id, part="Log")
    frame = test.dataframe[0].value
    assert list(frame["number"]) == list(range(len(full.entries()), 0, -1))
    assert "the ear" in frame["about"].iloc[0] and frame["SHA-256"].iloc[0] == test.code[0].value
    assert not any(button.key == "timestamp" for button in test.button)
    setting(timestamp_url="http://localhost:9/tsa")
    pressed(app(case=full.id, part="Log"), "timestamp")


def test_a_timestamp_server_that_does_not_answer_is_told(full, setting):
    setting(timestamp_url="http://localhost:9/tsa")
    test = pressed(app(case=full.id, part="Log"), "timestamp")
    assert "did not answer" in test.error[0].value


def test_agreement_between_people_is_shown(full):
    bob = Casebook(Person("bob")).open(full.id)
    for number, (mine, theirs) in enumerate([("real", "real"), ("deepfake", "facetune"), ("real", "real")], 1):
        full.hold(number, mine)
        bob.hold(number, theirs)
    test = app(case=full.id, part="Opinions")
    assert [metric.value for metric in test.metric] == ["3", "3", "2"]
    pairs, people = (frame.value for frame in test.dataframe)
    assert pairs.iloc[0]["photos (n)"] == 3 and pairs.iloc[0]["Cohen’s κ"] == pytest.approx(0.4)
    assert list(people["person"]) == ["ada", "bob"]


def test_without_opinions_the_page_says_what_to_do(full):
    assert "Open a photo and say what you hold of it" in text_of(app(case=full.id, part="Opinions"))


# Taking over, lists of known hashes


def test_an_archive_is_taken_over(full, home, setting, tmp_path):
    case_work.hand_out(cases.jobs(), full, Casebook(Person("ada")).facts(full), "archive")
    data = ended("archive", full.id).result.path.read_bytes()
    setting(home=tmp_path / "second")
    test = app()
    test.file_uploader(key="archive-0").set_value([("matter.zip", data, "application/zip")])
    pressed(ran(test), "take-over")
    ended(case_work.IMPORTING, "ada")
    assert "Taken over: The matter" in text_of(ran(test))
    pressed(test, "open-taken")
    assert "5 photos" in text_of(test)


def test_a_tampered_archive_is_told_by_its_name_and_nothing_is_taken_over(home, setting, book):
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        archive.writestr("case.json", '{"form": 1}')
    test = app()
    test.file_uploader(key="archive-0").set_value([("bad archive.zip", buffer.getvalue(), "application/zip")])
    pressed(ran(test), "take-over")
    ended(case_work.IMPORTING, "ada")
    said = ran(test).error[0].value
    assert "bad" in said and str(home) not in said and book.cases() == []
    assert not list((home / "handed-over").iterdir())


def test_a_list_of_known_hashes_is_kept_and_marks_what_arrives(case, put, examinations):
    known = examinations["deepfake"].photo.sha256
    test = app()
    data = f"sha256,note\n{known},seen before\nnonsense,\n".encode()
    test.file_uploader(key="hashes-0").set_value([("agency.csv", data, "text/csv")])
    pressed(ran(test), "keep-list")
    assert ended(case_work.LISTING, "ada").progress.failure == ""
    said = text_of(ran(test))
    assert "Kept: agency, 1 sha256" in said and "line 3" in said
    put(case, "deepfake")
    put(case, "real")
    test = filtering(app(case=case.id), case.id[:8])
    assert "in the list “agency”" in text_of(test)
    field(test, "Only in lists of known hashes").set_value(True)
    said = text_of(ran(test))
    assert "1 of 2 photos" in said and "only in lists of known hashes" in said


# Who may


def test_what_a_role_does_not_allow_is_not_offered(full, monkeypatch):
    full.share("eve", "viewer")
    monkeypatch.setattr(cases, "person", lambda: Person("eve", "viewer"))
    test = app(case=full.id)
    assert "this takes the role analyst" in test.button(key="add").help
    assert "eve, viewer here" in text_of(test)
    test = app(case=full.id, part="Edit")
    assert test.button(key="put-away").disabled
    assert all(button.disabled for button in test.button if button.label in ("Keep the changes", "Share"))
    assert not app(case=full.id, part="Verify").button(key="verify").disabled


def test_a_case_that_is_not_shared_is_not_there(full, monkeypatch):
    monkeypatch.setattr(cases, "person", lambda: Person("eve", "analyst"))
    test = app(case=full.id)
    assert "no case" in test.error[0].value.lower() and "The matter" not in text_of(test)
    assert "deepfake.png" not in text_of(app(part="Find a photo in all cases"))
