"""The sieve: what quick may pass is measured, read, refused where it does not fit, and kept to."""

import json
from types import SimpleNamespace

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from models.release import read_release
from pipeline.bulk import judging, measure_sieve
from pipeline.bulk.inputs import Input
from pipeline.bulk.judging import Judge
from pipeline.bulk.measure_sieve import SieveOrder, as_text, threshold_of
from pipeline.bulk.sieve import Sieve, place_of, read_sieve, suspicion
from pipeline.errors import BadDataset, BadEvaluation, NotMeasured
from pipeline.manifest.table import COLUMNS
from pipeline.results.figure import Figure

QUICK, THOROUGH = read_release("quick"), read_release("thorough")
ANY = Figure(0.98, 0.95, 1.0, 100)


def record(release, *faces: float | None) -> dict:
    told = {"verdict": "real", "p_edited": None, "p_deepfake": None, "release": release.name}
    return told | {"faces": [{"p_edited": face} for face in faces]}


def test_all_faces_of_a_photo_must_be_clear():
    sieve = Sieve("q", "t", 0.2, ANY, ANY)
    assert sieve.passes(record(QUICK)) and sieve.passes(record(QUICK, 0.1, None, 0.19))
    assert not sieve.passes(record(QUICK, 0.1, 0.2))
    assert not sieve.passes({"error": {"code": "internal_error"}})
    assert suspicion(record(QUICK, 0.1, 0.7)) == 0.7


@pytest.mark.parametrize("recall", [0.9, 0.98, 0.995, 1.0])
def test_no_more_is_passed_than_the_recall_allows(recall):
    flagged = np.random.default_rng(3).random(317)
    threshold = threshold_of(flagged, recall)
    assert np.mean(flagged >= threshold) >= recall
    higher = np.sort(flagged)[np.searchsorted(np.sort(flagged), threshold) + 1]
    assert np.mean(flagged >= higher) < recall, "a higher one would pass too many"


def test_a_batch_with_a_sieve_asks_thorough_of_what_is_not_clear(tmp_path, monkeypatch):
    for number in range(10):
        Image.new("RGB", (24, 24), (number * 20, 0, 0)).save(tmp_path / f"{number}.png")
    (tmp_path / "no.jpg").write_bytes(b"no photo")
    asked = {QUICK.name: [], THOROUGH.name: []}

    def group_of(group, cascade, heatmaps):
        for read in group:
            if read.error:
                yield read.item, {"path": read.item.name, "error": {"code": read.error.code, "message": "no"}}
            else:
                red = int(read.photo.rgb[0, 0, 0]) / 200
                asked[cascade.release.name].append(red)
                yield read.item, {"path": read.item.name, **record(cascade.release, red)}

    monkeypatch.setattr(judging, "examine_group", group_of)
    quick, thorough = (SimpleNamespace(release=release) for release in (QUICK, THOROUGH))
    names = [*(f"{n}.png" for n in range(5)), "no.jpg", *(f"{n}.png" for n in range(5, 10))]
    inputs = [Input(str(tmp_path / name).encode(), number=number) for number, name in enumerate(names)]
    scored = Judge(quick, Sieve(QUICK.name, THOROUGH.name, 0.65, ANY, ANY), thorough).score(inputs)
    assert asked[QUICK.name] == [n / 10 for n in range(10)] and asked[THOROUGH.name] == [0.7, 0.8, 0.9]
    rows = scored.rows.to_pylist()
    assert [row["path"].rsplit("/", 1)[-1] for row in rows] == names
    assert [row["release"] for row in rows] == [*[QUICK.name] * 5, None, *[QUICK.name] * 2, *[THOROUGH.name] * 3]
    assert scored.facts.releases == {QUICK.name: 7, THOROUGH.name: 3} and scored.facts.account.adds_up


