"""Runs on disk: what a kill in the middle leaves, who may open what, and that nothing is scored twice."""

import io
import json
from concurrent.futures import ThreadPoolExecutor

import numpy as np
import pytest
from PIL import Image

from pipeline.cascade import examine
from pipeline.casebook.kept_arrays import thumbnail
from pipeline.casebook.runs import Run, Runs
from pipeline.errors import CutShort, UnknownName, UnreadablePhoto, UnsafeArchive
from pipeline.examination import Examination
from pipeline.intake import Item
from pipeline.photo import Photo
from pipeline.records import public

ODD_NAME = "'\"\n😀<b>=1+1\u2028.jpg"


@pytest.fixture
def runs(tmp_path) -> Runs:
    return Runs(tmp_path)


@pytest.fixture
def run(runs) -> Run:
    return runs.create("some release")


@pytest.fixture(scope="module")
def examined(hopper, cascade):
    return examine(hopper, cascade)


def folder(run: Run):
    return run._folder


def test_an_empty_run(runs, run):
    assert run.inputs() == run.results() == run.pending() == []
    assert runs.open(run.id).facts == run.facts and run.facts.release == "some release" and run.facts.heatmaps


def test_what_is_handed_over_is_kept_in_order(runs, run):
    names = ["b.jpg", "a.jpg", ODD_NAME, "../../x.jpg", "b.jpg"]
    for number, name in enumerate(names):
        run.add(Item(name, b"%d" % number))
    again = runs.open(run.id)
    assert [entry.name for entry in again.inputs()] == names
    assert [entry.index for entry in again.pending()] == [0, 1, 2, 3, 4]
    assert [again.original(entry) for entry in again.inputs()] == [b"0", b"1", b"2", b"3", b"4"]


def test_a_refused_thing_is_a_result_at_once(run):
    entry = run.add(Item("bad.zip", error=UnsafeArchive("It is damaged.")))
    assert run.pending() == [] and entry.sha256 == ""
    (record,) = run.results()
    assert record["error"] == {"code": "unsafe_archive", "message": "It is damaged."} and record["name"] == "bad.zip"


def test_what_is_left_out_is_noted_and_everything_is_accounted_for(runs, run, examined, hopper):
    assert run.add(Item("a.json", left_out=".json")) is None and run.add(Item("b", left_out="video", count=3)) is None
    run.add(Item("z.zip", error=UnsafeArchive("Too many."), count=5))
    first, _ = (run.add(Item(f"{number}.jpg", hopper.data)) for number in range(2))
    run.finish(first, examined, 1)
    again = runs.open(run.id)
    assert [(line["kind"], line["count"]) for line in again.left_out()] == [(".json", 1), ("video", 3)]
    assert again.account().sentence() == (
        "11 handed over = 1 examined + 5 refused (not unpacked × 5) + 4 left out (video × 3, .json × 1)"
        " + 1 not examined yet"
    )
    assert again.results()[0]["error"]["count"] == 5 and not again.account().adds_up
    run.fail(again.pending()[0], UnreadablePhoto("It is broken."))
    assert again.account().adds_up


def test_a_cut_photo_is_told_and_a_guessed_name_keeps_its_bytes(run):
    run.add(Item("cut.jpg", error=CutShort("The end is missing."), raw_name=b"cut\xff.jpg"))
    (record,) = run.results()
    assert record["error"] == {"code": CutShort.code, "message": "The end is missing.", "cut_short": True}
    assert public(record) == {"path": "cut.jpg", "name_bytes": "637574ff2e6a7067", "error": record["error"]}


def test_of_a_photo_examined_again_the_last_record_counts_and_each_keeps_its_arrays(run, examined, hopper, monkeypatch):
    first, second = (run.add(Item(f"{number}.jpg", hopper.data)) for number in range(2))
    for entry in (first, second):
        run.finish(entry, examined, 1)
    before = run.results()[0]
    bare = Examination(examined.photo, (), examined.release)
    again = run.finish(first, bare, 2)
    assert again["revision"] == 1 and "revision" not in public(again)
    assert [(record["index"], len(record["faces"])) for record in run.results()] == [(1, 1), (0, 0)]
    monkeypatch.setattr("pipeline.casebook.runs.read_release", lambda name: examined.release)
    assert run.examination(before).as_dict() == examined.as_dict()
    assert run.examination(again).as_dict() == bare.as_dict() and run.finish(first, bare, 3)["revision"] == 2
    assert run.pending() == [] and run.account().examined == 2
    assert not list(folder(run).rglob("*.part"))


def test_records_of_before_there_was_a_count_are_read(runs, run):
    line = {"index": 0, "name": "a.jpg", "sha256": "", "bytes": 1}
    (folder(run) / "inputs.jsonl").write_text(json.dumps(line) + "\n")
    (entry,) = runs.open(run.id).inputs()
    assert (entry.count, entry.name_bytes) == (1, "")


def test_the_same_photo_twice_is_two_inputs_and_one_original(run, tmp_path):
    first, second = run.add(Item("a.jpg", b"same")), run.add(Item("b.jpg", b"same"))
    assert first.sha256 == second.sha256 and first.index != second.index and len(run.pending()) == 2
    assert len([path for path in (tmp_path / "originals").rglob("*") if path.is_file()]) == 1


