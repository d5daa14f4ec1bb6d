"""An evaluation on disk: what is read back, and what is refused; printed, on cards, and in the track record."""

import json
import shutil
from pathlib import Path

import pytest
from made_up_evaluation import predictions

from models.card import read_card
from models.files import ROOT, write_json
from models.release import read_release
from pipeline.datasets.sources import is_forged
from pipeline.errors import BadEvaluation, UnknownName
from pipeline.evaluation.printed import as_text, note_on_cards, stored_figures
from pipeline.figures.everything import figures
from pipeline.results.evaluation import COLUMNS, FORMAT, HOME, Evaluation, read_metrics, read_predictions, read_run
from pipeline.results.index import EvaluationFolder, folders, newest_of
from pipeline.words.figures import say
from pipeline.words.track_record import caveat, track_record

OLD = sorted((ROOT / "evaluations").glob("*/test@*"))


@pytest.fixture(scope="module")
def measured():
    table = predictions()
    return table, figures(table)


@pytest.fixture
def folder(measured, tmp_path) -> Path:
    table, found = measured
    path = tmp_path / "evaluations" / read_release().name / "test@0123456789"
    path.mkdir(parents=True)
    table.to_csv(path / "predictions.csv", index=False)
    write_json(path / "metrics.json", found)
    run = {"format": FORMAT, "release": path.parent.name, "dataset": "test", "n": len(table), "date": "2026-11-22"}
    write_json(path / "run.json", run | {"notes": {"interval": "by group"}})
    return path


def test_what_was_written_is_read_back(folder, measured):
    read = Evaluation.read(folder)
    assert (read.release, read.dataset) == (folder.parent.name, "test") and read.tiers is None
    assert read.metrics == json.loads(json.dumps(measured[1]))
    assert tuple(read.predictions) == COLUMNS and read.predictions.says_edited.dtype == bool
    assert read.predictions.p_edited.tolist() == pytest.approx(measured[0].p_edited.tolist())
    assert read.predictions.edited_regions.isna().sum() == measured[0].edited_regions.isna().sum() > 0
    assert (read.predictions.reasons == "").any() and read.predictions.id.str.len().eq(16).all()
    home = folder.parents[1]
    assert folders(home=home) == folders(read.release, home) == [EvaluationFolder(folder, read.run)]


def test_figures_of_the_file_are_those_of_the_table(folder, measured):
    assert figures(Evaluation.read(folder).predictions) == measured[1]


def stored(release: str, dataset: str, home: Path = HOME) -> dict:
    found = newest_of(folders(release, home), release, dataset)
    return read_metrics(found.path) if found else {}


def told(release: str, home: Path = HOME) -> str:
    return track_record(stored(release, "test", home), stored(release, "unseen", home))


def changed(folder: Path, **values: object) -> None:
    run = json.loads((folder / "run.json").read_text())
    write_json(folder / "run.json", {key: value for key, value in (run | values).items() if value is not None})


@pytest.mark.parametrize("name", ["run.json", "metrics.json", "predictions.csv"])
def test_a_half_written_folder_is_refused(folder, name):
    (folder / name).unlink()
    with pytest.raises(BadEvaluation, match=name):
        Evaluation.read(folder)


@pytest.mark.parametrize("name, text", [("run.json", "{"), ("metrics.json", "[1]"), ("predictions.csv", ""),
                                        ("predictions.csv", "id,label\na,real\n"), ("run.json", "7")])  # fmt: skip
def test_a_damaged_folder_is_refused(folder, name, text):
    (folder / name).write_text(text)
    with pytest.raises(BadEvaluation):
        Evaluation.read(folder)


def test_other_versions_and_other_things_are_refused(folder, tmp_path):
    changed(folder, format=FORMAT + 1)
    with pytest.raises(BadEvaluation, match="is of format 3"):
        read_run(folder)
    found = folders(home=folder.parents[1])
    assert [one.path for one in found] == [folder] and "is of format 3" in found[0].problem
    changed(folder, format=None)
    with pytest.raises(BadEvaluation, match="is of format 1"):
        Evaluation.read(folder)
    changed(folder, format=FORMAT, dataset=None)
    with pytest.raises(BadEvaluation, match="lacks dataset"):
        Evaluation.read(folder)
    with pytest.raises(BadEvaluation, match="There is no evaluation"):
        Evaluation.read(tmp_path / "nowhere")


def test_lost_rows_and_words_among_numbers_are_noticed(folder):
    lines = (folder / "predictions.csv").read_text().splitlines(keepends=True)
    (folder / "predictions.csv").write_text("".join(lines[:-1]))
    with pytest.raises(BadEvaluation, match=r"299 rows where run\.json says 300"):
        Evaluation.read(folder)
    (folder / "predictions.csv").write_text(lines[0] + lines[1].replace(",0.0,", ",many,", 1) + "".join(lines[2:]))
    with pytest.raises(BadEvaluation, match="cannot be read"):
        Evaluation.read(folder)


def test_all_sections_are_printed(folder, measured):
    text = as_text(folder)
    for words in ("n = 300", "cascade errors", "risk coverage", "slices", "face size: 192 to 256 px", "reliability",
                  "log loss", "interval: by group"):  # fmt: skip
        assert words in text
    assert say(measured[1]["edited"]["collections"]["AUC"], "") in text
    assert stored_figures(folder.parent.name, folder.parents[2]) == text
    with pytest.raises(UnknownName):
        stored_figures("other", folder.parents[2])


@pytest.mark.skipif(not OLD, reason="no stored evaluation")
def test_stored_evaluations_are_still_printed_and_told():
    assert "edited" in as_text(OLD[0])
    assert "called" in told(OLD[0].parent.name)


