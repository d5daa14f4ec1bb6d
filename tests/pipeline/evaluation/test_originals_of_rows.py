"""What the rows of a prepared folder were made from: what weights may have seen, whatever file holds it now."""

import pandas as pd

from pipeline.evaluation.targets import target_of
from tests.conftest import SAMPLES
from tests.pipeline.evaluation.stored import write_prepared


def test_an_edit_that_a_collection_holds_is_known_by_its_original(tmp_path):
    photos = [(SAMPLES / f"{name}.jpg", "real", "one") for name in ("hopper_real", "collins_real")]
    folder = write_prepared(tmp_path / "prepared", photos)
    table = pd.read_parquet(folder / "crops.parquet")
    own = table.sha256.tolist()
    table.loc[1, "pair"] = f"forge-{'a' * 16}"
    table.to_parquet(folder / "crops.parquet")
    assert target_of(folder).rows.original.tolist() == [own[0], "a" * 16, own[2]]
