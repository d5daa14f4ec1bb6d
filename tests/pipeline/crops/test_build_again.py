"""A store that is built again: what failed is tried once more, what was put right is taken over."""

import errno
import shutil

import numpy as np
import pandas as pd

from pipeline.crops import build as module
from pipeline.crops.build import build_store
from pipeline.crops.crops import Crops
from pipeline.crops.masks import build_masks
from tests.pipeline.crops.conftest import change_manifest


def test_a_photo_that_could_not_be_opened_is_tried_again(folder, monkeypatch):
    """What cannot be opened leaves table and masks as they are; once it can, its crop and its edits are made."""
    whole = build_store(shutil.copytree(folder, folder.with_name("whole")), workers=1)
    real = module._subject

    def broken(path):
        if path.endswith("hopper_real.jpg"):
            raise OSError(errno.EIO, "Input/output error", path)
        return real(path)

    with monkeypatch.context() as patch:
        patch.setattr(module, "_subject", broken)
        assert build_store(folder, workers=1).error[0].startswith("unreadable_photo: [Errno 5] Input/output error")
        build_masks(Crops.read(folder))
        build_store(folder, workers=1)
        assert Crops.read(folder).has_masks
    again = build_store(folder, workers=1)
    pd.testing.assert_frame_equal(again, whole)
    rows = again.index[again.error == ""]
    assert np.array_equal(*(np.load(home / "crops.npy")[rows] for home in (folder, folder.with_name("whole"))))
    assert not Crops.read(folder).has_masks


def test_labels_that_were_put_right_are_those_of_the_store(folder, instant):
    before = build_store(folder, workers=1)
    change_manifest(folder, lambda table: table.assign(regions=table.regions.where(table.label == "real", "0011")))
    after = build_store(folder, workers=1)
    assert after.regions[3] == "0011" != before.regions[3]
    assert after.regions.drop(3).equals(before.regions.drop(3)), "those of edits were found while they were forged"
