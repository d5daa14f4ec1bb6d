"""A run of the forge: the same files whoever makes them, each whole, and nothing but the edit tells the class."""

import csv
import errno
import io
import json
import os
from collections import defaultdict
from pathlib import Path

import cv2
import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pipeline.datasets import dataset, recognise
from pipeline.errors import BadDataset, BadRecipe, DiskFull, OtherRun, UnknownName
from pipeline.forge import all_operations, encoding
from pipeline.forge.casting import Casting
from pipeline.forge.encoding import Container, mask_bytes
from pipeline.forge.geometry.donors import Look
from pipeline.forge.originals import Portrait
from pipeline.forge.workshop import STRENGTHS, Assortment, ForgeSummary, forge
from pipeline.manifest.table import COLUMNS, write_table
from pipeline.photo import Photo
from pipeline.splits import split_of

ORIGINALS = Path(__file__).resolve().parents[3] / "sample_data" / "originals"
PNG = Container("PNG")
QUICK = ("makeup", "self_blend", "part_composite")
BOXES = {"collins": (120, 0, 340, 220), "hopper": (100, 90, 400, 390)}


def picture(person: str, flip: bool = False, side: int = 200) -> np.ndarray:
    """A head of one of the two people, (side, side, 3)."""
    x0, y0, x1, y1 = BOXES[person]
    rgb = np.asarray(Image.open(ORIGINALS / f"{person}.jpg").convert("RGB"))[y0:y1, x0:x1]
    rgb = cv2.resize(rgb[:, ::-1] if flip else rgb, (side, side), interpolation=cv2.INTER_AREA)
    return np.ascontiguousarray(rgb)


def crowd(folder: Path, count: int = 4) -> Path:
    """A folder of photos of like size, each its own group."""
    for number in range(count):
        person, flip = ("collins", "hopper")[number % 2], number % 4 > 1
        path = folder / f"photo{number}.png"
        path.parent.mkdir(parents=True, exist_ok=True)
        Image.fromarray(picture(person, flip, 196 + number)).save(path)
    return folder


def listed(out: Path) -> list[dict[str, str]]:
    with (out / "manifest.csv").open(newline="", encoding="utf-8") as file:
        return list(csv.DictReader(file))


def made(out: Path) -> dict[str, bytes]:
    """All files of a run but its notes."""
    return {str(path.relative_to(out)): path.read_bytes() for path in out.rglob("*")
            if path.is_file() and path.name != ".originals.jsonl"}  # fmt: skip


def run(originals: Path, out: Path, **options) -> ForgeSummary:
    chosen = {"names": QUICK, "strengths": ("strong",), "workers": 1, "seed": 5, "container": PNG} | options
    workers = chosen.pop("workers")
    return forge(originals, out, Assortment(**chosen), workers)


@pytest.fixture(scope="module")
def done(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, Path]:
    """Originals and a whole run over them, as lossless files; only to be read."""
    base = tmp_path_factory.mktemp("forge")
    run(crowd(base / "in"), base / "out", strengths=tuple(STRENGTHS))
    return base / "in", base / "out"


def test_all_is_made_and_listed(done):
    rows = listed(done[1])
    shown = {row["label"] for row in rows}
    assert shown == {"real", "facetune", "deepfake"}
    assert len(rows) == 4 * (1 + len(QUICK) * 3)
    for row in rows:
        assert bool(row["file"]) != bool(row["error"])
        if row["file"]:
            assert encoding.digest((done[1] / row["file"]).read_bytes()) == row["sha256"]
            assert bool(row["mask"]) == bool(row["operation"])
        else:
            assert row["error"] in ("nothing_to_edit", "no_donor") and row["reason"] and row["operation"]


def test_a_mask_is_exact(done):
    originals, out = done
    edits = [row for row in listed(out) if row["operation"] and row["file"]]
    assert len(edits) >= 4 * 6
    for row in edits:
        before = Photo.read((originals / row["original"]).read_bytes()).rgb
        after, mask = (np.asarray(Image.open(out / row[name])) for name in ("file", "mask"))
        assert mask.dtype == np.uint8 and mask.shape == after.shape[:2] and mask.max() == 255
        assert np.array_equal(before[mask == 0], after[mask == 0])
        assert not np.array_equal(before, after)


