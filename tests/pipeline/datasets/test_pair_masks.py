"""Where a photo was edited: from pairs made on the spot, and from mask pictures of every mode."""

from pathlib import Path

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.datasets.pair_masks import mask_of, pair_mask
from pipeline.errors import BadDataset
from pipeline.examining.container import jpeg

SIDE = 224


def picture(seed: int = 0) -> np.ndarray:
    """Return (224, 224, 3) uint8 with smooth parts, texture and hard edges."""
    rng = np.random.default_rng(seed)
    coarse = cv2.resize(rng.uniform(60, 190, (8, 8, 3)), (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    coarse[:60] += rng.normal(0, 12, (60, SIDE, 3))
    coarse[:, 150:153] = 20
    return np.clip(coarse, 0, 255).astype(np.uint8)


def painted(rgb: np.ndarray, centre: tuple[int, int], radius: int, change: int) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture with a disc made brighter or darker, and where."""
    disc = cv2.circle(np.zeros(rgb.shape[:2], np.uint8), centre, radius, 1, -1) > 0
    return np.where(disc[..., None], np.clip(rgb.astype(int) + change, 0, 255), rgb).astype(np.uint8), disc


def overlap(mask: np.ndarray, truth: np.ndarray) -> float:
    """Return intersection over union."""
    return float(((mask > 0.5) & truth).sum() / ((mask > 0.5) | truth).sum())


@pytest.mark.parametrize("qualities", [(95, 95), (75, 75), (90, 50), (50, 90)])
def test_compression_is_no_edit(qualities):
    real = picture()
    mask = pair_mask(jpeg(real, qualities[0]), jpeg(real, qualities[1]))
    assert mask.shape == (SIDE, SIDE) and mask.dtype == np.float32 and mask.mean() < 0.01


def test_an_edit_stands_out_of_noise_that_is_everywhere():
    real = picture(6)
    coarse = np.random.default_rng(0).normal(0, 14, (SIDE // 4, SIDE // 4, 3))
    fake, disc = painted(real, (112, 112), 35, 60)
    noisy = np.clip(fake + cv2.resize(coarse, (SIDE, SIDE)), 0, 255).astype(np.uint8)
    assert overlap(pair_mask(noisy, real), disc) > 0.7


def test_edges_that_a_codec_smears_are_no_edit():
    real = np.full((SIDE, SIDE, 3), 128, np.uint8)
    for step in range(100, 200, 9):
        real[60:160, step : step + 4] = 250 if step % 2 else 5
    small = cv2.resize(real, (SIDE * 2 // 3, SIDE * 2 // 3), interpolation=cv2.INTER_AREA)
    smeared = cv2.resize(small, (SIDE, SIDE), interpolation=cv2.INTER_CUBIC)
    assert pair_mask(smeared, real).mean() < 0.01


@pytest.mark.parametrize("change", [-40, 25])
@pytest.mark.parametrize("radius", [15, 45])
def test_an_edit_is_found_through_jpeg(change, radius):
    real = picture(1)
    fake, disc = painted(real, (90, 130), radius, change)
    mask = pair_mask(jpeg(fake, 75), jpeg(real, 75))
    assert overlap(mask, disc) > 0.65
    assert mask[disc].mean() > 0.9 and mask.min() >= 0 and mask.max() <= 1
    assert ((mask > 0) & (mask < 1)).any(), "the rim is soft"


def test_a_face_that_agrees_in_places_is_one_area():
    real = picture(2)
    fake, disc = painted(real, (112, 112), 50, 40)
    fake[100:120, 90:130] = real[100:120, 90:130]
    assert overlap(pair_mask(jpeg(fake, 80), jpeg(real, 80)), disc) > 0.75


def test_edits_far_apart_stay_apart():
    real = picture(3)
    once, left = painted(real, (40, 112), 15, 50)
    twice, right = painted(once, (180, 112), 15, 50)
    mask = pair_mask(twice, real) > 0.5
    assert cv2.connectedComponents(mask.astype(np.uint8))[0] == 3 and mask[left | right].mean() > 0.9


def test_the_scale_follows_the_picture():
    real = picture(4)
    fake, disc = painted(real, (112, 112), 40, 40)
    large = [cv2.resize(part, None, fx=3, fy=3, interpolation=cv2.INTER_CUBIC) for part in (fake, real)]
    mask = cv2.resize(pair_mask(*large), (SIDE, SIDE), interpolation=cv2.INTER_AREA)
    assert overlap(mask, disc) > 0.75


@pytest.mark.parametrize("shape", [(1, 1, 3), (5, 9, 3), (300, 20, 3)])
def test_pictures_of_any_shape(shape):
    black, white = np.zeros(shape, np.uint8), np.full(shape, 255, np.uint8)
    assert not pair_mask(black, black).any() and pair_mask(white, black).shape == shape[:2]


def test_a_pair_of_two_sizes():
    with pytest.raises(BadDataset, match="10 × 20 and its real one 20 × 10"):
        pair_mask(np.zeros((20, 10, 3), np.uint8), np.zeros((10, 20, 3), np.uint8))


def saved(path: Path, image: Image.Image | np.ndarray) -> Path:
    (image if isinstance(image, Image.Image) else Image.fromarray(image)).save(path)
    return path


def masked(mode: str) -> Image.Image:
    """Return a mask, 20 × 10, whose left half is white."""
    half = np.zeros((10, 20), np.uint8)
    half[:, :10] = 255
    if mode == "I;16":
        return Image.fromarray(half.astype(np.uint16) * 257)
    return Image.fromarray(half).convert(mode)


@pytest.mark.parametrize("mode", ["1", "L", "P", "RGB", "RGBA", "I;16"])
def test_a_mask_picture(mode, tmp_path):
    photo = saved(tmp_path / "photo.png", np.zeros((10, 20, 3), np.uint8))
    mask = mask_of(photo, str(saved(tmp_path / "mask.png", masked(mode))))
    assert mask is not None and mask.dtype == np.float32 and mask.shape == (10, 20)
    assert (mask[:, :10] == 1).all() and not mask[:, 10:].any()


def test_a_mask_of_a_pair(tmp_path):
    real = picture(5)
    fake, _ = painted(real, (112, 112), 40, 40)
    paths = saved(tmp_path / "fake.png", fake), saved(tmp_path / "real.png", real)
    assert np.array_equal(mask_of(paths[0], "pair", paths[1]), pair_mask(fake, real))


def test_no_mask_is_known(tmp_path):
    assert mask_of(tmp_path / "absent.png", "") is None


def test_masks_that_do_not_fit(tmp_path):
    photo = saved(tmp_path / "photo.png", np.zeros((10, 20, 3), np.uint8))
    turned = saved(tmp_path / "turned.png", masked("L").transpose(Image.Transpose.ROTATE_90))
    with pytest.raises(BadDataset, match="is 10 × 20 and its photo 20 × 10"):
        mask_of(photo, str(turned))
    with pytest.raises(BadDataset, match="nowhere above 127"):
        mask_of(photo, str(saved(tmp_path / "ones.png", np.ones((10, 20), np.uint8))))
    with pytest.raises(BadDataset, match="transparent parts"):
        mask_of(photo, str(saved(tmp_path / "clear.png", Image.new("RGBA", (20, 10), (255, 255, 255, 9)))))
    (tmp_path / "text.png").write_text("no picture")
    for path in (tmp_path / "text.png", tmp_path / "absent.png"):
        with pytest.raises(BadDataset, match=f"{path.name}, which tells an edit's place, cannot be read"):
            mask_of(photo, str(path))
    with pytest.raises(BadDataset, match="no such photo is there"):
        mask_of(photo, "pair", None)
