"""What the page says of how many: slices that look worse by luck alone, and photos behind each measure of a tier."""

import pandas as pd
import pytest

from dashboard.kit import charts
from dashboard.views.where_it_fails.measures import MISSED
from dashboard.views.where_it_fails.summary import say_worst
from dashboard.views.where_it_fails.tiers import LEVELS, _draw_plot
from dashboard.views.where_it_fails.wording import say_counts, say_luck


def figure(value, low, high, n=100):
    return {"value": value, "low": low, "high": high, "n": n}


@pytest.mark.parametrize(
    ("n", "by_luck"),
    [
        (1, "With a chance of about 1 in 40, at least one would"),
        (5, "With a chance of about 1 in 8, at least one would"),
        (19, "With a chance of about 1 in 3, at least one would"),
        (40, "About one would"),
        (120, "About 3 would"),
    ],
)
def test_of_few_slices_it_is_said_how_likely_luck_makes_any_look_worse(n, by_luck):
    assert f"compared. {by_luck} lie wholly on the worse side by luck alone" in say_luck(n)
    slices = [{"slice": "kind", "value": str(one), "n": 100, "recall": figure(0.1, 0.05, 0.15)} for one in range(n)]
    metrics = {"slices overall": {"recall": figure(0.6, 0.5, 0.7, 500)}, "slices": slices}
    assert f"{by_luck.lower()} by luck alone." in say_worst(metrics, MISSED)


def test_one_slice_is_no_plural():
    assert say_luck(1).startswith("1 slice is compared") and say_luck(2).startswith("2 slices are compared")


def test_each_measure_of_a_tier_is_said_with_its_own_photos(monkeypatch):
    captions = []
    monkeypatch.setattr(charts, "draw_plot", lambda plot, data, name, alt, caption: captions.append(caption))
    tiers = {
        name: {
            "balanced accuracy": figure(0.7, 0.6, 0.8, 1290),
            "recall": figure(0.5, 0.4, 0.6, found),
            "false alarms": figure(0.1, 0.05, 0.2, 1200),
        }
        for name, found in (("clean", 90), ("web", 86))
    }
    _draw_plot(tiers, LEVELS, "Stage 1", "share (%)", "tiers-levels")
    told = "n 1\u202f290 for balanced accuracy, 86–90 for edits found, 1\u202f200 for false alarms."
    assert captions[0].startswith(told)


def test_one_n_for_all_measures_is_said_once():
    table = pd.DataFrame({"measure": ["a", "a", "b"], "n": [40, 40, 40]})
    assert say_counts(table) == "n 40 photos for each."
