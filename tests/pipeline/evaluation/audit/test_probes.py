"""Classifiers that are asked about photos of groups they never saw."""

import numpy as np
import pandas as pd
import pytest

from pipeline.evaluation.audit.entries import Question, mean_recall, several_classes, two_classes
from pipeline.evaluation.audit.probes import forest, lacking, linear, out_of_fold, rule
from pipeline.evaluation.audit.wording import ABOVE, AT, UNMEASURED, comparisons
from pipeline.figures import bootstrap

RNG = np.random.default_rng(5)


def question(condition: str = "after") -> Question:
    return Question("metadata", "real or edited", "here", "edited", "all facts", condition, ("a", "b"))


def rows_of_both_classes(count: int, groups: int | None = None) -> pd.DataFrame:
    positive = np.arange(count) % 2 > 0
    return pd.DataFrame({"positive": positive, "group": [f"g{i // 2 % (groups or count)}" for i in range(count)]})


def noise(rows: pd.DataFrame, seed: int = 0) -> pd.DataFrame:
    return pd.DataFrame(np.random.default_rng(seed).normal(size=(len(rows), 2)), rows.index, columns=["a", "b"])


def test_no_group_is_on_both_sides():
    groups, truth = np.repeat(np.arange(30), 4).astype(str), np.tile([0, 1], 60)
    seen: list[tuple[set[str], int]] = []

    def spy(features, truth, part, seed):
        seen.append((set(part), len(part)))
        return forest(features, truth, part, seed)

    scores, models = out_of_fold(np.arange(120.0)[:, None], truth, groups, spy, 1)
    assert len(models) == 5 and np.allclose(scores.sum(axis=1), 1), "every photo was asked about once"
    assert sum(120 - length for _, length in seen) == 120
    left_out = [set(groups) - part for part, _ in seen]
    assert all(length == 4 * len(part) for part, length in seen), "a group is whole or absent"
    assert set.union(*left_out) == set(groups) and sum(map(len, left_out)) == 30


def test_the_inner_choice_keeps_groups_whole_too():
    """A label that only the group tells is at chance for unseen groups, whatever C is chosen."""
    rows = rows_of_both_classes(240).assign(group=[f"g{i // 8}" for i in range(240)])
    rows["positive"] = np.random.default_rng(1).random(30).repeat(8) < 0.5
    features = pd.DataFrame(np.random.default_rng(0).normal(size=(30, 20)).repeat(8, axis=0))
    assert two_classes(question(), rows, features, linear, 1)["standing"] == AT


@pytest.mark.parametrize("fit", [forest, linear])
def test_random_labels_are_at_chance_and_a_planted_leak_is_found(fit):
    rows = rows_of_both_classes(160)
    stand = [two_classes(question(), rows, noise(rows, seed), fit, seed) for seed in range(3)]
    holds = [e["balanced accuracy"]["low"] <= 0.5 <= e["balanced accuracy"]["high"] for e in stand]
    assert sum(holds) >= 2, "95 % intervals of random labels hold chance"
    leaky = noise(rows).assign(a=rows.positive + RNG.normal(0, 0.3, 160))
    entry = two_classes(question(), rows, leaky, fit, 1)
    assert entry["standing"] == ABOVE and entry["balanced accuracy"]["low"] > 0.8 and entry["AUC"]["low"] > 0.8
    assert entry["n"] == 160 and entry["groups"] == 80 and entry["classes"] == {"edited": 80, "real": 80}


def test_the_rule_scores_as_counted_by_hand():
    """All 80 negatives have 94; a quarter of the 80 positives have not."""
    rows = rows_of_both_classes(160)
    quality = np.where(rows.positive & (np.arange(160) % 8 == 1), 87.0, 94.0)
    entry = two_classes(question(), rows, pd.DataFrame({"a": quality}), rule, 1)
    assert entry["accuracy"]["value"] == pytest.approx((80 + 20) / 160)
    assert entry["balanced accuracy"]["value"] == pytest.approx((1 + 0.25) / 2) and entry["standing"] == ABOVE


def test_the_figures_are_those_of_the_scores_out_of_fold():
    rows = rows_of_both_classes(160)
    leaky = noise(rows).assign(a=rows.positive + RNG.normal(0, 1, 160))
    scores, _ = out_of_fold(leaky.to_numpy(), rows.positive.to_numpy(int), rows.group.to_numpy(), forest, 1)
    table = rows.assign(score=scores[:, 1], said=scores[:, 1] >= 0.5)
    entry = two_classes(question(), rows, leaky, forest, 1)
    assert entry["AUC"] == bootstrap.interval(table, bootstrap.auc)
    assert entry["accuracy"]["value"] == pytest.approx((table.said == table.positive).mean(), abs=1e-4)


def test_what_cannot_be_measured_is_said():
    rows = rows_of_both_classes(40, groups=4)
    few = two_classes(question(), rows, noise(rows), forest, 1)
    assert few["standing"] == UNMEASURED and few["verdict"].startswith("not measurable: 4 groups")
    one = rows[rows.positive]
    assert "only edited photos" in two_classes(question(), one, noise(one), forest, 1)["verdict"]
    assert "no photos" in two_classes(question(), rows, noise(rows).iloc[:0], forest, 1)["verdict"]
    assert lacking(np.array(["a", "b"] * 10), np.arange(20)) == "" and "balanced accuracy" not in few


def test_several_classes_by_hand_and_at_chance():
    table = pd.DataFrame({"truth": [0, 0, 0, 1, 2, 2], "said": [0, 0, 1, 1, 2, 0]})
    assert mean_recall(table) == pytest.approx((2 / 3 + 1 + 1 / 2) / 3)
    assert mean_recall(table[table.truth != 1]) == pytest.approx((2 / 3 + 1 / 2) / 2)
    rows = rows_of_both_classes(150).assign(truth=np.repeat(["x", "y", "z"], 50), group=range(150))
    entry = several_classes(question(), rows, noise(rows), linear, 1)
    assert entry["chance"] == pytest.approx(1 / 3, abs=1e-3) and entry["standing"] == AT and entry["AUC"] is None


def test_a_shortcut_that_goes_is_called_gone():
    rows = rows_of_both_classes(160)
    leaky = noise(rows).assign(a=rows.positive.astype(float))
    entries = [
        two_classes(question("before"), rows, leaky, forest, 1),
        two_classes(question("after"), rows, noise(rows), forest, 1),
    ]
    (row,) = comparisons(entries)
    assert row["before"]["value"] == 1 and row["said"].endswith(": gone.") and "chance 50 %" in row["said"]
    (row,) = comparisons([entries[0], entries[0] | {"condition": "after"}])
    assert row["said"].endswith(": still told.")
    (row,) = comparisons([entries[1]])
    assert row["said"].endswith(": nothing to tell it by.")