def test_the_least_of_a_mask_is_not_lost():
    mask = np.array([[0, 1 / 512, 0.35]], np.float32)
    assert mask_bytes(mask).tolist() == [[0, 2, 255]] and not mask_bytes(np.zeros((2, 2), np.float32)).any()


def test_the_recipe_says_how(done):
    for row in listed(done[1]):
        if row["operation"]:
            stem = f"{row['original_sha256'][:16]}-{row['operation']}-{round(1000 * float(row['strength'])):04d}"
            recipe = json.loads((done[1] / "recipes" / f"{stem}.json").read_bytes())
            assert recipe["original"]["sha256"] == row["original_sha256"] and recipe["error"] == row["error"]
            if row["file"]:
                assert recipe["steps"][0]["operation"] == row["operation"] and str(recipe["seed"]) == row["seed"]
                assert (recipe["donor"] or {"sha256": ""})["sha256"] == row["donor_sha256"]
            else:
                assert recipe["refusals"] and all(one["reason"] for one in recipe["refusals"])


def test_originals_and_edits_share_one_container(tmp_path: Path):
    exif = Image.Exif()
    exif[0x010F], exif[0x0112] = "A camera", 6
    (tmp_path / "in").mkdir()
    turned = Image.fromarray(picture("collins")).transpose(Image.Transpose.ROTATE_90)
    turned.save(tmp_path / "in" / "a.jpg", quality=71, exif=exif, comment=b"secret", icc_profile=b"none")
    run(tmp_path / "in", tmp_path / "out", container=Container(), names=("makeup", "self_blend", "resynthesis"))
    facts = set()
    for row in listed(tmp_path / "out"):
        data = (tmp_path / "out" / row["file"]).read_bytes()
        image = Image.open(io.BytesIO(data))
        facts.add(repr((image.format, image.size, image.layer, image.quantization, sorted(image.info.items()))))
        assert b"Exif" not in data and b"secret" not in data and not image.getexif() and "icc_profile" not in image.info
    assert len(facts) == 1 and len(listed(tmp_path / "out")) == 4
    upright = np.asarray(Image.open(tmp_path / "out" / listed(tmp_path / "out")[0]["file"]), int)
    assert np.abs(upright - picture("collins")).mean() < 6


def test_workers_do_not_change_a_byte(done, tmp_path: Path):
    run(done[0], tmp_path / "two", strengths=tuple(STRENGTHS), workers=2)
    assert made(tmp_path / "two") == made(done[1])


def test_names_and_order_do_not_change_an_edit(done, tmp_path: Path):
    for number, path in enumerate(sorted(done[0].iterdir(), reverse=True)):
        (tmp_path / "in").mkdir(exist_ok=True)
        (tmp_path / "in" / f"{number}.png").write_bytes(path.read_bytes())
    run(tmp_path / "in", tmp_path / "out", strengths=tuple(STRENGTHS))
    pictures = {name: data for name, data in made(tmp_path / "out").items() if name.endswith(".png")}
    assert pictures == {name: data for name, data in made(done[1]).items() if name.endswith(".png")}


def test_an_edit_without_donor_does_not_depend_on_who_else_is_there(done, tmp_path: Path):
    (tmp_path / "in").mkdir()
    (tmp_path / "in" / "photo0.png").write_bytes((done[0] / "photo0.png").read_bytes())
    run(tmp_path / "in", tmp_path / "out", names=("makeup", "self_blend"))
    found = made(tmp_path / "out")
    alone = {name for name in found if name.endswith(".png")}
    assert len(alone) == 5 and all(found[name] == made(done[1])[name] for name in alone)


def test_another_seed_gives_other_edits_and_another_folder(done, tmp_path: Path):
    with pytest.raises(OtherRun, match="another folder"):
        run(done[0], done[1], seed=6)
    run(done[0], tmp_path / "out", seed=6, names=("self_blend",))
    found = made(tmp_path / "out")
    assert all(found[name] != made(done[1])[name] for name in found if name.startswith("deepfake/"))


