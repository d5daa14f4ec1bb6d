"""Parts of collections that published weights saw: their splits, and what they are no truth of."""

import pytest

from pipeline.crops.build import EDITS_A_PHOTO
from pipeline.datasets import dataset
from pipeline.datasets.web import BEAUTIFIED, NEVER_TRAINED_ON, SOURCES
from pipeline.errors import BadDataset


def test_splits_groups_and_kinds_are_those_of_the_index(layouts, tmp_path):
    allage, utk, press = dataset("web").records(layouts["web"](tmp_path))
    assert [one.split for one in (allage, utk, press)] == ["val", "train", "val"]
    assert allage.kind == "camera, may be beautified" and utk.kind == press.kind == "camera"
    assert utk.group == "utk-f1b" and utk.path == tmp_path / "utk" / "1b.jpg", "the group is that of the original file"
    gan, diffusion = dataset("generated").records(layouts["generated"](tmp_path / "more"))
    assert (gan.label, gan.kind, gan.regions, diffusion.kind) == ("deepfake", "GAN", "", "diffusion")


def test_the_forge_takes_no_web_photo_for_an_untouched_original():
    assert not set(SOURCES) & set(EDITS_A_PHOTO) and set(BEAUTIFIED) < set(SOURCES)


@pytest.mark.parametrize("name", ["web", "generated"])
def test_published_splits_are_kept(name):
    assert dataset(name).published


@pytest.mark.parametrize("column, cell", [("split", "test"), ("source", "elsewhere"), ("label", "facetune")])
def test_a_row_that_does_not_fit_is_refused_with_its_line(column, cell, write_table, put, tmp_path):
    row = {"file": "web/utk/1b.jpg", "sha256": "1b", "original_sha256": "1b", "source": "utk", "label": "real",
           "kind": "", "split": "train"}  # fmt: skip
    put(tmp_path, "utk/1b.jpg")
    write_table(tmp_path / "index.csv", list(row), list((row | {column: cell}).values()))
    with pytest.raises(BadDataset, match=rf"line 2: {column} is '{cell}'"):
        list(dataset("web").records(tmp_path))


def test_photos_of_sources_that_no_weights_saw_are_for_validation_only():
    assert set(NEVER_TRAINED_ON) == {"profiles", "press", "cacd"}
