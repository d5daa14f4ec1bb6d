"""Where a crop was edited, as far as anyone knows."""

import numpy as np
import pandas as pd
import pytest
from PIL import Image

from pipeline.crops.crops import MASKS, STORE_SCALE, Crops
from pipeline.crops.masks import (
    EDITED,
    MASK_SIDE,
    UNKNOWN,
    UNTOUCHED,
    build_masks,
    grid_of,
    mask_of_change,
    mask_of_label,
    mask_of_picture,
)
from pipeline.face import REGIONS, window_of


@pytest.fixture
def landmarks(hopper):
    """Return a real face's landmarks in a store's crop."""
    from pipeline.crops.build import main_face
    from pipeline.crops.crops import stored_crop

    return stored_crop(hopper.rgb, main_face(hopper).landmarks)[1]


def test_an_edit_is_where_the_crops_differ():
    original = np.full((300, 300, 3), 100, np.uint8)
    edited = original.copy()
    edited[40:80, 200:240] = 110
    edited[200:220, 20:40, 1] = 101  # too little to be sure of
    mask = mask_of_change(edited, original)
    assert mask.shape == (MASK_SIDE, MASK_SIDE) and mask.dtype == np.uint8
    assert (mask[10:20, 50:60] == EDITED).all() and (mask == EDITED).sum() == 100
    assert (mask[50:55, 5:10] == UNKNOWN).all() and (mask == UNKNOWN).sum() == 25


def test_a_gan_face_is_edited_all_over(landmarks):
    assert (mask_of_label("GAN", "", landmarks) == EDITED).all()


def test_what_nobody_tells_is_unknown(landmarks):
    assert (mask_of_label("retouch", "", landmarks) == UNKNOWN).all()
    assert (mask_of_label("part composite", "0000", landmarks) == UNKNOWN).all()


@pytest.mark.parametrize("number", range(4))
def test_a_part_is_edited_where_it_lies_and_unknown_around_it(number, landmarks):
    mask = mask_of_label("part composite", "".join("1" if n == number else "0" for n in range(4)), landmarks)
    for other, part in enumerate(REGIONS.values()):
        x, y = (landmarks[list(part)].mean(axis=0) / 4).astype(int)
        assert (mask[y, x] == EDITED) == (other == number)
    assert 0.005 < (mask == EDITED).mean() < 0.15 and (mask == UNKNOWN).any() and mask[0, 0] == UNTOUCHED


def test_a_swapped_face_is_edited_within_its_outline(landmarks):
    mask = mask_of_label("face swap", "1111", landmarks)
    assert 0.15 < (mask == EDITED).mean() < 0.7 and mask[37, 37] == EDITED and mask[0, 0] == UNTOUCHED


@pytest.fixture
def pictured(hopper, tmp_path):
    """Write a photo, and a mask picture of the right half of its crop's window: faint above, strong below."""
    from pipeline.crops.build import main_face

    x0, y0, x1, y1 = (round(one) for one in window_of(main_face(hopper).landmarks, STORE_SCALE))
    mask = np.zeros((hopper.height, hopper.width), np.uint8)
    mask[max(y0, 0) : (y0 + y1) // 2, (x0 + x1) // 2 : x1] = 70
    mask[(y0 + y1) // 2 : y1, (x0 + x1) // 2 : x1] = 255
    Image.fromarray(hopper.rgb).save(tmp_path / "photo.png")
    Image.fromarray(mask).save(tmp_path / "mask.png")
    return tmp_path / "photo.png", tmp_path / "mask.png"


def test_a_mask_picture_is_cut_with_the_crops_window(pictured, landmarks):
    mask = mask_of_picture((*pictured, landmarks))
    assert mask.shape == (MASK_SIDE, MASK_SIDE) and mask.dtype == np.uint8
    assert (mask[:, :36] == UNTOUCHED).all() and (mask[39:, 39:] == EDITED).all() and (mask[:36, 39:] == UNKNOWN).all()


def test_nothing_is_known_where_a_mask_picture_does_not_fit_any_more(pictured, landmarks, tmp_path):
    photo, mask = pictured
    (tmp_path / "half.png").write_bytes(mask.read_bytes()[:100])
    Image.new("L", (30, 30)).save(tmp_path / "small.png")
    gone = tmp_path / "gone.png"
    for one, other in ((gone, mask), (photo, gone), (photo, tmp_path / "half.png"), (photo, tmp_path / "small.png")):
        assert (mask_of_picture((one, other, landmarks)) == UNKNOWN).all()
    assert (mask_of_picture((photo, mask, landmarks + 3)) == UNKNOWN).all(), "another face, or another window"
    assert (mask_of_picture((mask, mask, landmarks)) == UNKNOWN).all(), "no face"


def test_a_mask_picture_is_believed_rather_than_the_kind(pictured, landmarks, tmp_path):
    np.save(tmp_path / "crops.npy", np.zeros((2, 300, 300, 3), np.uint8))
    np.save(tmp_path / "landmarks.npy", np.stack([landmarks] * 2))
    row = {"label": "deepfake", "kind": "diffusion", "regions": "", "recipe": "", "sha256": "x", "error": ""}
    photo, mask = (str(path) for path in pictured)
    build_masks(Crops.under(tmp_path, pd.DataFrame([row | {"path": photo, "mask": m} for m in ("", mask)])), workers=1)
    assert [(mask == EDITED).mean().round(2) for mask in np.load(tmp_path / MASKS)] == [1, 0.25]


def test_a_cell_that_is_partly_edited_is_not_asked_about():
    mask = np.zeros((64, 64), np.uint8)
    mask[:, :17] = EDITED
    mask[:, 40:] = UNKNOWN
    grid = grid_of(mask, 4)
    assert grid.dtype == np.float32 and grid[0].tolist() == [1, 0, -1, -1]
    mask[:, 16:21] = EDITED
    assert grid_of(mask, 4)[0, 1] == -1


def test_masks_of_a_store(tmp_path, landmarks):
    crops = np.full((4, 300, 300, 3), 90, np.uint8)
    crops[2, 100:140, 100:140] = 180
    np.save(tmp_path / "crops.npy", crops)
    np.save(tmp_path / "landmarks.npy", np.stack([landmarks] * 4))
    table = pd.DataFrame(
        [
            ("real", "camera", "", "", "x", ""),
            ("deepfake", "GAN", "", "", "y", ""),
            ("facetune", "retouch", "", "{}", "x", ""),
            ("deepfake", "GAN", "", "", "z", "no_face"),
        ],
        columns=["label", "kind", "regions", "recipe", "sha256", "error"],
    ).assign(mask=["", "pair", "", ""], path="")
    build_masks(Crops.under(tmp_path, table))
    masks = np.load(tmp_path / MASKS)
    assert (masks == EDITED).sum(axis=(1, 2)).tolist() == [0, MASK_SIDE**2, 100, 0]
    assert not list(tmp_path.glob(".*.part"))
