"""The page tells where errors lie, how sure that is, and says so where something was not measured."""

import json
from itertools import pairwise

import pytest
from made_up_evaluation import write_evaluation
from streamlit.testing.v1 import AppTest

from dashboard.views.where_it_fails import page, summary, tone
from dashboard.views.where_it_fails.measures import ALARMS, AUC, BALANCED, MEASURES, MISSED
from dashboard.views.where_it_fails.pair_rows import rank_pairs
from dashboard.views.where_it_fails.rows import (
    BETTER,
    LIKE,
    UNTOLD,
    WORSE,
    rank_slices,
    standing_of,
    tier_table,
    too_few,
)
from dashboard.views.where_it_fails.tiers import TIERS
from dashboard.views.where_it_fails.tree_html import _box_html, branch_html, tree_table
from dashboard.views.where_it_fails.wording import say_gap, say_held_out, tell_above_original
from pipeline.results.evaluation import ABOVE_ORIGINAL, Evaluation

PAGE = "from dashboard.views.where_it_fails import page\npage.render()"
NEW = ("slices overall", "slice gaps", "slice pairs", "error tree")


@pytest.fixture(scope="module")
def kept(tmp_path_factory):
    """A made-up evaluation of 600 photos, written once."""
    return write_evaluation(tmp_path_factory.mktemp("kept"), 600, release="r1")


@pytest.fixture
def shown(kept, setting):
    setting(evaluations=kept.parents[1])
    return Evaluation.read(kept)


@pytest.fixture
def changed(kept, setting, tmp_path):
    """Put a copy of the evaluation in place, its metrics changed: `changed(lambda metrics: …)`."""

    def put(change, rows=None):
        path = tmp_path / "r1" / kept.name
        path.mkdir(parents=True, exist_ok=True)
        for file in kept.iterdir():
            (path / file.name).write_bytes(file.read_bytes())
        metrics = json.loads((path / "metrics.json").read_text())
        change(metrics)
        (path / "metrics.json").write_text(json.dumps(metrics))
        setting(evaluations=tmp_path)

    return put


def run(part=""):
    test = AppTest.from_string(PAGE, default_timeout=120).run()
    assert not test.exception
    return look(test, part) if part else test


def look(test, part):
    test.segmented_control(key="fails-part").set_value(part).run()
    assert not test.exception
    return test


def everything():
    """Return what all parts of the page say."""
    test = run()
    return "\n".join(said(look(test, part)) for part in page.PARTS)


def said(test):
    kinds = (test.markdown, test.caption, test.info, test.warning, test.code, test.subheader)
    return "\n".join(str(part.value) for kind in kinds for part in kind)


def figure(value, low, high, n=100):
    return {"value": value, "low": low, "high": high, "n": n}


def test_the_page_answers_from_the_stored_figures(shown):
    text = everything()
    assert "Edits are missed" in text and "Real photos are called edited" in text
    table = rank_slices(shown.metrics, MISSED)
    surely = table[table.standing == WORSE]
    worst = (surely if len(surely) else table).iloc[0]
    assert MISSED.say(dict(worst)) in text.replace("\\", "")
    assert "Would a verdict survive a re-save?" in text and "by luck alone" in text
    assert "On photos that it was not grown on" in text and "The gap is" in text


def test_a_measure_and_a_fact_are_chosen_without_error(shown):
    test = run()
    for measure in MEASURES:
        test.segmented_control(key="fails-measure").set_value(measure.name).run()
        assert not test.exception
    test.segmented_control(key="fails-measure").set_value(ALARMS.name).run()
    assert "kind" not in test.selectbox(key="fails-about").options  # the same real photos again
    test.selectbox(key="fails-about").set_value("sharpness").run()
    test.toggle(key="fails-all").set_value(True).run()
    assert not test.exception and set(test.dataframe[0].value["about"]) == {"sharpness"}
    look(test, "Pairs of slices")
    test.segmented_control(key="pair-measure").set_value(ALARMS.name).run()
    test.toggle(key="pair-news").set_value(True).run()
    assert not test.exception


def test_an_older_evaluation_says_what_it_lacks(changed):
    changed(lambda metrics: [metrics.pop(key) for key in NEW])
    text = everything()
    assert text.count("evaluate the release again") == 3 and "python -m pipeline evaluate r1" in text
    assert "over the collections' own photos" in text and "was not measured in this evaluation" in text


