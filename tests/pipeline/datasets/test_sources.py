"""Where a photo comes from: names of sources, there and back, and which of them are forged edits."""

import subprocess
from pathlib import Path

import pandas as pd
import pytest

from pipeline.datasets.sources import (
    FORGED,
    REAL_OF,
    are_forged_names,
    collection,
    collections,
    forged_name,
    home,
    is_forged,
    is_forged_name,
    original_prefixes,
    original_source,
    say_source,
)

PROJECT = Path(__file__).resolve().parents[3]
SOURCES = ("ciplab", "dfdc", "unsplash", "stylegan2", "forge", "a-forge-b", "")


@pytest.mark.parametrize("source", SOURCES)
def test_a_name_of_edits_leads_back_to_their_source(source):
    edits = forged_name(source)
    assert edits == FORGED + source and is_forged_name(edits) and not is_forged_name(source)
    assert original_source(edits) == source == original_source(source)


@pytest.mark.parametrize("source", SOURCES)
def test_edits_stand_beside_the_same_real_photos_as_their_source(source):
    assert home(forged_name(source)) == home(source) == home(home(source))


def test_a_source_of_one_class_stands_beside_one_of_the_other():
    assert home("stylegan2") == home("unsplash") == home(forged_name("stylegan2")) == "unsplash"
    assert home("ciplab") == "ciplab"


def test_figures_of_real_photos_are_told_under_the_edits_beside_them():
    assert collection("unsplash") == collection("stylegan2") == "stylegan2"
    assert collection(forged_name("unsplash")) == forged_name("stylegan2")
    assert collection("ciplab") == "ciplab" and collection(forged_name("ciplab")) == forged_name("ciplab")


@pytest.mark.parametrize("edits", REAL_OF)
def test_home_and_collection_are_each_other_s_inverse(edits):
    assert collection(home(edits)) == edits and home(collection(REAL_OF[edits])) == REAL_OF[edits]
    assert collection(collection(REAL_OF[edits])) == collection(REAL_OF[edits])


def test_a_real_source_alone_keeps_its_name():
    alone = pd.Series(["unsplash", forged_name("unsplash")])
    assert collections(alone).tolist() == alone.tolist()
    beside = pd.Series(["unsplash", "stylegan2", forged_name("unsplash"), "dfdc"])
    assert collections(beside).tolist() == ["stylegan2", "stylegan2", forged_name("stylegan2"), "dfdc"]


def test_forged_photos_are_told_by_source_or_by_the_pair_of_an_edit():
    rows = [
        (forged_name("ciplab"), "", "real", True),
        ("same-originals", forged_name("0123"), "facetune", True),
        ("same-originals", forged_name("0123"), "real", False),
        ("dfdc", "dfdc-1-2", "deepfake", False),
    ]
    table = pd.DataFrame(rows, columns=["source", "pair", "label", "forged"])
    assert is_forged(table).tolist() == table.forged.tolist()
    assert are_forged_names(table.source).tolist() == [True, False, False, False]


def test_an_edit_is_made_of_the_photo_that_its_pair_names():
    one, other = "0123456789abcdef", "f" * 64
    pairs = [forged_name(one), forged_name(one[:15]), forged_name(one + "0"), f"a-{forged_name(one)}", "dfdc-1-2", ""]
    rows = pd.DataFrame({"pair": pairs, "sha256": other}, index=range(7, 13))
    assert original_prefixes(rows).to_dict() == {7: one} | dict.fromkeys(range(8, 13), other[:16])


def test_a_source_is_said():
    assert say_source(forged_name("ciplab")) == "forged from ciplab" and say_source("ciplab") == "ciplab"


def test_the_prefix_stands_nowhere_else():
    words = ["git", "grep", "-l", "forge-", "--", "pipeline/*.py", "dashboard/*.py", "models/*.py"]
    files = subprocess.run(words, cwd=PROJECT, capture_output=True, text=True, check=False).stdout.split()
    assert files == ["pipeline/datasets/sources.py"]
