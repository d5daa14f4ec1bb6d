"""Any folder with one subfolder per class: words that are known, words that are explained, splits above and below."""

import json

import pytest

from pipeline.datasets import dataset
from pipeline.datasets.class_words import meaning
from pipeline.errors import BadDataset


def read(home):
    return {record.path.relative_to(home).as_posix(): record for record in dataset("folders").records(home)}


@pytest.mark.parametrize(
    ("name", "label"),
    [
        ("real", "real"), ("REAL", "real"), ("Original", "real"), ("authentic", "real"), ("pristine", "real"),
        ("genuine", "real"), ("0_real", "real"), ("Real Faces", "real"), ("training_real", "real"),
        ("fake", "deepfake"), ("1_fake", "deepfake"), ("Deep-Fake", "deepfake"), ("df", "deepfake"),
        ("FaceSwap", "deepfake"), ("face_swap", "deepfake"), ("GAN images", "deepfake"), ("synthetic", "deepfake"),
        ("facetune", "facetune"), ("retouched photos", "facetune"), ("edited", "facetune"),
        ("photoshopped", "facetune"),
        ("manipulated", None), ("tampered", None), ("not real", None), ("unreal", None), ("faces", None), ("", None),
        ("realfake", None), ("real_vs_fake", None),
    ],
)  # fmt: skip
def test_words(name, label):
    meant = meaning(name)
    assert (meant and meant.split(":")[0]) == label


def test_a_bare_fake_says_that_it_was_not_plain():
    assert meaning("fake") == dataset("folders").labels["fake"] == "deepfake: unspecified fake"


def test_classes(layouts, tmp_path):
    found = read(layouts["folders"](tmp_path / "mine"))
    assert {name: record.label for name, record in found.items()} == {
        "1_fake/3.png": "deepfake", "Real Faces/1.jpg": "real", "Real Faces/more/2.JPEG": "real",
        "retouched/4.webp": "facetune",
    }  # fmt: skip
    assert {record.source for record in found.values()} == {"mine"}, "one source for all classes"
    assert len({record.group for record in found.values()}) == 4


@pytest.mark.parametrize("order", ["{split}/{label}/1.jpg", "{label}/{split}/1.jpg"])
def test_splits_above_and_below(order, put, tmp_path):
    words = {"Train": "train", "validation": "val", "valid": "val", "TEST": "test"}
    put(tmp_path, *(order.format(split=split, label=label) for split in words for label in ("real", "fake")))
    for name, record in read(tmp_path).items():
        assert record.split == next(words[part] for part in name.split("/") if part in words)
        assert record.label == ("real" if "real" in name else "deepfake")


def test_folders_that_unpacking_put_around_it(put, tmp_path):
    put(tmp_path, "archive/my photos/train/real/1.jpg", "archive/my photos/train/fake/2.jpg")
    assert [record.split for record in read(tmp_path).values()] == ["train"] * 2


def test_an_unknown_name_tells_how_to_explain_it(put, tmp_path):
    put(tmp_path, "real/1.jpg", 'my "swaps"/2.jpg')
    with pytest.raises(BadDataset, match=r"no word for a class.*labels\.json, like") as caught:
        read(tmp_path)
    example = str(caught.value).split("like ")[1].split("; labels")[0]
    (tmp_path / "labels.json").write_text(example)
    assert read(tmp_path)['my "swaps"/2.jpg'].kind == "face swap", "the example does what it says"


@pytest.mark.parametrize("form", ["labels.json", "labels.csv"])
def test_the_owners_own_map(form, put, write_table, tmp_path):
    put(tmp_path, "real/1.jpg", "fake/2.jpg", "😀/3.jpg", "other/4.jpg")
    given = {"fake": "facetune: part composite", "😀": "Real", "other": "skip"}
    if form.endswith("csv"):
        write_table(tmp_path / form, ("folder", "label"), *given.items())
    else:
        (tmp_path / form).write_text(json.dumps(given, ensure_ascii=False), encoding="utf-8")
    found = {name: (record.label, record.kind) for name, record in read(tmp_path).items()}
    assert found == {
        "fake/2.jpg": ("facetune", "part composite"),
        "real/1.jpg": ("real", "camera"),
        "😀/3.jpg": ("real", "camera"),
    }


def test_the_owners_own_map_below_splits(put, tmp_path):
    put(tmp_path, "train/a/1.jpg", "test/a/2.jpg", "test/real/2.jpg")
    (tmp_path / "labels.json").write_text('{"a": "deepfake: GAN"}')
    assert [record.label for record in read(tmp_path).values()] == ["deepfake", "real", "deepfake"]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("{", "is no JSON"),
        ("[1]", "must map each subfolder to a text"),
        ('{"real": 1}', "must map each subfolder to a text"),
        ('{"real": "true: camera"}', "'true: camera' is no label"),
        ('{"absent": "real: camera"}', "names 'absent', but there is no such subfolder"),
    ],
)
def test_a_map_that_does_not_fit(text, said, put, tmp_path):
    put(tmp_path, "real/1.jpg")
    (tmp_path / "labels.json").write_text(text)
    with pytest.raises(BadDataset, match=said):
        read(tmp_path)


def test_two_maps(put, tmp_path):
    put(tmp_path, "real/1.jpg", "labels.json", "labels.csv")
    with pytest.raises(BadDataset, match="keep one"):
        read(tmp_path)


@pytest.mark.parametrize("stray", ["0.jpg", "train/0.jpg"])
def test_a_picture_outside_the_classes(stray, put, tmp_path):
    put(tmp_path, "train/real/1.jpg", "train/fake/1.jpg", "real/2.jpg", stray)
    with pytest.raises(BadDataset, match=f"{stray} lies in no class"):
        read(tmp_path)


def test_an_empty_class(put, tmp_path):
    put(tmp_path, "real/1.jpg", "fake/notes.txt")
    with pytest.raises(BadDataset, match="fake holds no picture"):
        read(tmp_path)
