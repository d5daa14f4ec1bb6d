"""The file of features: a killed call goes on, other crops begin anew, rows come back as they were made."""

import numpy as np
import pandas as pd
import pytest

from pipeline.errors import BadDataset, DiskFull
from pipeline.evaluation.baselines import cache as module
from pipeline.evaluation.baselines.cache import NAME, PIECE, cache_features
from pipeline.evaluation.baselines.features import WIDTH


@pytest.fixture
def quick(monkeypatch):
    """Features that cost nothing and tell crops apart; returns which crops were worked on."""
    seen = []

    def features(crop):
        seen.append(int(crop[0, 0, 0]))
        return np.full(WIDTH, crop[0, 0, 0], np.float32)

    monkeypatch.setattr(module, "features_of", features)
    return seen


@pytest.fixture
def folder(tmp_path):
    """Fifty crops of a pixel each, numbered."""
    np.save(tmp_path / "crops.npy", np.arange(50, dtype=np.uint8).reshape(50, 1, 1, 1))
    return tmp_path


@pytest.fixture
def table():
    rows = [row for row in range(50) if row % 7]
    return pd.DataFrame({"sha256": [f"{row:064x}" for row in rows], "recipe": ""}, index=rows)


def test_rows_come_back_in_the_order_asked_for(folder, table, quick):
    features = cache_features(folder, table, folder / "out", workers=1)
    rows = np.array([48, 1, 30, 30])
    assert features.of(rows)[:, [0, -1]].tolist() == [[row, row] for row in rows]
    assert np.load(folder / "out" / NAME, mmap_mode="r").shape == (len(table), WIDTH)
    assert features.of(np.zeros(0, int)).shape == (0, WIDTH)


def test_a_killed_call_goes_on_after_the_last_whole_row(folder, table, quick):
    cache_features(folder, table, folder / "out", workers=1)
    path = folder / "out" / NAME
    whole = path.read_bytes()
    kept = 2 * PIECE
    path.write_bytes(whole[: len(whole) - (len(table) - kept) * WIDTH * 4 + 5])  # and five bytes of the next
    quick.clear()
    features = cache_features(folder, table, folder / "out", workers=1)
    assert set(table.index[kept:]) <= set(quick) and len(quick) <= len(table) - kept + 10
    assert path.read_bytes() == whole and features.of(table.index.to_numpy())[:, 0].tolist() == list(table.index)


def test_a_finished_file_is_used_again(folder, table, quick):
    cache_features(folder, table, folder / "out", workers=1)
    quick.clear()
    cache_features(folder, table, folder / "out", workers=1)
    assert len(quick) <= 8  # the probes


@pytest.mark.parametrize("change", ["rows", "crops"])
def test_another_store_begins_anew(folder, table, quick, change):
    cache_features(folder, table, folder / "out", workers=1)
    if change == "rows":
        table = table.iloc[1:]
    else:
        np.save(folder / "crops.npy", np.arange(100, 150, dtype=np.uint8).reshape(50, 1, 1, 1))
    features = cache_features(folder, table, folder / "out", workers=1)
    offset = 100 if change == "crops" else 0
    assert features.of(table.index.to_numpy())[:, 0].tolist() == [row + offset for row in table.index]


def test_no_crops_or_too_few_are_told(folder, table):
    np.save(folder / "crops.npy", np.zeros((10, 1, 1, 1), np.uint8))
    with pytest.raises(BadDataset, match="has 10 crops"):
        cache_features(folder, table, folder / "out", workers=1)
    (folder / "crops.npy").unlink()
    with pytest.raises(BadDataset, match=r"no crops\.npy"):
        cache_features(folder, table, folder / "out", workers=1)


def test_a_full_disk_is_told_and_what_was_finished_is_kept(folder, table, quick, monkeypatch):
    append, calls = module._append, []

    def full(path, block):
        calls.append(1)
        if len(calls) > 1:
            raise DiskFull("full")
        append(path, block)

    monkeypatch.setattr(module, "_append", full)
    with pytest.raises(DiskFull):
        cache_features(folder, table, folder / "out", workers=1)
    monkeypatch.setattr(module, "_append", append)
    quick.clear()
    cache_features(folder, table, folder / "out", workers=1)
    assert table.index[0] in quick[:8] and len(quick) <= len(table) - PIECE + 8
