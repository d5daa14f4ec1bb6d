"""Robustness: what becomes of a photo in a tier, and figures by hand."""

import numpy as np
import pandas as pd
import pytest

from models.files import sha256_of
from pipeline.crops.journal import Journal
from pipeline.errors import BadDataset
from pipeline.evaluation.parts import Parts
from pipeline.evaluation.tiers import TIERS, WHOLE, face_cut, in_tiers, resave, tier_figures
from pipeline.examination import Examination, FaceExamination
from pipeline.face import Face
from pipeline.results.evaluation import TIER_COLUMNS, read_tiers
from pipeline.verdict import NO_FACE


def test_sizes_of_the_tiers():
    rgb = np.random.default_rng(0).integers(0, 255, (900, 1600, 3)).astype(np.uint8)
    assert {name: max(change(rgb).shape) for name, change in WHOLE.items()} == {
        "web": 768, "hard": 512, "screenshot": 1600, "social": 1600,
    }  # fmt: skip
    small = rgb[:300, :400]
    assert resave(small, 512, 40).shape == small.shape, "nothing is grown"
    assert set(WHOLE) | {"clean", "crop"} == set(TIERS)


def test_harder_tiers_change_a_photo_more(collins):
    small = collins.rgb[:256, :256]
    gaps = [np.abs(resave(small, 768, quality).astype(int) - small).mean() for quality in (90, 60, 40)]
    assert gaps == sorted(gaps) and gaps[0] > 0


@pytest.mark.parametrize("box, shape", [((40, 50, 140, 150), (141, 141, 3)), ((0, 0, 100, 200), (241, 121, 3))])
def test_the_cut_leaves_a_fifth_of_the_face_on_each_side(hopper, box, shape):
    face = Face(box, np.zeros((468, 2)), (0, 0, 1, 1), np.zeros((256, 256, 3), np.uint8), 1.0)
    examined = Examination(hopper, (FaceExamination(face, NO_FACE),), None)
    assert face_cut(examined).shape == shape
    assert face_cut(Examination(hopper, (), None)) is None


def table(p_edited, verdict, tier) -> pd.DataFrame:
    ids = [f"{i:03}" for i in range(len(p_edited))]
    return pd.DataFrame({"id": ids, "tier": tier, "p_edited": p_edited, "p_deepfake": 0.5, "verdict": verdict})


def test_figures_by_hand():
    truth = pd.DataFrame({"id": [f"{i:03}" for i in range(8)][::-1], "label": ["facetune"] * 4 + ["real"] * 4})
    truth = truth.assign(group=truth.id)
    clean = table([0.1, 0.2, 0.3, 0.9, 0.8, 0.9, 0.95, 0.4], ["real"] * 3 + ["facetune"] * 4 + ["real"], "clean")
    web = table([0.1, 0.2, np.nan, 0.3, 0.8, 0.6, np.nan, 0.4], ["real"] * 2 + ["inconclusive"] + ["real"] +
                ["facetune", "real", "inconclusive", "real"], "web")  # fmt: skip
    figures = tier_figures(pd.concat([web, clean]), truth, 0.7)
    assert list(figures) == ["clean", "web"]
    values = {name: figure["value"] for name, figure in figures["web"].items()}
    assert values == {
        "AUC": 1.0, "balanced accuracy": 0.625, "lost": 0.125, "false alarms": 0.0, "recall": 0.25, "flips": 0.5,
        "no face": 0.25,
    }  # fmt: skip
    assert figures["web"]["AUC"]["n"] == 6 and figures["web"]["recall"]["n"] == 4
    assert figures["clean"]["flips"]["value"] == 0 and figures["clean"]["lost"]["value"] == 0
    assert figures["clean"]["balanced accuracy"]["value"] == 0.75


def listed(*paths):
    hashes = [sha256_of(path) for path in paths]
    return pd.DataFrame({"id": [path.stem for path in paths], "sha256": hashes, "path": [str(path) for path in paths]})


def test_a_photo_goes_the_whole_way_in_every_tier(cascade, tmp_path, sample):
    (tmp_path / "a.jpg").write_bytes(sample("collins_real.jpg"))
    (tmp_path / "b.jpg").write_bytes(sample("coffee_no_face.jpg"))
    rows = listed(tmp_path / "a.jpg", tmp_path / "b.jpg")
    ((count, part),) = in_tiers(cascade, rows, Parts(Journal(tmp_path / "parts.journal", {})))
    (tmp_path / "tiers.csv").write_text(",".join(TIER_COLUMNS) + "\n" + part.lines)
    tiers = read_tiers(tmp_path / "tiers.csv")
    assert count == 2
    assert len(tiers) == 12 and set(tiers.tier) == set(TIERS)
    face, none = tiers[tiers.id == "a"], tiers[tiers.id == "b"]
    assert face.p_edited.between(0, 1).all() and face.p_edited.nunique() > 3
    assert none.p_edited.isna().all() and set(none.verdict) == {"inconclusive"}


def test_photos_that_are_gone_are_named(cascade, tmp_path):
    rows = pd.DataFrame({"id": ["a"], "sha256": "", "path": [str(tmp_path / "gone.jpg")]})
    with pytest.raises(BadDataset, match=r"1 photos are no longer .*gone\.jpg"):
        list(in_tiers(cascade, rows, Parts(Journal(tmp_path / "parts.journal", {}))))


@pytest.mark.parametrize(
    ("now", "words"), [("hopper_real.jpg", "is another photo than when it was listed"), ("", "cannot be read")]
)
def test_what_lies_at_a_path_now_is_measured_only_if_it_is_the_photo(cascade, tmp_path, sample, now, words):
    path = tmp_path / "a.jpg"
    path.write_bytes(sample("collins_real.jpg"))
    rows = listed(path)
    path.write_bytes(sample(now) if now else b"no photo")
    with pytest.raises(BadDataset, match=rf"a\.jpg {words}.*Bring the photo back"):
        list(in_tiers(cascade, rows, Parts(Journal(tmp_path / "parts.journal", {}))))
