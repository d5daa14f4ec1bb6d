import numpy as np
import pandas as pd
import pytest
from made_up_evaluation import predictions
from scipy.stats import binomtest
from sklearn.metrics import f1_score, roc_auc_score

from pipeline.figures import bootstrap, compare


def nudged(table, seed=1, noise=0.1):
    """The same photos as another release would judge them: scores that wander, no abstention."""
    first = np.clip(table.p_edited + np.random.default_rng(seed).normal(0, noise, len(table)), 0.001, 0.999)
    forced = np.where(first < 0.7, "real", np.where(table.says_deepfake, "deepfake", "facetune"))
    return table.assign(p_edited=first, says_edited=first >= 0.7, forced=forced, verdict=forced, reasons="")


@pytest.fixture
def table():
    return predictions(400)


def by_name(found):
    return {(one["stage"], one["measure"]): one for one in found}


def test_photos_are_paired_by_id_and_the_others_counted(table):
    other = nudged(table).iloc[::-1]
    both = compare.pair_up(table.iloc[:300], other.drop(index=range(10)))
    assert len(both) == 290 and (both.only_first, both.only_second, both.relabelled) == (10, 100, 0)
    assert list(both.first.id) == list(both.second.id) == list(table.id[10:300])
    assert list(both.second.p_edited) == list(nudged(table).p_edited[10:300])


def test_a_photo_that_was_relabelled_is_left_out(table):
    other = table.assign(label=["deepfake" if place == 3 else label for place, label in enumerate(table.label)])
    changed = int(table.label[3] != "deepfake")
    both = compare.pair_up(table, other)
    assert both.relabelled == changed and len(both) == 400 - changed


def test_a_photo_that_stands_twice_counts_once(table):
    both = compare.pair_up(pd.concat([table, table.head(5)]), pd.concat([table, table.tail(3)]))
    assert len(both) == 400 and (both.only_first, both.only_second) == (0, 0)


def test_without_common_photos_there_is_nothing(table):
    both = compare.pair_up(table, table.assign(id="x" + table.id))
    assert (len(both), both.only_first, both.only_second) == (0, 400, 400)
    assert {one["standing"] for one in compare.differences(both)} == {"not measured"}
    assert compare.flips(both).empty and compare.mcnemar(both)["p"] == 1


def test_differences_are_those_of_the_plain_measures(table):
    other = nudged(table)
    found = by_name(compare.differences(compare.pair_up(table, other), forgeries=True))
    truth = table.label != "real"
    auc = found["stage 1", "AUC"]
    assert auc["value"] == pytest.approx(
        roc_auc_score(truth, other.p_edited) - roc_auc_score(truth, table.p_edited), abs=1e-4
    )
    assert auc["first"]["value"] == pytest.approx(roc_auc_score(truth, table.p_edited), abs=1e-4)
    f1 = [f1_score(table.label, one.forced, average="macro") for one in (table, other)]
    assert found["both stages", "macro-F1"]["value"] == pytest.approx(f1[1] - f1[0], abs=1e-4)
    assert all(one["low"] <= one["value"] <= one["high"] for one in found.values())
    assert found["stage 1", "recall"]["n"] == truth.sum()
    assert found["stage 1", "false alarms"]["n"] == (~truth).sum()


def test_a_paired_interval_is_narrower_than_that_of_two_evaluations_by_themselves(table):
    auc = by_name(compare.differences(compare.pair_up(table, nudged(table, noise=0.01)), True))["stage 1", "AUC"]
    alone = auc["first"]["high"] - auc["first"]["low"]
    assert auc["high"] - auc["low"] < alone / 3


def test_forged_edits_count_only_where_asked_for(table):
    both = compare.pair_up(table, nudged(table))
    camera = table[~table.source.str.startswith("forge-")]
    own, all_of = (by_name(compare.differences(both, asked)) for asked in (False, True))
    assert own["stage 1", "AUC"]["n"] == len(camera) < all_of["stage 1", "AUC"]["n"] == len(table)
    assert own["stage 2, same originals", "AUC"] == all_of["stage 2, same originals", "AUC"]


def test_stage_2_is_told_only_of_originals_with_edits_of_both_kinds(table):
    pairs = ["forge-a", "forge-a", "forge-b", "forge-b", "", "forge-a"]
    labels = ["deepfake", "facetune", "deepfake", "deepfake", "facetune", "real"]
    few = table.head(6).assign(pair=pairs, label=labels)
    found = by_name(compare.differences(compare.pair_up(few, few)))
    assert found["stage 2, same originals", "AUC"]["n"] == 2