def test_a_killed_run_goes_on(done, tmp_path: Path):
    run(done[0], tmp_path / "out", strengths=tuple(STRENGTHS))
    whole = made(tmp_path / "out")
    kept = {path: path.stat().st_ino for path in (tmp_path / "out").rglob("*.png")}
    files = sorted(kept)
    files[0].write_bytes(files[0].read_bytes()[:100])
    files[3].unlink()
    sorted((tmp_path / "out" / "recipes").iterdir())[5].write_text("{")
    (tmp_path / "out" / "manifest.csv").unlink()
    with (tmp_path / "out" / ".originals.jsonl").open("a") as notes:
        notes.write('{"file": "photo0.pn')
    (tmp_path / "out" / "real" / ".half.png.1.part").write_bytes(b"half")
    run(done[0], tmp_path / "out", strengths=tuple(STRENGTHS))
    again = made(tmp_path / "out")
    assert again == whole
    untouched = [path for path in files if path.stat().st_ino == kept[path]]
    assert len(untouched) == len(files) - 3 * 2  # a picture is made anew with its mask


def test_what_is_finished_is_not_made_again(done, monkeypatch: pytest.MonkeyPatch):
    def never(*_: object) -> None:
        raise AssertionError("read again")

    monkeypatch.setattr("pipeline.forge.fulfil.read_face", never)
    monkeypatch.setattr("pipeline.forge.originals.read_face", never)
    before = made(done[1])
    run(done[0], done[1], strengths=tuple(STRENGTHS))
    assert made(done[1]) == before