def test_a_card_carries_headlines_only(folder, tmp_path):
    release = read_release()
    for kind in ("cards", "releases"):
        shutil.copytree(ROOT / kind, tmp_path / kind)
    note_on_cards(release.name, folder, tmp_path)
    first, second = (read_card(stage.weights, tmp_path).figures["test"] for stage in (release.edited, release.deepfake))
    assert set(first) == {"edited", "false alarms", "recall by kind", "pointing", "joint", "printed by"}
    assert set(second) == {"deepfake", "joint", "printed by"}
    assert first["edited"]["collections"]["AUC"]["n"] > 0
    failures = read_card(release.edited.weights, tmp_path).failures
    assert failures and all(line.startswith("On ") for line in failures)
    note_on_cards(release.name, folder, tmp_path)
    assert read_card(release.edited.weights, tmp_path).failures == failures, "said once, however often it is measured"


def test_the_track_record_is_that_of_the_newest_evaluation(folder, measured):
    home = folder.parents[1]
    older = folder.with_name("test@ffffffffff")
    older.mkdir()
    write_json(older / "run.json", {"release": folder.parent.name, "split": "test", "date": "2026-12-31"})
    write_json(older / "metrics.json", {"edited": {"collections": {}}})
    assert stored(folder.parent.name, "test", home) == json.loads(json.dumps(measured[1]))
    alarms, recall = (measured[1]["edited"]["collections"][name] for name in ("false alarms", "recall"))
    said = told(folder.parent.name, home)
    assert f"called {say(alarms, '%', n=False)} of {alarms['n']} real ones edited" in said
    assert f"found {say(recall, '%', n=False)} of {recall['n']} edited ones" in said
    assert alarms["n"] + recall["n"] == measured[1]["edited"]["collections"]["AUC"]["n"]


def test_sources_never_seen_are_told_by_the_same_measure_as_the_others(measured):
    test = json.loads(json.dumps(measured[1]))
    unseen = {"false alarms": {"b": {"value": 0.5, "low": 0.4, "high": 0.6, "n": 10}, "a": {"value": None}}}
    unseen["edited"] = {"collections": {"false alarms": {"value": 0.25, "low": 0.1, "high": 0.4, "n": 12}}}
    said = track_record(test, unseen)
    assert said.endswith(" Of real photos from sources it never saw (a, b) it called edited 25 % (10–40) of 12.")
    assert "never saw" not in track_record(test, {"edited": {"collections": {}}})


def test_figures_of_another_version_or_of_a_trial_are_told_as_such():
    assert caveat("a" * 64, {}) == caveat("a" * 64, {"release_sha256": "a" * 64, "most": None}) == ""
    both = caveat("a" * 64, {}, {"release_sha256": "b" * 64, "most": 40})
    assert "another version of this release" in both and "trial on a part of the photos" in both


def test_what_was_not_measured_is_not_told_and_what_is_damaged_is_said(folder):
    home, release = folder.parents[1], folder.parent.name
    metrics = json.loads((folder / "metrics.json").read_text())
    metrics["edited"]["collections"]["recall"]["value"] = None
    write_json(folder / "metrics.json", metrics)
    assert told(release, home) == "" and told("other", home) == ""
    (folder / "metrics.json").write_text("{")
    with pytest.raises(BadEvaluation, match=r"metrics\.json is no valid JSON"):
        told(release, home)
    (folder / "metrics.json").unlink()
    assert told(release, home) == "" and "no metrics.json" in folders(release, home)[0].problem


@pytest.mark.parametrize(
    "change, said",
    [
        (lambda table: table.assign(label="fake"), "“fake” as a label"),
        (lambda table: table.assign(verdict="authentic"), "“authentic” as a verdict"),
        (lambda table: table.assign(id="one"), "holds the photo one twice"),
    ],
)
def test_what_no_evaluation_says_is_refused(folder, change, said):
    path = folder / "predictions.csv"
    change(read_predictions(path)).to_csv(path, index=False)
    with pytest.raises(BadEvaluation, match=said):
        Evaluation.read(folder)


def test_metrics_of_another_form_are_refused(folder):
    metrics = json.loads((folder / "metrics.json").read_text())
    for change in ({"slices": {}}, {"edited": []}):
        write_json(folder / "metrics.json", metrics | change)
        with pytest.raises(BadEvaluation, match=next(iter(change))):
            read_metrics(folder)
    run = json.loads((folder / "run.json").read_text())
    write_json(folder / "run.json", run | {"notes": None})
    with pytest.raises(BadEvaluation, match="notes"):
        Evaluation.read(folder)


def test_forged_edits_are_told_in_a_collection_and_in_the_benchmark():
    table = predictions(4).assign(
        label=["real", "facetune", "facetune", "facetune"],
        source=["ciplab", "forge-ciplab", "ciplab", "ciplab"],
        pair=["forge-1", "forge-1", "forge-1", "dfdc-x"],
    )
    assert is_forged(table).tolist() == [False, True, True, False]


SHIPPED = [one.path for release in ("", "baselines/*") for one in folders(release) if not one.problem]


@pytest.mark.parametrize("path", SHIPPED, ids=lambda path: f"{path.parent.name}-{path.name}")
def test_shipped_figures_tell_the_n_that_they_are_about(path):
    for part in read_metrics(path)["edited"].values():
        if "AUC" in part and part["AUC"]["value"] is not None:
            assert part["recall"]["n"] + part["false alarms"]["n"] == part["AUC"]["n"]