def test_a_stage_that_did_not_score_a_photo_leaves_it_out(table):
    lacking = table.assign(p_edited=np.where(np.arange(400) < 50, np.nan, table.p_edited))
    found = by_name(compare.differences(compare.pair_up(table, lacking), True))["stage 1", "AUC"]
    assert found["n"] == 350 and found["value"] == 0


def test_wrong_verdicts_are_told_of_the_photos_that_got_one_on_each_side(table):
    other = nudged(table)
    risk = by_name(compare.differences(compare.pair_up(table, other), True))["both stages", "risk"]
    answered = int((table.verdict != "inconclusive").sum())
    assert answered < 400 and risk["n"] is None, "not the same many"
    assert (risk["first"]["n"], risk["second"]["n"]) == (answered, 400)
    same = by_name(compare.differences(compare.pair_up(other, nudged(other)), True))
    assert same["both stages", "risk"]["n"] == same["both stages", "coverage"]["n"] == 400
    assert {one["first"]["n"] for one in same.values()} | {one["second"]["n"] for one in same.values()} == {
        one["n"] for one in same.values()
    }


def test_what_lacks_a_class_is_not_measured(table):
    reals = table[table.label == "real"]
    found = by_name(compare.differences(compare.pair_up(reals, nudged(reals))))
    assert found["stage 1", "AUC"]["value"] is None and found["stage 1", "AUC"]["standing"] == "not measured"
    assert found["stage 1", "recall"]["n"] == 0
    assert found["stage 1", "false alarms"]["value"] is not None


@pytest.mark.parametrize(
    ("measure", "low", "high", "said"),
    [
        ("AUC", 0.01, 0.02, "better"),
        ("AUC", -0.02, -0.01, "worse"),
        ("AUC", -0.01, 0.02, "not told apart"),
        ("AUC", 0.0, 0.02, "not told apart"),
        ("risk", 0.01, 0.02, "worse"),
        ("false alarms", -0.02, -0.01, "better"),
        ("coverage", 0.01, 0.02, "more"),
        ("coverage", -0.02, -0.01, "fewer"),
        ("AUC", None, None, "not measured"),
    ],
)
def test_a_difference_counts_only_off_zero(measure, low, high, said):
    assert compare.say_standing(measure, low, high) == said


def test_every_measure_has_a_meaning_of_better(table):
    told = {one["measure"] for one in compare.differences(compare.pair_up(table, table))}
    assert told <= {*bootstrap.STAGE_MEASURES, *bootstrap.JOINT_MEASURES} and set(compare.LESS_IS_BETTER) <= told


def test_an_evaluation_does_not_differ_from_itself(table):
    both = compare.pair_up(table, table)
    assert {one["standing"] for one in compare.differences(both)} == {"not told apart"}
    assert {(one["value"], one["low"], one["high"]) for one in compare.differences(both)} == {(0, 0, 0)}
    assert compare.flips(both).empty
    assert compare.mcnemar(both)["p"] == 1


def test_mcnemar_counts_only_photos_on_which_one_is_right():
    label = ["real"] * 20
    first = pd.DataFrame({"label": label, "forced": ["real"] * 10 + ["deepfake"] * 10})
    second = pd.DataFrame({"label": label, "forced": ["real"] * 8 + ["facetune"] * 2 + ["real"] * 9 + ["facetune"]})
    found = compare.mcnemar(compare.Pairing(first, second, 0, 0, 0))
    counts = {"both right": 8, "only first right": 2, "only second right": 9, "both wrong": 1, "n": 20}
    assert found == counts | {"p": pytest.approx(binomtest(9, 11, 0.5).pvalue)}


def test_flips_tell_both_ways_and_the_widest_move_comes_first(table):
    told = ["real", "deepfake", "facetune", "inconclusive", "real"]
    one = table.head(5).assign(
        label="real", kind="camera", source="s", verdict=told, p_edited=[0.1, 0.2, 0.3, 0.4, 0.5]
    )
    now = ["deepfake", "real", "deepfake", "facetune", "real"]
    other = one.assign(verdict=now, p_edited=[0.2, 0.9, 0.35, 0.6, 0.9])
    found = compare.flips(compare.pair_up(one, other))
    assert list(found.turned) == ["wrong → right", "no verdict → wrong", "right → wrong", "wrong → wrong"]
    assert list(found.id) == [table.id[1], table.id[3], table.id[0], table.id[2]]
    assert list(found.verdict_second) == ["real", "facetune", "deepfake", "deepfake"]
