"""The tree finds what sets errors apart, tells luck from a pattern, and says its questions rightly."""

import json

import numpy as np
import pytest
from made_up_evaluation import predictions

from pipeline.figures.error_tree import FEWEST, LEAST, error_tree
from pipeline.figures.slices import SKIN_TONE
from pipeline.figures.tree_questions import LOSSLESS, Column, columns_of, say_condition, say_conditions


def planted(count=1600, seed=0):
    """Edits are missed where they are blurred and small; real photos go wrong by luck."""
    table = predictions(count, seed)
    rng = np.random.default_rng(seed)
    hard = (table.sharpness < 200) & (table.face_size < 240)
    edited = table.label != "real"
    missed = rng.random(count) < np.where(hard, 0.9, 0.1)
    alarm = rng.random(count) < 0.15
    forced = np.where(edited, np.where(missed, "real", table.label), np.where(alarm, "deepfake", "real"))
    return table.assign(forced=forced, ita=np.where(rng.random(count) < 0.1, np.nan, table.ita))


@pytest.fixture(scope="module")
def table():
    return planted()


@pytest.fixture(scope="module")
def told(table):
    return error_tree(table)


def test_what_was_planted_is_found_and_holds(told):
    edited = told["edited"]
    assert edited["held out"]["low"] > 0.75
    worst = max((node for node in edited["nodes"] if node["leaf"]), key=lambda node: node["error rate"]["value"])
    assert {said.split(" at most")[0] for said in worst["path"]} >= {"sharpness", "face size"}
    assert worst["error rate"]["value"] > 0.8


def test_luck_is_told_as_luck(told):
    held = told["real"]["held out"]
    assert held["low"] < 0.5 < held["high"] and told["real"]["nodes"]


def test_nodes_are_parts_of_their_parents_and_hold_all_errors(table, told):
    for name, nodes in ((name, tree["nodes"]) for name, tree in told.items()):
        root, leaves = nodes[0], [node for node in nodes if node["leaf"]]
        mine = table[(table.label != "real") == (name == "edited")]
        assert root["n"] == len(mine) and root["errors"] == (mine.forced != mine.label).sum()
        assert sum(node["n"] for node in leaves) == root["n"]
        assert sum(node["errors"] for node in leaves) == root["errors"]
        assert sum(node["share of errors"] for node in leaves) == pytest.approx(1, abs=1e-3)
        assert all(node["n"] >= told[name]["least"] >= LEAST for node in leaves)
        for node in nodes[1:]:
            assert node["parent"] < node["node"] and node["error rate"]["n"] == node["n"]
            assert node["error rate"]["value"] == pytest.approx(node["errors"] / node["n"], abs=1e-4)


def test_a_path_says_which_photos_a_node_holds(table, told):
    edits = table[table.label != "real"]
    for node in told["edited"]["nodes"]:
        numeric = [said for said in node["path"] if said.startswith(("sharpness", "face size", "brightness"))]
        if len(numeric) == len(node["path"]):
            kept = np.ones(len(edits), bool)
            for said in numeric:
                fact, _, rest = said.partition(" at most ") if " at most " in said else said.partition(" above ")
                values = edits[fact.replace(" ", "_")].to_numpy()
                edge = float(rest.removesuffix(" px"))
                kept &= values <= edge * 1.001 if " at most " in said else values > edge * 0.999
            assert kept.sum() == pytest.approx(node["n"], rel=0.02)


@pytest.mark.parametrize("among_blurred", [False, True])
def test_unknown_is_said_of_nodes_only_that_hold_unknown_photos(table, monkeypatch, among_blurred):
    """Blurred photos go wrong, but for the darkest; of some photos, blurred or sharp, the skin tone is not known."""
    numbers = {"sharpness": ("sharpness", ""), SKIN_TONE: ("ita", "°")}
    monkeypatch.setattr("pipeline.figures.tree_questions.NUMBERS", numbers)
    tone, blurred = table.ita.fillna(0), table.sharpness < 300
    missed = blurred & (tone > tone.quantile(0.2))
    tone = tone.mask((blurred == among_blurred) & (np.arange(len(table)) % 7 == 0))
    edits = table.assign(label="facetune", kind="", difficulty="", source="a", ita=tone)
    nodes = error_tree(edits.assign(forced=np.where(missed, "real", "facetune")))["edited"]["nodes"]
    for node in nodes:
        mine = rows_of(node["path"], edits)
        said = [words for words in (node["condition"], *node["path"]) if words.startswith(SKIN_TONE)]
        assert all(words.endswith("unknown") == tone[mine].isna().any() for words in said), node["path"]
        assert mine.sum() == pytest.approx(node["n"], abs=2), "edges are said to four digits"
    told = [words for node in nodes for words in node["path"] if words.startswith(SKIN_TONE)]
    assert told and any(words.endswith("or unknown") for words in told) == among_blurred


