"""The one way in which a figure is said."""

import pytest

from pipeline.errors import BadEvaluation
from pipeline.results.figure import Figure
from pipeline.words.figures import interval_of, say, say_interval, say_value, unit_of


@pytest.mark.parametrize(
    ("figure", "text"),
    [
        (Figure(0.86, 0.83, 0.88, 1665), "86 % (83–88), n 1\u202f665"),
        (Figure(0.009, 0.004, 0.016, 50), "0.9 % (0.4–1.6), n 50"),
        (Figure(0.995, 0.99, 0.9999, 50), "99.5 % (99.0–100.0), n 50"),
        (Figure(0.0004, 0.0, 0.001, 50), "<0.1 % (0.00–0.10), n 50"),
        (Figure(1.0, 1.0, 1.0, 12), "100 % (no interval: all alike), n 12"),
        (Figure(0.5, None, None, 3), "50 %, n 3"),
        (Figure(None, None, None, 0), "–, n 0"),
    ],
)
def test_a_share(figure, text):
    assert say(figure, "%") == text and say(figure, "%", n=False) == text.partition(", n")[0]


def test_a_figure_without_a_unit():
    figure = Figure(0.861, 0.834, 0.876, 12)
    assert say(figure, "") == "0.86 (0.83–0.88), n 12" and say_value(figure, "") == "0.86"
    assert say_interval(figure, "") == "0.83–0.88" and interval_of(0.834, 0.876, "") == "0.83–0.88"


def test_a_stored_one_is_said_alike_and_a_damaged_one_refused():
    figure = Figure(0.86, 0.83, 0.88, 1665)
    assert say(figure.as_dict(), "%") == say(figure, "%")
    with pytest.raises(BadEvaluation):
        say({"value": 0.9}, "%")


def test_an_interval_apart_from_its_value_has_the_unit():
    assert say_interval(Figure(0.86, 0.83, 0.88, 9), "%") == "83–88 %"
    assert say_interval(Figure(None, None, None, 9), "%") == "–"
    assert say_interval(Figure(1.0, 1.0, 1.0, 9), "%") == "none: all alike"


def test_measures_know_their_unit():
    assert unit_of("recall") == "%" and unit_of("AUC") == ""