def test_an_evaluation_without_slices_and_tiers_says_so(changed):
    changed(lambda metrics: [metrics.pop(key) for key in (*NEW, "slices", "tiers")])
    text = everything()
    assert "No slice has the 20" in text and "Robustness was not measured" in text


def test_no_evaluation_yet_says_how_to_make_one(setting, tmp_path):
    setting(evaluations=tmp_path / "nothing")
    assert "There is no evaluation" in said(run())


def test_a_damaged_folder_is_named_and_the_others_are_shown(changed, tmp_path):
    changed(lambda metrics: None)
    (tmp_path / "r1" / "test@half").mkdir()
    test = run()
    assert "cannot be shown" in str(test.expander[0].label) and "test@half" in said(test).replace("\\", "")


def test_real_photos_alone_have_no_edits_missed(setting, tmp_path, kept):
    found = Evaluation.read(kept)
    for row in found.metrics["slices"]:
        for key in ("recall", "AUC", "balanced accuracy"):
            row[key] = figure(None, None, None, 0)
    assert rank_slices(found.metrics, MISSED).empty and not too_few(found.metrics, MISSED)
    assert summary.say_worst(found.metrics, MISSED) == "" != summary.say_worst(found.metrics, ALARMS)


def test_names_from_files_are_no_markup(changed):
    def hostile(metrics):
        metrics["slices"][0] |= {"slice": "source", "value": "**<b>[x](http://y)", "recall": figure(0.0, 0.0, 0.1, 90)}

    changed(hostile)
    text = said(run())
    assert "**<b>[x](http://y)" not in text and r"\*\*\<b\>\[x\]" in text


def test_edits_beside_their_originals(changed, shown):
    found = {"all": figure(0.8, 0.75, 0.85, 90), "<b>*x*": figure(0.55, 0.45, 0.65, 30), "y": figure(0.9, 0.8, 1.0, 60)}
    changed(lambda metrics: metrics.update({ABOVE_ORIGINAL: found}))
    test = run("Edit against original")
    text = said(test)
    assert "Of 90 edits, 80 % (75–85) score above the very photo" in text
    assert "Not clearly above chance: " in text and "<b>" not in text.replace(r"\<", "")
    assert "y" not in tell_above_original(found).rpartition("chance: ")[2]
    assert len(test.get("plotly_chart")) == 1
    blank = {name: figure(None, None, None, 0) for name in found}
    changed(lambda metrics: metrics.update({ABOVE_ORIGINAL: blank}))
    assert "Not measured" in said(run("Edit against original"))


def test_slices_come_worst_first(shown):
    for measure in MEASURES:
        values = list(rank_slices(shown.metrics, measure).value)
        assert values and all(one >= other if measure.lower else one <= other for one, other in pairwise(values))


def test_edits_missed_are_one_less_recall():
    assert MISSED.of({"recall": figure(0.25, 0.2, 0.4)}) == pytest.approx(figure(0.75, 0.6, 0.8))
    assert MISSED.of({"recall": figure(None, None, None, 3)}) is None and MISSED.of({}) is None


@pytest.mark.parametrize(("one", "measure", "expected"), [
    (figure(0.5, 0.4, 0.6), MISSED, WORSE), (figure(0.1, 0.05, 0.2), MISSED, BETTER),
    (figure(0.4, 0.2, 0.5), MISSED, LIKE), (figure(0.0, 0.0, 0.0), MISSED, UNTOLD),
    (figure(0.2, 0.1, 0.25), AUC, WORSE), (figure(0.5, 0.4, 0.6), BALANCED, BETTER),
])  # fmt: skip
def test_a_slice_stands_where_its_interval_lies(one, measure, expected):
    assert standing_of(one, figure(0.3, 0.2, 0.4), measure.lower) == expected
    assert standing_of(one, None, measure.lower) == ""


def test_the_summary_tells_chance_from_more():
    metrics = {
        "slices overall": {"recall": figure(0.6, 0.5, 0.7, 500)},
        "slices": [{"slice": "kind", "value": "retouch", "n": 100, "recall": figure(0.1, 0.05, 0.15)},
                   {"slice": "kind", "value": "swap", "n": 100, "recall": figure(0.55, 0.4, 0.7)}],
    }  # fmt: skip
    sure = summary.say_worst(metrics, MISSED)
    assert (
        "most often on" in sure
        and "retouch" in sure
        and "swap" not in sure
        and "90 % (85–95)" in sure.replace("\\", "")
    )
    metrics["slices"] = metrics["slices"][1:]
    assert "may be chance" in summary.say_worst(metrics, MISSED)


