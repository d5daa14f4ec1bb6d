"""The whole audit on made-up collections in which we planted what there is to find."""

import json

import numpy as np
import pandas as pd
import pytest

from pipeline.crops.crops import INPUT_SIDE, Crops
from pipeline.evaluation.audit import run
from pipeline.evaluation.audit.file_facts import ALL_FACTS, RULE, TABLE
from pipeline.evaluation.audit.pictures_shown import GREY, Views, blank_face, letterbox
from pipeline.evaluation.audit.printed import as_text
from pipeline.evaluation.audit.tasks import cap_evenly, sample_originals_and_edits, tasks_of, with_crop
from pipeline.evaluation.audit.wording import ABOVE, AT, UNMEASURED

EACH = 30


class FoundFace:
    landmarks = np.array([[80, 60], [220, 60], [220, 240], [80, 240]], np.float32)


@pytest.fixture(scope="module")
def rows(rows_of):
    """A collection of both classes whose JPEG tables differ, another of deepfakes, and edits forged from the first."""
    own = rows_of(2 * EACH, 1, jpeg_quality=[(90, 75)[i % 2] for i in range(2 * EACH)])
    own = own.assign(original_jpeg_quality=np.where((own.label != "real") & (np.arange(2 * EACH) % 4 == 1), 87, 94))
    own = own.assign(jpeg_tables=own.jpeg_quality.astype(str), path=[f"a{i}.png" for i in range(2 * EACH)])
    other = rows_of(2 * EACH, 2, source="there", group=[f"t{i}" for i in range(2 * EACH)])
    other = other.assign(label=other.label.replace("facetune", "deepfake"), path=[f"b{i}.png" for i in range(2 * EACH)])
    reals = own[own.label == "real"]
    forged = [reals.assign(label=label, source="forge-here", recipe="{}") for label in ("deepfake", "facetune")]
    table = pd.concat([own, other, *forged], ignore_index=True)
    return table.assign(origin=table.source.str.removeprefix("forge-"))


@pytest.fixture(scope="module")
def kept(rows, written, tmp_path_factory):
    """The folder and the rows as written. Each source has its own cast; in "there" each label has."""
    rng, there = np.random.default_rng(0), rows.source == "there"
    cast = np.where(there, 40, 0) + np.where(there & (rows.label != "real"), 40, 0)
    folder = tmp_path_factory.mktemp("store")
    return folder, written(folder, rows, 110 + cast[:, None] + rng.normal(0, 4, (len(rows), 3)))


@pytest.fixture(scope="module")
def done(kept, eye):
    """The audit of the above, as written to a file."""
    folder, known = kept
    (folder / run.MANIFEST).write_bytes(b"as it lies there")
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("pipeline.evaluation.audit.pictures_shown.faces_in", lambda rgb: [FoundFace()])
        patch.setattr(run, "networks", lambda: ([eye], {"ImageNet": "not installed"}))
        patch.setattr(run, "read_manifest", lambda folder: known[known.recipe == ""])
        patch.setattr(run.Crops, "read", lambda folder: Crops.under(folder, known))
        return run.audit(folder, folder / "audits", most=2 * EACH)


def entry(done, audit, scope, by, condition, stage="edited"):
    keys = {"audit": audit, "scope": scope, "by": by, "condition": condition, "stage": stage}
    (one,) = [e for e in done["entries"] if all(e[name] == value for name, value in keys.items())]
    return one


def sentence_of(done, audit, scope, by, stage="edited"):
    keys = {"audit": audit, "scope": scope, "by": by, "stage": stage}
    (one,) = [row for row in done["comparisons"] if all(row[name] == value for name, value in keys.items())]
    return one["said"]


def test_a_jpeg_table_that_differs_by_class_is_found_and_gone(done):
    before, after = (entry(done, "metadata", "here", TABLE, when) for when in ("before", "after"))
    assert before["standing"] == ABOVE and before["balanced accuracy"]["value"] == 1
    assert after["standing"] == AT and after["balanced accuracy"]["value"] == 0.5
    assert sentence_of(done, "metadata", "here", TABLE).endswith(": gone.")
    assert entry(done, "metadata", "there", TABLE, "before")["standing"] == AT, "a clean collection"
    assert max(entry(done, "metadata", "here", ALL_FACTS, "before")["telling"].items(), key=lambda item: item[1])[
        0
    ] in (
        "jpeg_quality",
        "jpeg_tables",
    )


