"""The four collections themselves, where they are at hand: beside the project, or where TELLTALE_DATA says."""

import os
from collections import Counter
from pathlib import Path

import pytest

from pipeline.datasets import dataset, recognise
from pipeline.datasets.pair_masks import mask_of
from pipeline.settings import PROJECT

COUNTS = {
    "ciplab": {"real": 928, "facetune": 807},
    "dfdc": {"real": 4000, "deepfake": 4000},
    "stylegan2": {"real": 471, "deepfake": 560},
    "portraits": {"real": 560},
}


def home(name: str) -> Path:
    folder = Path(os.environ.get("TELLTALE_DATA", PROJECT.parent / "shared" / "data")) / name
    if not folder.is_dir():
        pytest.skip(f"the collection {name} is not at {folder}; TELLTALE_DATA says where else")
    return folder


@pytest.mark.parametrize("name", COUNTS)
def test_counts_by_label(name):
    found = list(dataset(name).records(home(name)))
    assert Counter(record.label for record in found) == COUNTS[name]
    assert recognise(home(name)) == name


def test_masks_of_pairs_lie_on_the_face():
    """Each fake was painted in the middle of its crop, and the rim is the same photo."""
    found = list(dataset("dfdc").records(home("dfdc")))
    reals = {record.pair: record.path for record in found if record.label == "real"}
    middles, rims = [], []
    for record in [record for record in found if record.mask == "pair"][:200:10]:
        mask = mask_of(record.path, record.mask, reals[record.pair])
        assert mask is not None
        middles.append(mask[60:164, 60:164].mean())
        rims.append((mask.sum() - mask[20:-20, 20:-20].sum()) / (mask.size - mask[20:-20, 20:-20].size))
    assert sorted(middles)[len(middles) // 2] > 0.6 and sorted(rims)[len(rims) // 2] < 0.1