def rows_of(path, table):
    """Which photos hold to a path of conditions about sharpness and skin tone."""
    kept = np.ones(len(table), bool)
    for words in path:
        if words in (f"{SKIN_TONE} known", f"{SKIN_TONE} unknown"):
            kept &= table.ita.isna().to_numpy() == words.endswith(" unknown")
            continue
        plain = words.removesuffix(" or unknown")
        fact, _, rest = plain.partition(" at most ") if " at most " in plain else plain.partition(" above ")
        values = table["ita" if fact == SKIN_TONE else fact].to_numpy(float)
        edge = float(rest.removesuffix("°"))
        within = values <= edge if " at most " in plain else values > edge
        kept &= np.where(np.isnan(values), words != plain, within)
    return kept


def test_real_photos_are_not_asked_what_only_edits_have(told):
    assert not {"kind", "edited regions", "difficulty", "origin"} & set(told["real"]["facts"])
    assert {"kind", "origin"} <= set(told["edited"]["facts"])
    assert "missed" not in told["real"]["nodes"][0]
    root = told["edited"]["nodes"][0]
    assert root["missed"] + root["wrong kind"] == root["errors"]


def test_it_is_plain_json_and_always_the_same(table, told):
    assert json.loads(json.dumps(told)) == told
    assert error_tree(table) == told


@pytest.mark.parametrize(("change", "why"), [
    (lambda table: table.assign(forced=table.label), f"fewer than {FEWEST} wrong verdicts"),
    (lambda table: table.assign(forced=np.where(table.label == "deepfake", "real", "deepfake")), "right verdicts"),
    (lambda table: table.head(20), "fewer than 60 photos"),
    (lambda table: table.assign(group="g"), "groups of photos"),
    (lambda table: table.iloc[:0], "fewer than 60 photos"),
])  # fmt: skip
def test_where_there_is_nothing_to_tell_it_says_why(table, change, why):
    for tree in error_tree(change(table)).values():
        assert why in tree["why"] and tree["nodes"] == [] and tree["n"] >= tree["errors"]


def test_photos_of_which_nothing_is_known_have_no_tree(table):
    names = ("face_size", "sharpness", "brightness", "contrast", "ita", "jpeg_quality", "edited_regions")
    blank = table.assign(source="a", kind="", difficulty="", **dict.fromkeys(names, np.nan))
    assert "nothing is known" in error_tree(blank)["edited"]["why"]


def column(fact, values, unit="", value=""):
    return Column(fact, value, unit, np.asarray(values, float))


def test_questions_are_said_in_words():
    size = column("face size", [100, 300], " px")
    assert say_condition(size, 230.44, False, False) == "face size at most 230.4 px"
    assert say_condition(size, 230.44, True, True) == "face size above 230.4 px"  # of all of them it is known
    tone = column(SKIN_TONE, [10, np.nan], "°")
    assert say_condition(tone, 28, False, True) == f"{SKIN_TONE} at most 28° or unknown"
    assert say_condition(tone, np.inf, True, True) == f"{SKIN_TONE} unknown"
    assert say_condition(tone, np.inf, False, False) == f"{SKIN_TONE} known"
    kind = column("kind", [0, 1], value="retouch")
    assert say_condition(kind, 0.5, True, False) == "kind is retouch"
    assert say_condition(kind, 0.5, False, False) == "kind is not retouch"
    quality = column("JPEG quality", [75, 85, LOSSLESS])
    assert say_condition(quality, 80.5, True, False) == "JPEG quality above 80 or no JPEG"
    assert (
        say_condition(quality, 93.0, True, False) == "no JPEG"
        and say_condition(quality, 93.0, False, False) == "saved as JPEG"
    )


def test_what_is_said_twice_is_said_once():
    assert say_conditions(["kind is not retouch", "kind is face swap"]) == ["kind is face swap"]
    assert say_conditions(["kind is not a", "kind is not b"]) == ["kind is not a", "kind is not b"]


def test_no_jpeg_counts_as_better_than_any(table):
    found = {one.fact: one for one in columns_of(table)}
    assert found["JPEG quality"].values.max() == LOSSLESS and "edited regions" in found
