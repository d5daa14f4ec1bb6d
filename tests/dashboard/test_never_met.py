"""Calibration where edited photos, or the others, never came to an outcome: only limits are known, and only they stand.

None of 30 unedited photos was flagged: that all of the flagged are edited is a guess, not a measurement.
"""

import numpy as np
import pandas as pd
import pytest

from dashboard.kit import charts
from dashboard.views.calibration import pictures
from dashboard.views.calibration.frequencies import UP_TO, frequencies, photos_for
from pipeline.figures.base_rates import Tally, worth


def rates(flagged, passed, label):
    verdicts = ["deepfake"] * flagged + ["real"] * passed + ["inconclusive"] * (30 - flagged - passed)
    groups = [str(place) for place in range(30)]
    table = pd.DataFrame({"label": label, "kind": "k", "source": "s", "verdict": verdicts, "group": groups})
    return Tally.of(table).rates(np.array([True]))


@pytest.fixture
def drawn(monkeypatch):
    """What is drawn, by name: the plot, its numbers, its alt text and its caption."""
    kept = {}
    monkeypatch.setattr(
        charts, "draw_plot", lambda plot, data, name, alt, caption="": kept.update({name: (plot, data, alt, caption)})
    )
    return kept


EDITED, NEVER_FLAGGED, MET = rates(20, 5, "deepfake"), rates(0, 25, "real"), rates(2, 25, "real")


def test_the_curve_draws_the_band_alone(drawn):
    pictures.draw_curve(EDITED, NEVER_FLAGGED, 10)
    plot, data, _, caption = drawn["worth"]
    assert data.flagged.isna().all() and data.flagged_low.notna().all() and data.flagged_high.notna().all()
    assert data.passed.notna().all() and ",,0.0" in charts.csv_of(data).decode("utf-8-sig").splitlines()[1]
    named = {one.name: one for one in plot.data if one.name}
    assert set(named) == {"flagged: edited after all, only limits known", "no indication: not edited"}
    assert named["flagged: edited after all, only limits known"].fill == "tonexty"
    assert "A band without a line" in caption


def test_where_both_were_met_the_curve_has_both_lines(drawn):
    pictures.draw_curve(EDITED, MET, 10)
    plot, data, _, caption = drawn["worth"]
    assert data.notna().all(axis=None) and "without a line" not in caption
    assert data.flagged.tolist() == pytest.approx(
        (100 * worth(EDITED, MET, data.prevalence.to_numpy()).flagged).tolist()
    )
    assert {one.name for one in plot.data if one.name} == {"flagged: edited after all", "no indication: not edited"}


def test_the_tree_shows_a_range_in_place_of_none(drawn):
    pictures.draw_tree(EDITED, NEVER_FLAGGED, 10)
    plot, data, alt, caption = drawn["tree"]
    most = int(np.ceil(900 * NEVER_FLAGGED.figure("flagged")["high"]))
    assert any(f"<b>0–{most}</b> flagged" in box.text for box in plot.layout.annotations)
    others = data[(data.truth == "not edited") & (data.outcome == "flagged")].iloc[0]
    assert pd.isna(others.photos) and others[UP_TO] == most > 0
    for told in (alt, caption):
        assert f"67–{67 + most}" in told and "is not known: the others were never flagged here" in told
        assert "**67**" not in told and "0 others" not in told
    assert f"67 edited ones and 0–{most} others" in alt


def test_a_tree_of_edits_that_were_never_flagged_says_so(drawn):
    pictures.draw_tree(rates(0, 25, "deepfake"), NEVER_FLAGGED, 10)
    assert "edited photos and the others were never flagged here" in drawn["tree"][3]


def test_where_both_were_met_the_tree_is_of_whole_numbers(drawn):
    pictures.draw_tree(EDITED, MET, 10)
    _, data, alt, caption = drawn["tree"]
    assert data.photos.sum() == photos_for(10) and data[UP_TO].isna().all()
    assert "are flagged: 67 edited ones and 60 others." in alt and "of which **67** are edited" in caption
    assert frequencies(EDITED, NEVER_FLAGGED, 10).photos.sum() == photos_for(10), "a range takes no photo away"


def test_dots_are_drawn_of_what_is_known(drawn):
    pictures.draw_dots(EDITED, NEVER_FLAGGED, 10)
    assert set(drawn["dots"][1].verdict) == {"no indication"}
    assert any(one.text == "not known" for one in drawn["dots"][0].layout.annotations)
