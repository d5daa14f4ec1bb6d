"""What each collection's own layout says of a photo, and how each of them says what is wrong with its index."""

import re

import pytest

from pipeline.datasets import dataset
from pipeline.errors import BadDataset


def read(name, home):
    return {record.path.name: record for record in dataset(name).records(home)}


def test_ciplab(layouts, tmp_path):
    found = read("ciplab", layouts["ciplab"](tmp_path))
    fake, real = found["mid_12_0110.jpg"], found["real_00001.jpg"]
    assert (fake.label, fake.kind, fake.regions, fake.difficulty) == ("facetune", "part composite", "0110", "mid")
    assert fake.facts == {"original_jpeg_quality": 94, "original_subsampling": 0, "original_bytes": 112502}
    assert fake.group == real.group == "ciplab-7" and (real.label, real.regions) == ("real", "0000")
    assert found["easy_116_111.jpg"].regions == "", "three bits of four: which is missing nobody can tell"


def test_ciplab_as_downloaded(layouts, tmp_path):
    found = read("ciplab_kaggle", layouts["ciplab_kaggle"](tmp_path))
    fake, real = found["mid_12_0110.jpg"], found["real_00001.jpg"]
    assert len(found) == 3, "the archive's second copy is not read"
    assert (fake.label, fake.kind, fake.regions, fake.difficulty) == ("facetune", "part composite", "0110", "mid")
    assert real.label == "real" and real.source == fake.source == "ciplab" and real.group != fake.group
    assert found["easy_116_111.jpg"].regions == ""


def test_ciplab_as_downloaded_with_another_name(layouts, put, tmp_path):
    home = layouts["ciplab_kaggle"](tmp_path)
    put(home, "real_and_fake_face/training_fake/IMG_1.jpg")
    with pytest.raises(BadDataset, match=r"IMG_1\.jpg is not named as fakes here are"):
        read("ciplab_kaggle", home)


def test_dfdc(layouts, tmp_path):
    found = read("dfdc", layouts["dfdc"](tmp_path))
    assert [record.label for record in found.values()] == ["real", "deepfake"] * 2
    assert found["ba.jpg"].pair == found["bb.jpg"].pair != found["aa.jpg"].pair
    assert found["ba.jpg"].group == found["bb.jpg"].group == "dfdc-9"
    assert (found["bb.jpg"].mask, found["ba.jpg"].mask, found["ab.jpg"].mask) == ("pair", "", ""), "aligned ones only"


def test_portraits(layouts, tmp_path):
    found = read("portraits", layouts["portraits"](tmp_path))
    assert {record.source for record in found.values() if record.held_out} == {"london", "stock_cc0"}
    assert found["005_03.jpg"].group == found["005_08.jpg"].group == "london-005"


def test_portraits_of_an_unknown_source(layouts, put, tmp_path):
    home = layouts["portraits"](tmp_path)
    put(home, "celebs/1.jpg")
    with pytest.raises(BadDataset, match="the folder celebs/"):
        read("portraits", home)


def test_stylegan2(layouts, tmp_path):
    found = read("stylegan2", layouts["stylegan2"](tmp_path))
    assert (found["fake_3.jpg"].source, found["fake_3.jpg"].kind) == ("stylegan2", "GAN")
    assert found["real_3.jpg"].source == "unsplash" and len({record.group for record in found.values()}) == 1031


def test_deepfake_and_real(layouts, tmp_path):
    found = list(dataset("deepfake_and_real").records(layouts["deepfake_and_real"](tmp_path)))
    assert [record.split for record in found] == ["train"] * 5 + ["val"] * 5 + ["test"] * 5
    assert {(record.path.parent.name, record.label) for record in found} == {("Fake", "deepfake"), ("Real", "real")}
    group = {(record.split, record.path.name): record.group for record in found}
    assert group["train", "fake_1.jpg"] == group["train", "fake_1 (1).jpg"] != group["train", "fake_2_0.jpg"]
    assert group["train", "fake_2_0.jpg"] == group["train", "fake_2_1.jpg"], "two faces of one photo"
    assert group["train", "fake_1.jpg"] != group["test", "fake_1.jpg"], "numbers start anew in each folder"