def test_a_full_disk_leaves_what_is_written_valid(done, tmp_path: Path, monkeypatch: pytest.MonkeyPatch):
    write, count = Path.write_bytes, 0

    def full_in_the_middle(self: Path, data: bytes) -> int:
        nonlocal count
        count += 1
        if count == 20:
            write(self, data[: len(data) // 2])
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
        return write(self, data)

    monkeypatch.setattr(Path, "write_bytes", full_in_the_middle)
    with pytest.raises(DiskFull, match="make room"):
        run(done[0], tmp_path / "out", strengths=tuple(STRENGTHS))
    monkeypatch.undo()
    assert not list((tmp_path / "out").rglob("*.part"))
    valid = made(done[1])
    pictures = {name: data for name, data in made(tmp_path / "out").items() if name.endswith(".png")}
    assert len(pictures) > 5 and pictures.items() <= valid.items()
    for record in dataset("forged").records(tmp_path / "out") if listed(tmp_path / "out") else ():
        assert record.path.is_file()
    run(done[0], tmp_path / "out", strengths=tuple(STRENGTHS))
    assert made(tmp_path / "out") == valid


def test_another_failed_write_is_not_called_a_full_disk(tmp_path: Path):
    (tmp_path / "file").write_bytes(b"")
    with pytest.raises(OSError, match="exists"):
        encoding.write_resumable(tmp_path / "file" / "below.png", b"data")


def test_odd_names(tmp_path: Path):
    names = ['quote".png', "new\nline.png", "emoji 🙂.png", "comma, 'and' ;.png", "-rf.png"]
    crowd(tmp_path / "raw", len(names))
    (tmp_path / "in" / "sub folder").mkdir(parents=True)
    for name, path in zip(names, sorted((tmp_path / "raw").iterdir()), strict=True):
        path.rename(tmp_path / "in" / "sub folder" / name)
    run(tmp_path / "in", tmp_path / "out", names=("self_blend",))
    assert {row["original"] for row in listed(tmp_path / "out")} == {f"sub folder/{name}" for name in names}
    assert all(record.path.is_file() for record in dataset("forged").records(tmp_path / "out"))
    assert all(name.isascii() and "\n" not in name for name in made(tmp_path / "out"))


def test_what_cannot_be_used_is_said_and_the_rest_goes_on(tmp_path: Path):
    folder = crowd(tmp_path / "in", 1)
    Image.fromarray(np.full((120, 120, 3), 90, np.uint8)).save(folder / "grey.png")
    (folder / "broken.jpg").write_bytes(b"no photo")
    (folder / "empty.png").write_bytes(b"")
    (folder / "again.png").write_bytes((folder / "photo0.png").read_bytes())
    (folder / "notes.txt").write_text("none")
    summary = run(folder, tmp_path / "out")
    said = {row["original"]: (row["error"], bool(row["reason"])) for row in listed(tmp_path / "out") if row["error"]}
    assert said["grey.png"] == ("no_face", True) and said["broken.jpg"] == ("unreadable_photo", True)
    assert said["empty.png"] == ("unreadable_photo", True) and said["photo0.png"][0] in ("duplicate", "no_donor")
    assert summary.failed == 3 and summary.unusable["duplicate"] == 1 and summary.originals == 5
    assert summary.refused["part_composite: no_donor"] == 1 and summary.made["real: as it was"] == 1
    assert "3 pictures from 5 originals" in summary.text() and "no_face" in summary.text()


def test_a_folder_without_photos(tmp_path: Path):
    with pytest.raises(BadDataset, match="no photos"):
        run(tmp_path, tmp_path / "out")
    with pytest.raises(BadDataset, match="no folder"):
        run(tmp_path / "absent", tmp_path / "out")


def test_wrong_words(tmp_path: Path):
    crowd(tmp_path / "in", 1)
    with pytest.raises(UnknownName, match="makeup"):
        run(tmp_path / "in", tmp_path / "out", names=("makup",))
    with pytest.raises(UnknownName, match="strong"):
        run(tmp_path / "in", tmp_path / "out", strengths=("stron",))
    for wrong in (lambda: Container("GIF"), lambda: Container(quality=0), lambda: Container.parse("JPEG 90")):
        with pytest.raises(BadRecipe, match="container"):
            wrong()
    assert not (tmp_path / "out").exists()


@pytest.mark.parametrize("text", ["PNG", "JPEG q90 4:2:0", "JPEG q95 4:4:4"])
def test_a_containers_words_are_read_again(text: str):
    assert str(Container.parse(text)) == text


def test_the_run_itself_is_no_original(tmp_path: Path):
    crowd(tmp_path / "in", 1)
    for _ in range(2):
        assert run(tmp_path / "in", tmp_path / "in" / "out", names=("self_blend",)).originals == 1


def test_so_many_edits_a_photo_of_both_kinds(done, tmp_path: Path):
    run(done[0], tmp_path / "out", names=("makeup", "self_blend"), strengths=tuple(STRENGTHS), per_photo=2)
    found = defaultdict(list)
    for row in listed(tmp_path / "out"):
        found[row["original"]].append(row["operation"])
    assert all(sorted(names) == ["", "makeup", "self_blend"] for names in found.values()) and len(found) == 4


def portraits(count: int, seed: int) -> list[Portrait]:
    rng = np.random.default_rng(seed)
    people = [f"person-{number // 2}" for number in range(count)]
    looks = [Look(tuple(rng.uniform(-0.1, 0.1, 3)), tuple(rng.uniform(20, 60, 3)), 80.0, False) for _ in people]
    digests = [encoding.digest(str(number).encode()) for number in range(count)]
    known = zip(digests, people, looks, strict=True)
    return [Portrait(Path(f"{sha}.jpg"), sha, sha, group, split_of(group, 1), "s", look) for sha, group, look in known]


def test_donors_never_cross_splits_or_groups():
    crowded = portraits(300, 0)
    casting, by = Casting(crowded, 1), {one.sha256: one for one in crowded}
    for one in crowded:
        donors = [by[donor.sha256] for donor in casting.donors(one)]
        assert len(donors) == 3
        assert all(donor.split == one.split and donor.group != one.group for donor in donors)
    assert {one.split for one in crowded} == {"train", "val", "test"}


def test_one_more_photo_changes_few_donors_and_order_none():
    crowded = portraits(300, 0)
    first, shuffled = Casting(crowded[:-1], 1), Casting(crowded[:-1][::-1], 1)
    more = Casting(crowded, 1)
    chosen = [first.donors(one) for one in crowded[:-1]]
    assert chosen == [shuffled.donors(one) for one in crowded[:-1]]
    assert sum(before != more.donors(one) for before, one in zip(chosen, crowded[:-1], strict=True)) < 30


def test_donors_of_a_run_are_of_the_same_split_and_another_person(tmp_path: Path):
    crowd(tmp_path / "raw", 6)
    for number, path in enumerate(sorted((tmp_path / "raw").iterdir())):
        home = tmp_path / "in" / f"person_{number % 3}"
        home.mkdir(parents=True, exist_ok=True)
        path.rename(home / path.name)
    seed = next(seed for seed in range(999) if len({split_of(f"person_{one}", seed) for one in range(3)}) == 2)
    run(tmp_path / "in", tmp_path / "out", names=("part_composite", "face_swap"), seed=seed)
    rows = listed(tmp_path / "out")
    facts = {row["original_sha256"]: (row["group"], row["split"]) for row in rows}
    assert {group for group, _ in facts.values()} == {f"person_{one}" for one in range(3)}
    lent = [row for row in rows if row["donor_sha256"]]
    assert all(facts[row["donor_sha256"]][1] == row["split"] for row in lent)
    assert all(facts[row["donor_sha256"]][0] != row["group"] for row in lent)
    assert lent and any(row["error"] == "no_donor" for row in rows)


def test_the_dataset_reads_a_run(done):
    records = list(dataset("forged").records(done[1]))
    assert recognise(done[1]) == "forged"
    assert len(records) == sum(bool(row["file"]) for row in listed(done[1]))
    assert len({record.pair for record in records}) == 4 and len({record.source for record in records}) == 1
    for record in records:
        assert record.path.is_file() and record.split == split_of(record.group, 5)
        assert (record.label == "real") == (record.mask == "") and len(record.regions) == 4
        assert not record.mask or Path(record.mask).is_file()
    assert {all_operations()[name].kind for name in ("makeup", "self_blend")} <= {record.kind for record in records}


def test_a_run_that_is_not_whole_is_refused(done, tmp_path: Path):
    crowd(tmp_path / "in", 1)
    run(tmp_path / "in", tmp_path / "out", names=("self_blend",))
    next((tmp_path / "out" / "masks").iterdir()).unlink()
    with pytest.raises(BadDataset, match=r"1 files .* masks/"):
        list(dataset("forged").records(tmp_path / "out"))
    with pytest.raises(BadDataset, match=r"no manifest\.csv"):
        list(dataset("forged").records(tmp_path / "in"))


def test_of_a_prepared_folder_the_real_photos_that_are_not_quarantined(tmp_path: Path):
    people = [f"p{number}" for number in range(4)]
    crowd(tmp_path / "photos", 4)
    table = pd.DataFrame({name: [""] * 5 for name in COLUMNS})
    table["path"] = [str(tmp_path / "photos" / f"photo{number}.png") for number in (0, 1, 2, 3, 3)]
    table["label"], table["group"] = ["real"] * 4 + ["facetune"], [*people, "p3"]
    table["split"], table["source"] = ["test", "test", "unseen", "test", "test"], "ciplab"
    table.loc[3, "quarantine"] = "damaged"
    (tmp_path / "prepared").mkdir()
    write_table(table, tmp_path / "prepared" / "manifest.parquet")
    run(tmp_path / "prepared", tmp_path / "out", names=("part_composite",))
    rows = listed(tmp_path / "out")
    assert {row["group"]: row["split"] for row in rows} == {"p0": "test", "p1": "test", "p2": "unseen"}
    by_hash = {row["original_sha256"]: row for row in rows}
    assert all(by_hash[row["donor_sha256"]]["split"] == "test" for row in rows if row["donor_sha256"])
    assert [row["group"] for row in rows if row["error"] == "no_donor"] == ["p2"]
    held_out = [record for record in dataset("forged").records(tmp_path / "out") if record.held_out]
    assert [(record.group, record.split, record.source) for record in held_out] == [("p2", "", "forge-ciplab")]