def test_the_first_publication_is_audited_by_rule_and_by_forest(done):
    by_rule = entry(done, "metadata", "here", RULE, "published")
    assert by_rule["accuracy"]["value"] == pytest.approx((EACH + EACH // 2) / (2 * EACH), abs=0.02)
    assert entry(done, "metadata", "here", TABLE, "published")["standing"] == ABOVE
    assert entry(done, "metadata", "here", RULE, "after")["standing"] == AT


def test_a_cast_around_the_face_is_found_and_reaches_the_consequences(done):
    assert entry(done, "around the face", "there", "thumbnails", "after")["standing"] == ABOVE
    assert entry(done, "around the face", "there", "thumbnails", "before")["standing"] == ABOVE
    clean = entry(done, "around the face", "here", "thumbnails", "after")
    assert clean["balanced accuracy"]["low"] < 0.55, "sixty photos in which there is nothing"
    sentence = next(line for line in done["consequences"]["edited"] if "is still told" in line and "blanked" in line)
    assert "there 100 %" in sentence or "there 9" in sentence


def test_a_source_fingerprint_is_found_under_all_conditions(done):
    for condition in ("before", "cropped", "after"):
        one = entry(done, "source", "real photos", "thumbnails", condition, "")
        assert one["standing"] == ABOVE and one["chance"] == 0.5 and one["classes"] == {"here": EACH, "there": EACH}
    assert any("a real photo's source is told in" in line for line in done["consequences"]["deepfake"])


def test_stage_two_is_told_by_collection_and_not_on_the_same_originals(done):
    assert entry(done, "source known", "collections", "the source's name", "before", "deepfake")["standing"] == ABOVE
    same = entry(done, "source known", "same originals", "the source's name", "after", "deepfake")
    assert same["standing"] == AT and same["classes"] == {"deepfake": EACH, "facetune": EACH}
    assert entry(done, "around the face", "same originals", "thumbnails", "after", "deepfake")["standing"] != ABOVE
    assert any("on edits made from the same originals" in line for line in done["consequences"]["deepfake"])


def test_it_is_written_as_plain_json_and_reads_as_text(done, kept):
    (path,) = (kept[0] / "audits").glob("*.json")
    assert path.stem == done["conditions"]["manifest_sha256"][:12]
    assert json.loads(path.read_text(encoding="utf-8")) == json.loads(json.dumps(done, allow_nan=False)) == done
    assert done["conditions"]["n"] == {"here": 60, "there": 60} and done["conditions"]["missing"]
    assert done["conditions"]["audited"] == {"forge-here": 60, "here": 60, "there": 60}
    text = as_text(done)
    assert "published | before | after" in text and "Split leakage" in text
    assert str(kept[0]) not in text + path.read_text(encoding="utf-8"), "an audit names no paths"


def test_one_collection_of_one_class_is_said_not_failed(rows_of, written, eye, tmp_path):
    rows = written(tmp_path, rows_of(24, label="real"), np.full((24, 3), 120.0))
    parts = run.carry_out(rows, Crops.under(tmp_path, rows), [eye], 20, 1)
    assert {one["standing"] for one in parts["entries"]} == {UNMEASURED}
    assert all(one["verdict"].startswith("not measurable: ") for one in parts["entries"])
    assert parts["consequences"] == {"edited": [], "deepfake": []}


def test_a_sample_takes_edits_with_their_originals_and_many_groups(rows_of):
    rows = rows_of(400, group=[f"g{i // 20}" for i in range(400)], pair=[f"p{i // 2}" for i in range(400)])
    taken = cap_evenly(rows, 20, 1)
    assert len(taken) == 40 and taken.group.nunique() == 20 and (taken.pair.value_counts() == 2).all()
    assert not cap_evenly(rows, 20, 2).index.equals(taken.index) and cap_evenly(rows, 20, 1).index.equals(taken.index)
    assert len(cap_evenly(rows, 1000, 1)) == 400


def test_forged_edits_are_capped_at_half_and_even_by_source(rows):
    few = sample_originals_and_edits(with_crop(rows), 20, 1)
    assert few[few.recipe != ""].label.value_counts().tolist() == [10, 10]
    tasks = {(task.stage, task.scope): task for task in tasks_of(few)}
    forged = tasks["edited", "forge-here"]
    assert forged.conditions == ("after",) and set(forged.rows.source) == {"here", "forge-here"}
    assert ("edited", "there") in tasks and tasks["edited", "here"].conditions == ("before", "after")
    uneven = few.drop(few.index[(few.recipe != "") & (few.label == "deepfake")][:7])
    same = next(task for task in tasks_of(uneven) if task.scope == "same originals")
    assert same.rows.positive.value_counts().tolist() == [3, 3]


def test_a_face_is_blanked_and_nothing_else_and_a_photo_fitted():
    rgb = np.random.default_rng(0).integers(0, 256, (300, 200, 3), np.uint8)
    points = np.array([[80, 120], [120, 120], [120, 160], [80, 160]], np.float32)
    without = blank_face(rgb, points)
    assert (without[118:162, 78:122] == GREY).all() and np.array_equal(without[:100], rgb[:100])
    assert np.array_equal(without[:, :60], rgb[:, :60]) and np.array_equal(rgb[:, 150:], without[:, 150:])
    fitted = letterbox(rgb)
    assert fitted.shape == (INPUT_SIDE, INPUT_SIDE, 3) and (fitted[:, :40] == GREY).all()


def test_a_photo_that_changed_or_is_gone_is_not_looked_at(rows_of, written, tmp_path):
    rows = written(tmp_path, rows_of(3), np.full((3, 3), 90.0))
    (tmp_path / "1.png").unlink()
    (tmp_path / "2.png").write_bytes((tmp_path / "2.png").read_bytes() + b"more")
    views = Views(Crops.under(tmp_path, rows))
    assert views.photo(0) is not None and views.photo(1) is None and views.photo(2) is None
    assert views.in_container(1).shape == (256, 256, 3) and views.small(1).shape == (128, 128, 3)


def test_the_released_first_stage_embeds_pictures_the_same_alone_and_together():
    from pipeline.evaluation.audit.networks import embed_pictures, networks

    frozen, missing = networks()
    stage = next(network for network in frozen if network.taught)
    pictures = np.random.default_rng(0).integers(0, 256, (3, 64, 64, 3), np.uint8)
    known = embed_pictures([stage], [4, 7, 9], lambda row: None if row == 7 else pictures[row % 3], "test")[stage.name]
    assert known.index.tolist() == [4, 9] and len(known) == 2 and len(frozen) + len(missing) == 2
    assert np.allclose(known.loc[9], stage.embed(pictures[:1])[0], atol=1e-4)