@pytest.mark.parametrize(("share", "words"), [(0.004, "Nearly always"), (0.17, "up to one in 6"), (0.6, "Often not")])
def test_a_re_save_is_told_from_the_share_of_verdicts_that_change(share, words):
    tiers = {"clean": {"flips": figure(0, 0, 0)}, "web": {"flips": figure(share, 0.0, share + 0.05, 360)}}
    line = summary.say_resaved({"tiers": tiers})
    assert words in line and "n 360" in line
    assert summary.say_resaved({"tiers": {"clean": tiers["clean"]}}) == summary.say_resaved({}) == ""


def test_a_gap_is_told_with_what_may_be_chance():
    def metrics(low):
        rows = [{"slice": tone.SKIN_TONE, "value": name, "recall": one}
                for name, one in (("dark", figure(0.3, 0.2, 0.4)), ("light", figure(0.5, 0.45, 0.6)))]  # fmt: skip
        gap = figure(0.2, low, 0.3) | {"worst": "dark", "best": "light"}
        return {"slices": rows, "slice gaps": {tone.SKIN_TONE: {"recall": gap}}}

    assert "may be chance" in say_gap(metrics(-0.1), MISSED) and "−10.0 to 30.0" in say_gap(metrics(-0.1), MISSED)
    assert "probably real" in say_gap(metrics(0.1), MISSED) and "do not overlap" in say_gap(metrics(0.1), MISSED)


def test_every_tier_is_told_in_words_that_are_true():
    from pipeline.evaluation import tiers
    from pipeline.examining.container import PLATFORM_SIDE

    assert set(TIERS) == set(tiers.TIERS)
    for name in ("web", "hard"):
        known = tiers.WHOLE[name].keywords
        assert f"{known['longest']} px" in TIERS[name] and str(known["quality"]) in TIERS[name]
    assert f"{PLATFORM_SIDE} px" in TIERS["social"] and tiers.MARGIN == 1 / 5


def test_pairs_are_ordered_by_what_is_sure(shown):
    table = rank_pairs(shown.metrics, MISSED)
    assert len(table) and list(table.surely) == sorted(table.surely, reverse=True)
    assert (table[table.news].surely > 0).all()


def test_a_tree_says_whether_it_holds():
    assert "the pattern holds" in say_held_out(figure(0.8, 0.7, 0.9))
    assert "only just" in say_held_out(figure(0.55, 0.52, 0.58))
    assert "may be luck" in say_held_out(figure(0.54, 0.42, 0.67))
    assert "could not be measured" in say_held_out(figure(None, None, None))


def test_a_tree_is_drawn_whole_and_is_no_markup(shown):
    found = shown.metrics["error tree"]["edited"]
    assert branch_html(found["nodes"], 0, found, "edited photos").count("tt-box") == len(found["nodes"])
    node = found["nodes"][1] | {"condition": "kind is <script>"}
    assert "<script>" not in _box_html(node, found, "edited photos")
    assert len(tree_table(found["nodes"])) == len(found["nodes"])


def test_no_tree_says_why(changed):
    nothing = {"n": 12, "errors": 1, "why": "fewer than 60 photos", "nodes": []}
    changed(lambda metrics: metrics.update({"error tree": {"edited": nothing}}))
    text = said(run("Tree of errors"))
    assert "fewer than 60 photos (wrong verdicts: 1 of 12)" in text and "it was not grown" in text


def test_tiers_stand_in_a_table_without_what_is_nothing():
    clean, web = ({name: figure(0.02, -0.01, 0.05, 40) for name in ("flips", "lost")} for _ in range(2))
    tiers = {"clean": clean | {"recall": figure(0.9, 0.8, 0.95, 40)}, "web": web, "hard": {}}
    assert list(tier_table(tiers, "lost").text) == ["web: 2 (-1 to 5), n 40"]
    assert list(tier_table(tiers, "recall").text) == ["clean: 90 % (80–95), n 40"]
    assert tier_table(tiers, "false alarms").empty
