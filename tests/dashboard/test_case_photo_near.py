"""On an opened photo of a case: what is like it, copies of it, and a suspected original laid on it."""

import io
from dataclasses import replace

import pytest
from driven import text_of
from made_up_cases import add, casebook, examination, opened
from PIL import Image
from test_case_photo import chosen, everything, named

from dashboard.views.cases import photo_copies
from models.release import read_release
from pipeline.casebook import dossier
from pipeline.casebook.alike.closeness import Ranked
from pipeline.casebook.alike.copies import Copy, spread
from pipeline.settings import PROJECT

pytestmark = pytest.mark.usefixtures("home", "signals_once")

NEAR, ORIGINAL = "Copies and near photos", "Compare with an original"
SAMPLES = PROJECT / "sample_data"


def sample(name):
    return (SAMPLES / name).read_bytes()


def smaller(data, quality=60):
    image = Image.open(io.BytesIO(data))
    buffer = io.BytesIO()
    image.resize((image.width * 3 // 4, image.height * 3 // 4)).save(buffer, "JPEG", quality=quality)
    return buffer.getvalue()


@pytest.fixture
def case():
    """A case with an edit, its original, a small copy of the edit, the very same edit again, and another scene."""
    case = casebook().create("The matter")
    swap = sample("hopper_face_swap.jpg")
    add(case, "swap.jpg", "deepfake", swap)
    add(case, "original.jpg", "real", sample("hopper_real.jpg"))
    add(case, "small.jpg", "real", smaller(swap))
    add(case, "again.jpg", "deepfake", swap)
    add(case, "coffee.jpg", "no face", sample("coffee_no_face.jpg"))
    return case


def test_what_is_like_it_is_looked_for_once_that_part_is_chosen(case, monkeypatch):
    monkeypatch.setattr("pipeline.casebook.alike.like_photos.read_fingerprints", lambda *_: pytest.fail("looked for"))
    assert "again.jpg" not in text_of(opened(case))


def test_the_same_bytes_come_first_then_what_looks_like_it(case):
    test = chosen(opened(case), NEAR)
    text = text_of(test)
    for first, second in (("Exactly the same bytes", "Looks like it"), ("again.jpg", "small.jpg")):
        assert text.index(first) < text.index(second)
    assert "coffee.jpg" not in text and "of 64 bits differ" in text
    next(each for each in test.button if each.key == f"near-open-{case.id}-3").click().run()
    assert test.query_params["photo"] == "3" and "small.jpg" in text_of(test)


def test_a_photo_of_which_there_is_no_other_says_so(case):
    assert "No photo like this one" in chosen(opened(case, 5), NEAR).info[0].value


def test_photos_of_other_cases_are_found_without_betraying_what_is_hidden(case):
    blind = casebook().create("Look first", blind=True)
    add(blind, "elsewhere.jpg", "facetune", sample("hopper_face_swap.jpg"))
    text = text_of(chosen(opened(case), NEAR))
    assert "elsewhere.jpg" in text and "in Look first" in text and "Give your opinion first" in text
    card = text[text.rindex("<div>", 0, text.index("elsewhere.jpg")) :].split("</div>")[0]
    assert "Give your opinion first" in card and "Facetune" not in card and "0.93" not in card
    case.share("ben", "viewer")
    assert "elsewhere.jpg" not in everything(chosen(opened(case, who="ben", role="viewer"), NEAR))


def test_the_spread_of_the_verdict_over_copies_is_said(case):
    text = text_of(chosen(opened(case), NEAR)).replace("\\", "")
    assert "3 different files, this one with them" in text and "No indication: 2 of 3" in text
    assert "p(edited) from 0.04 to 0.97; 1 of 3 copies reach the threshold" in text
    assert "The answer depends on which copy is asked" in text


def test_which_copy_lies_closest_to_the_source_is_told_on_request_with_reasons(case):
    test = chosen(opened(case, 3), NEAR)
    assert "Place 2" not in text_of(test)
    named(test, "toggle", "Which lies closest to the source?").set_value(True).run()
    assert not test.exception
    text = text_of(test)
    last = text[text.index("Place 3") :]
    assert "small.jpg (this photo)" in last.split("</div>")[0] and "smaller: 384 × 450" in last


def test_a_copy_that_is_gone_is_said_and_the_others_are_ranked(case, home):
    photo = case.record().photos[1]
    (home / "originals" / photo.sha256[:2] / photo.sha256).unlink()
    test = chosen(opened(case), NEAR)
    named(test, "toggle", "Which lies closest to the source?").set_value(True).run()
    assert "is no longer in" in test.error[0].value and "Place 2" in text_of(test) and "Place 3" not in text_of(test)


def test_one_photo_is_laid_on_another_on_request(case):
    test = chosen(opened(case), NEAR)
    next(each for each in test.button if each.key == f"near-lay-{case.id}-2").click().run()
    assert not test.exception
    text = text_of(test)
    assert "How they lie on one another" in text and "Difference" in text and "Heatmap, as it was kept" in text
    parts = next(frame.value for frame in test.dataframe if "part" in frame.value)
    assert parts.part.tolist() == ["face 1", "outside the faces"] and parts["mean"].iloc[1] > 0
    named(test, "button", "Close the comparison").click().run()
    assert "How they lie on one another" not in text_of(test)


def test_both_scores_are_said_with_what_the_higher_means(case):
    test = chosen(opened(case), ORIGINAL)
    box = next(each for each in test.selectbox if each.label.startswith("Suspected original"))
    assert box.options[0] == "4 · again.jpg (looks like this one)" and "1 ·" not in " ".join(box.options)
    box.set_value(2).run()
    scores = next(frame.value for frame in test.dataframe if "p(edited)" in frame.value)
    assert scores["p(edited)"].tolist() == ["0.97", "0.04"] and scores.photo.tolist() == ["this photo", "original.jpg"]
    text = text_of(test)
    assert "This photo scores higher" in text
    assert "In measured pairs this release scored" in text or "was not measured" in text


def test_scores_of_different_releases_are_not_compared(case):
    outcome = examination("real", sample("hopper_real.jpg"))
    outcome = replace(outcome, release=replace(read_release(), name="2026.11-5"))
    case.act(("examined", {"photo": 2} | dossier.found_in(outcome, "original.jpg").keep(case.keeping.objects)))
    test = chosen(opened(case), ORIGINAL)
    next(each for each in test.selectbox if each.label.startswith("Suspected original")).set_value(2).run()
    assert any("different releases" in each.value for each in test.warning)
    assert "scores higher." not in text_of(test)


def test_another_scene_is_not_laid_on_it_and_says_why(case):
    test = chosen(opened(case), ORIGINAL)
    next(each for each in test.selectbox if each.label.startswith("Suspected original")).set_value(5).run()
    assert not test.exception
    assert any("scene" in each.value for each in test.warning) and "How far they differ" not in text_of(test)


def uploaded(case, name, data, **who):
    test = chosen(opened(case, **who), ORIGINAL)
    test.segmented_control(key=f"original-way-{case.id}-1").set_value("A file").run()
    test.file_uploader[0].set_value((name, data, "image/jpeg")).run()
    assert not test.exception
    return test


def test_a_file_is_compared_and_not_kept_nor_scored_unless_asked(case, home, monkeypatch):
    entries, kept = len(case.entries()), sorted(path.name for path in home.rglob("*") if len(path.name) == 64)
    monkeypatch.setattr("pipeline.examining.loaded.load_cascade", lambda *_: pytest.fail("scored without being asked"))
    test = uploaded(case, "from <b>abroad</b>.jpg", sample("hopper_real.jpg"))
    text = text_of(test)
    assert "How they lie on one another" in text and r"\<b\>abroad" in text and "<b>" not in text.replace(r"\<b\>", "")
    assert sorted(path.name for path in home.rglob("*") if len(path.name) == 64) == kept
    assert len(case.entries()) - entries <= 1  # that the verdict was seen
    monkeypatch.undo()


def test_a_file_is_scored_by_the_very_release_once_asked(case):
    test = uploaded(case, "a.jpg", sample("hopper_real.jpg"))
    next(each for each in test.button if each.label.startswith("Score it by release")).click().run()
    assert not test.exception
    scores = next(frame.value for frame in test.dataframe if "p(edited)" in frame.value)
    assert scores.photo.tolist() == ["this photo", "a.jpg"] and scores.release.nunique() == 1
    assert 0 <= float(scores["p(edited)"].iloc[1].strip("<>")) <= 1


def test_a_file_is_added_once_that_is_asked_for(case, setting, home):
    setting(home=home, release="quick")
    test = uploaded(case, "new.jpg", sample("collins_real.jpg"))
    named(test, "button", "Add it to the case").click().run()
    assert not test.exception
    photo = case.record().photos[-1]
    assert (photo.number, photo.name, photo.who) == (6, "new.jpg", "ada") and photo.examined


def test_who_may_not_add_is_told_why(case):
    case.share("ben", "reviewer")
    test = uploaded(case, "new.jpg", sample("collins_real.jpg"), who="ben", role="viewer")
    assert named(test, "button", "Add it to the case").disabled and "Your role here is reviewer" in text_of(test)


@pytest.mark.parametrize("data", [b"%PDF-1.4", b"", b"\xff\xd8\xff\xe0 cut"])
def test_a_file_that_is_no_photo_is_said_in_its_place(case, data):
    test = uploaded(case, "x.jpg", data)
    assert test.error and "How they lie" not in text_of(test) and "Indications of a deepfake" in text_of(test)


def test_names_of_copies_are_plain_text():
    copy = Copy("<img src=x> \u202egpj", "ab" * 32, 10, 20, 300, "<b>JPEG</b>", label="real", p_edited=0.2)
    text = photo_copies.ranked_html(Ranked(copy, 2, ("<script>",), ("cut & pasted",)), False)
    assert "<img" not in text and "<b>" not in text and "<script>" not in text and "\u202e" not in text
    assert "− &lt;script&gt;" in text and "but: cut &amp; pasted" in text


@pytest.mark.parametrize(
    ("scores", "sentence"),
    [
        ([], "No copy has a probability of editing."),
        ([0.9, 0.8], "p(edited) from 0.80 to 0.90; 2 of 2 copies reach the threshold of their release. "
         "All copies agree."),
        ([0.9, 0.2], "p(edited) from 0.20 to 0.90; 1 of 2 copies reach the threshold of their release. "
         "The answer depends on which copy is asked: trust that closest to the source first."),
    ],
)  # fmt: skip
def test_a_spread_is_said_in_one_way(scores, sentence):
    labels = {True: "deepfake", False: "real"}
    copies = [
        Copy("a", "", 9, 9, 9, "JPEG", label=labels[score > 0.5], p_edited=score, threshold=0.5) for score in scores
    ]
    assert photo_copies.say_spread(spread(copies)) == sentence
