"""What a card says of failures: the worst first, nothing of what is well, nothing of too few photos."""

from pipeline.evaluation.failures import MOST, known_failures


def figure(value, n=100):
    low, high = (None, None) if value is None else (value - 0.04, value + 0.04)
    return {"value": value, "low": low, "high": high, "n": n}


def test_the_worst_kinds_and_sources_are_told_in_words():
    kinds = {"a: retouch": figure(0.18), "a: face swap": figure(0.9), "b: retouch": figure(0.1), "few": figure(0, 19)}
    sources = {
        "a": {"AUC": figure(0.71), "ECE": figure(0.4)},
        "b": {"AUC": figure(0.95), "ECE": figure(0.11)},
        "collections": {"AUC": figure(0.6)},
        "none": {"AUC": figure(None), "ECE": figure(None)},
    }
    assert known_failures({"edited": sources, "recall by kind": kinds}, "edited", "test") == [
        "On test: of edits “b: retouch” it finds 10 % (6–14), n 100.",
        "On test: of edits “a: retouch” it finds 18 % (14–22), n 100.",
        "On test: on a it tells the two apart with AUC 0.71 (0.67–0.75), n 100; 0.5 is guessing.",
    ]


def test_stage_2_is_not_charged_with_what_stage_1_misses():
    metrics = {"deepfake": {"a": {"AUC": figure(0.99), "ECE": figure(0.01)}}, "recall by kind": {"x": figure(0.1)}}
    assert known_failures(metrics, "deepfake", "test") == []
    assert len(known_failures({"deepfake": {"a": {"AUC": figure(0.85)}}}, "deepfake", "test")) == 1
    assert known_failures({}, "edited", "test") == []


def test_only_so_many_are_told():
    kinds = {f"kind {n}": figure(n / 100) for n in range(10)}
    sentences = known_failures({"recall by kind": kinds}, "edited", "test")
    assert len(sentences) == MOST and "“kind 0”" in sentences[0]