def test_many_threads_may_add(run):
    with ThreadPoolExecutor(8) as pool:
        list(pool.map(lambda number: run.add(Item(f"{number}", b"%d" % number)), range(60)))
    inputs = run.inputs()
    assert [entry.index for entry in inputs] == list(range(60))
    assert all(run.original(entry) == entry.name.encode() for entry in inputs)


def test_an_examination_is_given_back_without_scoring(run, runs, sample, examined, monkeypatch, hopper):
    entry = run.add(Item("hopper.jpg", hopper.data))
    record = run.finish(entry, examined, 12.6)
    assert run.pending() == [] and record == run.results()[0] and record["ms"] == 13
    monkeypatch.setattr("pipeline.casebook.runs.read_release", lambda name: examined.release)
    again = runs.open(run.id).examination(json.loads(json.dumps(record)))
    assert again.as_dict() == examined.as_dict()
    assert (again.faces[0].heatmaps[0].grid == examined.faces[0].heatmaps[0].grid).all()
    with Image.open(run.thumbnail(entry.index)) as small:
        assert max(small.size) == 320 and run.thumbnail(99) is None


def finished(run: Run, examined, hopper, count: int) -> None:
    for number in range(count):
        run.finish(run.add(Item(f"{number}.jpg", hopper.data)), examined, 1)


@pytest.mark.parametrize("cut", [1, 30, 400])
def test_a_result_that_a_kill_cut_short_is_pending_again(cut, runs, run, examined, hopper):
    finished(run, examined, hopper, 2)
    path = folder(run) / "results.jsonl"
    path.write_bytes(path.read_bytes()[:-cut])
    again = runs.open(run.id)
    (entry,) = again.pending()
    assert entry.index == 1 and len(again.results()) == 1
    again.finish(entry, examined, 1)
    whole = runs.open(run.id)
    assert [record["index"] for record in whole.results()] == [0, 1] and whole.pending() == []


def test_an_input_that_a_kill_cut_short_is_dropped(runs, run):
    for number in range(2):
        run.add(Item(f"{number}.jpg", b"%d" % number))
    path = folder(run) / "inputs.jsonl"
    path.write_bytes(path.read_bytes()[:-10])
    again = runs.open(run.id)
    again.add(Item("2.jpg", b"2"))
    assert [(entry.index, entry.name) for entry in again.inputs()] == [(0, "0.jpg"), (1, "2.jpg")]


def test_a_run_that_a_kill_cut_short_at_birth_is_no_run(runs, run, tmp_path):
    (tmp_path / "runs" / "20261122-000000-dead").mkdir()
    (tmp_path / "runs" / "20261122-000001-dead").mkdir()
    (tmp_path / "runs" / "20261122-000001-dead" / "part.json").write_text("{")
    assert [facts.id for facts in runs.newest()] == [run.id]


HOSTILE = ["../x", "..", ".", "", "/etc", "/", "x/../../y", "%2e%2e", "*", "\x00", "a" * 5000]


@pytest.mark.parametrize("run_id", HOSTILE)
def test_an_id_is_compared_and_never_joined(run_id, runs, run, tmp_path):
    (tmp_path / "x").mkdir()
    (tmp_path / "x" / "run.json").write_text(json.dumps(vars(run.facts)))
    with pytest.raises(UnknownName):
        runs.open(run_id)


def test_the_newest_come_first_and_ids_tell_them_apart(runs):
    made = [runs.create("r") for _ in range(5)]
    ids = [facts.id for facts in runs.newest()]
    assert ids == sorted((run.id for run in made), reverse=True) and len(set(ids)) == 5
    assert len(runs.newest(2)) == 2
    assert Runs(folder(made[0]) / "nowhere").newest() == []


def test_an_original_that_was_altered_on_disk_is_never_shown(run, examined, hopper, tmp_path):
    record = run.finish(run.add(Item("a.jpg", hopper.data)), examined, 1)
    path = tmp_path / "originals" / hopper.sha256[:2] / hopper.sha256
    path.write_bytes(hopper.data[:-1] + b"\x00")
    with pytest.raises(UnreadablePhoto, match="altered on disk"):
        run.examination(record)
    path.unlink()
    with pytest.raises(UnreadablePhoto, match="no longer in"):
        run.original(run.inputs()[0])


def test_a_release_that_is_no_longer_here_is_said(run, examined, hopper):
    record = run.finish(run.add(Item("a.jpg", hopper.data)), examined, 1)
    with pytest.raises(UnknownName, match="no release named 'gone'"):
        run.examination(record | {"release": "gone"})


def test_nothing_of_the_file_but_its_pixels_is_in_a_thumbnail(hopper):
    exif = Image.Exif()
    exif[0x010F] = "secret maker"
    buffer = io.BytesIO()
    Image.fromarray(hopper.rgb).save(buffer, "JPEG", exif=exif, comment=b"secret comment")
    photo = Photo.read(buffer.getvalue())
    assert b"secret" in photo.data and b"secret" not in thumbnail(photo)


@pytest.mark.parametrize("shape", [(1, 1), (1, 3000), (5000, 40)])
def test_thumbnails_of_odd_shapes(shape):
    small = thumbnail(Photo(np.zeros((*shape, 3), np.uint8), "0" * 64, b"", "PNG"))
    assert max(Image.open(io.BytesIO(small)).size) <= 320