@pytest.fixture
def store(tmp_path, monkeypatch):
    """A prepared folder of 300 validation photos; both releases see how red one is, quick less exactly."""
    rows, rng = [], np.random.default_rng(5)
    for number in range(300):
        label = "real" if number % 2 else "facetune"
        path = tmp_path / f"{number}.png"
        red = int(rng.integers(0, 150) if number % 2 else rng.integers(100, 256))
        Image.new("RGB", (4, 4), (red, number % 256, number // 256)).save(path)
        known = {"path": str(path), "sha256": f"{number:064x}", "label": label, "source": "ab"[number // 2 % 2]}
        rows.append(known | {"group": f"g{number // 3}", "split": "val" if number < 290 else "test"})
    pd.DataFrame(rows).reindex(columns=list(COLUMNS), fill_value="").to_parquet(tmp_path / "manifest.parquet")

    def examined(photos, cascade, heatmaps):
        def p_of(photo):
            red, green = (int(value) for value in photo.rgb[0, 0, :2])
            less_exactly = min(0.99, max(0.01, red / 256 + (green % 7 - 3) / 20))
            return red / 256 if cascade.release == THOROUGH else less_exactly

        records = [record(cascade.release, p_of(photo)) for photo in photos]
        return [SimpleNamespace(as_dict=one.copy) for one in records]

    monkeypatch.setattr(measure_sieve, "examine_many", examined)
    releases = {"quick": QUICK, "thorough": THOROUGH}
    monkeypatch.setattr(measure_sieve, "load_cascade", lambda w: SimpleNamespace(release=releases[w], cards={}))
    monkeypatch.setattr(measure_sieve, "FEWEST", 20)
    return tmp_path


def test_what_is_measured_is_what_a_batch_keeps_to(store, tmp_path):
    home = tmp_path / "evaluations"
    path = measure_sieve.measure_sieve(SieveOrder(store, home=home))
    kept = json.loads(path.read_text(encoding="utf-8"))
    sieve = read_sieve(home)
    assert path == place_of(QUICK, THOROUGH, home) and kept["n"] == 290 and kept["seed"] == 1 and kept["versions"]
    assert (sieve.quick, sieve.thorough, sieve.threshold) == (QUICK.name, THOROUGH.name, kept["threshold"])
    assert 0.98 <= sieve.recall.value <= 1 and sieve.recall.low <= sieve.recall.value
    flagged = sum(counts["called edited"] for counts in kept["by source"].values())
    assert sieve.recall.n == flagged == kept["figures"]["recall held out"]["n"]
    sent = sum(counts["called edited, sent on"] for counts in kept["by source"].values())
    assert sieve.recall.value == pytest.approx(sent / flagged, abs=1e-3)
    assert 0 < sieve.sent.value < 1 and sieve.sent.n == 145
    assert [point["recall"] >= wanted for point, wanted in zip(kept["curve"], measure_sieve.CURVE, strict=True)]
    assert "recall held out" in as_text(path, kept)


def test_a_sieve_that_was_never_measured_or_for_others_is_refused(store, tmp_path):
    home = tmp_path / "evaluations"
    with pytest.raises(NotMeasured, match="never measured"):
        read_sieve(home)
    path = measure_sieve.measure_sieve(SieveOrder(store, home=home))
    kept = json.loads(path.read_text(encoding="utf-8"))
    path.write_text(json.dumps(kept | {"releases": {QUICK.name: "0" * 64}}))
    with pytest.raises(NotMeasured, match="other files"):
        read_sieve(home)
    path.write_text(json.dumps({name: value for name, value in kept.items() if name != "threshold"}))
    with pytest.raises(BadEvaluation, match="threshold"):
        read_sieve(home)


def test_too_few_photos_give_no_threshold(store, monkeypatch):
    monkeypatch.setattr(measure_sieve, "FEWEST", 1000)
    with pytest.raises(BadDataset, match="at least 1000"):
        measure_sieve.measure_sieve(SieveOrder(store))
