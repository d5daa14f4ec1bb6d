"""The figure of a release on edits against their own originals, in one sentence; nothing where it was not measured."""

import pytest

from pipeline.errors import BadEvaluation
from pipeline.results.evaluation import ABOVE_ORIGINAL
from pipeline.words.above_original import above_original_record, say_above_original

MEASURED = {ABOVE_ORIGINAL: {"all": {"value": 0.9324, "low": 0.9207, "high": 0.9455, "n": 1672}}}


def test_the_share_is_said_with_its_interval_and_n():
    assert above_original_record(MEASURED).startswith(
        "In measured pairs this release scored 93 % (92–95) of 1\u202f672 edits above the very photo that they were "
        "made of (95 % interval; half would be chance)"
    )
    assert say_above_original(MEASURED[ABOVE_ORIGINAL]["all"]) == above_original_record(MEASURED), "from what was kept"


NOTHING = {"value": None, "low": None, "high": None, "n": 3}


@pytest.mark.parametrize("figures", [None, {}, {"all": None}, {"all": NOTHING}])
def test_what_was_not_measured_is_not_said(figures):
    assert above_original_record({} if figures is None else {ABOVE_ORIGINAL: figures}) == ""


def test_what_is_no_figure_is_refused():
    with pytest.raises(BadEvaluation):
        above_original_record({ABOVE_ORIGINAL: {"all": {"value": "many"}}})
