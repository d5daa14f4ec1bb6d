"""Viewer warnings: four levels, in words for viewers, and never that a photo is genuine."""

import pytest

from pipeline.api import schemas
from pipeline.api.labels import warning
from pipeline.verdict import CAUTION
from pipeline.words.warnings import LEVELS, NO_WARNING
from tests.served_api import is_problem


def ask(api, file, **options):
    answer = api.client.post("/v1/labels", files={"file": file}, data=options)
    assert answer.status_code == 200, answer.text
    schemas.Label.model_validate(answer.json())
    return answer.json()


def test_a_photo_in_a_warning_out(api, face, sample):
    label = ask(api, face)
    assert (label["level"], label["confidence"]) == ("deepfake", "strong")
    assert label["text"] == "This photo may be a deepfake." and label["release"] == "2026.11-5"
    assert label["caution"] == CAUTION and label["remark"] == NO_WARNING
    assert api.client.get(label["details"]).json()["verdict"] == "deepfake"
    real = ask(api, ("r.jpg", sample("hopper_real.jpg")))
    assert (real["level"], real["text"], real["confidence"]) == ("none", "", None)
    assert "genuine" not in str(real).lower() and real["name"] == "No warning"


@pytest.mark.parametrize(
    ("name", "data"), [("coffee_no_face.jpg", None), ("empty.jpg", b""), ("text.jpg", b"text"), ("x.zip", b"PK\3\4")]
)
def test_what_cannot_be_checked_says_so(api, sample, name, data):
    label = ask(api, (name, sample(name) if data is None else data))
    assert (label["level"], label["text"]) == ("unchecked", "This photo could not be checked.")
    assert label["confidence"] is None and bool(label["error"]) != bool(label["reasons"])
    assert bool(label["details"]) == (data is None)


def test_the_threshold_is_the_platform_s(api, face, sample):
    real = ("r.jpg", sample("hopper_real.jpg"))
    assert ask(api, real, threshold="0.0001")["level"] == "edited"
    assert ask(api, face, threshold="0.9999")["level"] == "none"
    for odd in ("0", "1", "nan", "much", "-1", "1e9"):
        is_problem(api.client.post("/v1/labels", files={"file": face}, data={"threshold": odd}), 422, "bad_call")


def test_every_level_has_its_words_and_its_band(api):
    cases = {
        "deepfake": ({"verdict": "deepfake", "p_edited": 0.9, "p_deepfake": 0.9}, "moderate"),
        "edited": ({"verdict": "facetune", "p_edited": 0.6, "p_deepfake": 0.1}, "weak"),
        "unchecked": ({"verdict": "inconclusive", "p_edited": 0.99, "reasons": ["unstable"]}, None),
        "none": ({"verdict": "real", "p_edited": 0.1}, None),
    }
    assert set(cases) == set(LEVELS)
    for level, (answer, band) in cases.items():
        said = warning(api.service, answer | {"links": {"self": "x"}}, 0.5)
        assert (said["level"], said["confidence"]) == (level, band)
        assert said["reasons"] == (["unstable"] if level == "unchecked" else [])