def test_deepfake_and_real_unpacked_without_its_wrapper(layouts, tmp_path):
    home = layouts["deepfake_and_real"](tmp_path)
    assert len(list(dataset("deepfake_and_real").records(home / "Dataset"))) == 15


def test_deepfake_faces(layouts, tmp_path):
    found = read("deepfake_faces", layouts["deepfake_faces"](tmp_path))
    assert found["aa.jpg"].group == found["ab.jpg"].group == found["ac.jpg"].group != found["zz.jpg"].group
    assert found["aa.jpg"].label == "real" and found["ab.jpg"].label == "deepfake" and found["ab.jpg"].mask == ""


INDEX = {"ciplab": "index.csv", "dfdc": "index.csv", "deepfake_faces": "metadata.csv"}


@pytest.mark.parametrize("name", INDEX)
def test_a_folder_without_its_index(name, layouts, tmp_path):
    home = layouts[name](tmp_path)
    (home / INDEX[name]).unlink()
    with pytest.raises(BadDataset, match=f"{INDEX[name]} cannot be read: No such file"):
        next(dataset(name).records(home))


@pytest.mark.parametrize("name", INDEX)
def test_an_index_that_names_absent_files(name, layouts, tmp_path):
    home = layouts[name](tmp_path)
    found = list(dataset(name).records(home))
    for record in found[1:3]:
        record.path.unlink()
    said = f"names {len(found)} files and 2 are absent, first {re.escape(str(found[1].path))} \\(line .*table=FILE"
    with pytest.raises(BadDataset, match=said):
        next(dataset(name).records(home))


@pytest.mark.parametrize("name", INDEX)
@pytest.mark.parametrize("spoil", ["a,b", "\udc80", '"'], ids=["short", "not UTF-8", "unclosed"])
def test_an_index_with_a_row_that_does_not_fit(name, spoil, layouts, tmp_path):
    home = layouts[name](tmp_path)
    with (home / INDEX[name]).open("a", encoding="utf-8", errors="surrogateescape") as file:
        file.write(spoil + "\n")
    lines = {"ciplab": 5, "dfdc": 4, "deepfake_faces": 6}
    said = "not UTF-8 text" if spoil == "\udc80" else f"line {lines[name]}: "
    with pytest.raises(BadDataset, match=said):
        next(dataset(name).records(home))


@pytest.mark.parametrize("name", INDEX)
@pytest.mark.parametrize("text", ["", "one,two\n1,2\n"])
def test_an_index_without_its_columns(name, text, layouts, tmp_path):
    home = layouts[name](tmp_path)
    (home / INDEX[name]).write_text(text)
    with pytest.raises(BadDataset, match="has no column"):
        next(dataset(name).records(home))


@pytest.mark.parametrize("name", INDEX)
def test_an_index_without_rows(name, layouts, tmp_path):
    index = layouts[name](tmp_path) / INDEX[name]
    index.write_text(index.read_text().splitlines()[0] + "\n\n")
    with pytest.raises(BadDataset, match="names no photo"):
        next(dataset(name).records(tmp_path))


@pytest.mark.parametrize(
    ("name", "old", "new", "said"),
    [
        ("ciplab", "fake,mid", "forged,mid", "line 2: class is 'forged'; it must be one of: real, fake"),
        ("ciplab", ",7,94,", ",7,q94,", "line 2: original_jpeg_quality is 'q94', not a whole number"),
        ("ciplab", "0110,7,", "0110,,", "line 2: group is empty"),
        ("dfdc", "2.0,1", "2.0,yes", "line 3: pixel_aligned is 'yes'"),
        ("deepfake_faces", "REAL", "TRUE", "line 2: label is 'TRUE'"),
        ("deepfake_faces", "FAKE,aa.mp4", "FAKE,", "line 3: the fake ab names no original"),
    ],
)
def test_a_cell_that_does_not_fit(name, old, new, said, layouts, tmp_path):
    index = layouts[name](tmp_path) / INDEX[name]
    assert old in index.read_text()
    index.write_text(index.read_text().replace(old, new, 1))
    with pytest.raises(BadDataset, match=said):
        next(dataset(name).records(tmp_path))
