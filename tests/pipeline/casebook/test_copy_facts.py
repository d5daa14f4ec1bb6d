"""Copies of one photo among those of a case: their facts, and how they lie on one another."""

import io

import pytest
from PIL import Image

from pipeline.casebook import dossier
from pipeline.casebook.adding import add_item
from pipeline.casebook.alike.copies import CAMERA
from pipeline.casebook.alike.copy_facts import copy_of, earlier_of, lay_copies, metadata_of
from pipeline.casebook.alike.like_photos import other_photos
from pipeline.casebook.report.parts import Part
from pipeline.intake import Item


def finding(signal, weight="ordinary", *names):
    return {"signal": signal, "weight": weight, "facts": [{"name": name, "value": "x"} for name in names]}


def test_what_a_file_keeps_is_told_by_what_the_signals_saw():
    seen = [finding("exif", "ordinary", "Camera make", "Lens"), finding("dates", "nothing", "Now"), finding("place")]
    assert metadata_of(Part({"findings": seen})) == (CAMERA,)
    assert metadata_of(Part({"findings": [finding("exif", "ordinary", "Width, as EXIF says")]})) == ()
    assert metadata_of(Part({"findings": [finding("place", "look", "Latitude"), finding("ela", "look", "x")]})) == (
        "place",
    )


@pytest.mark.parametrize(("value", "quality"), [("about 75", 75), ("none seen", -1), ("about 9999", -1), ("", -1)])
def test_the_quality_of_an_earlier_jpeg_is_read_from_what_the_signal_saw(value, quality):
    fact = {"name": "Quality of an earlier JPEG", "value": value}
    seen = [{"signal": "exif", "facts": [fact]}, {"signal": "double_compression", "facts": [fact]}]
    assert earlier_of(Part({"findings": seen})) == quality
    assert earlier_of(Part({"findings": seen[:1]})) is None, "another signal's words are not taken for it"


def test_a_jpeg_saved_twice_is_known_to_be_by_its_dossier(case, quick, casebook, sample):
    once = Image.open(io.BytesIO(sample("hopper_real.jpg"))).resize((1024, 1200), Image.Resampling.LANCZOS)
    first, second = io.BytesIO(), io.BytesIO()
    once.save(first, "JPEG", quality=60)
    Image.open(first).save(second, "JPEG", quality=92)
    for name, data in (("once.jpg", first.getvalue()), ("twice.jpg", second.getvalue())):
        add_item(case, Item(name, data), quick, heatmaps=False)
    photos = sorted(other_photos(casebook, [(case.id, 1), (case.id, 2)]), key=lambda one: one.number)
    dossiers = [Part(dossier.read(one.dossier, case.keeping.objects)) for one in photos]
    assert [copy_of(*pair).earlier_quality for pair in zip(photos, dossiers, strict=True)] == [-1, 60]


@pytest.fixture
def copies(case, add, examined, casebook):
    add(case, "hopper_real.jpg")
    add(case, "hopper_smooth_skin.jpg")
    photos = sorted(other_photos(casebook, [(case.id, 1), (case.id, 2)]), key=lambda one: one.number)
    return [copy_of(one, Part(dossier.read(one.dossier, case.keeping.objects))) for one in photos]


def test_a_copy_has_the_facts_of_its_file_and_of_its_verdict(copies, examined):
    first = copies[0]
    photo, verdict = examined["hopper_real.jpg"].photo, examined["hopper_real.jpg"].verdict
    assert (first.width, first.height, first.bytes, first.format) == (
        photo.width,
        photo.height,
        len(photo.data),
        "JPEG",
    )
    assert (first.label, first.threshold) == (verdict.label, verdict.edited.threshold)
    assert first.p_edited == pytest.approx(verdict.edited.probability, abs=1e-6)


def test_copies_are_laid_on_one_another_with_their_qualities(copies, case, examined):
    laid, problems = lay_copies(case.keeping, copies)
    assert problems == [] and all(copy.laid for copy in laid)
    with Image.open(io.BytesIO(examined["hopper_real.jpg"].photo.data)) as image:
        assert image.format == "JPEG" and 1 <= laid[0].jpeg_quality <= 100
    assert [copy.scale for copy in laid] == pytest.approx([1, 1], abs=0.01)


def test_one_that_is_gone_is_named_and_the_others_are_laid(copies, case):
    case.keeping.originals.remove(copies[1].sha256)
    laid, problems = lay_copies(case.keeping, copies)
    assert [copy.name for copy in laid] == ["hopper_real.jpg"] and "is no longer in" in str(problems[0])


def test_copies_that_would_fill_the_memory_are_left_out(copies, case, monkeypatch):
    monkeypatch.setattr("pipeline.casebook.alike.copy_facts.MOST_PIXELS", copies[0].width * copies[0].height)
    laid, problems = lay_copies(case.keeping, copies)
    assert len(laid) == 1 and "hopper_smooth_skin.jpg was left out" in str(problems[0])
