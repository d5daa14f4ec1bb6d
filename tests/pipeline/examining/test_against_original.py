"""A photo against its suspected original: laid on it to a fraction of a pixel, and only the edit stands out."""

import io
import json

import cv2
import numpy as np
import pytest
from PIL import Image

from pipeline.examining.against_original import Comparison, compare
from pipeline.examining.alignment import LEAST_LIKENESS, Alignment, NotAligned, align
from pipeline.examining.laying import corners, needed_part, resize_map, scale_at_middle, scaling, thin, transform
from pipeline.photo import Photo
from tests.conftest import encoded
from tests.pipeline.manifest.pictures import scene

FACE = (171.6, 129.2, 357.9, 331.0)
"""The box of the face of hopper_real.jpg, 512 × 600, as it is found."""


def saved(rgb: np.ndarray, quality: int = 75) -> np.ndarray:
    data = encoded(np.ascontiguousarray(rgb), "JPEG", quality=quality)
    return np.asarray(Image.open(io.BytesIO(data)))


@pytest.fixture(scope="module")
def real(sample) -> np.ndarray:
    return Photo.read(sample("hopper_real.jpg")).rgb


@pytest.fixture(scope="module")
def swap(sample) -> np.ndarray:
    return Photo.read(sample("hopper_face_swap.jpg")).rgb


def handed_on(rgb: np.ndarray, how: str) -> tuple[np.ndarray, np.ndarray]:
    """Return a picture as it is handed on, and the true matrix from its pixels to the new ones."""
    height, width = rgb.shape[:2]
    if how in ("half", "enlarged", "stretched"):
        x, y = {"half": (0.5, 0.5), "enlarged": (1.6, 1.6), "stretched": (1.25, 0.9)}[how]
        size = (round(width * x), round(height * y))
        way = cv2.INTER_AREA if how == "half" else cv2.INTER_CUBIC
        return cv2.resize(rgb, size, interpolation=way), scaling(size[0] / width, size[1] / height)
    if how == "cut":
        return rgb[60:460, 90:470], np.array([[1, 0, -90], [0, 1, -60], [0, 0, 1.0]])
    if how == "mirrored":
        return rgb[:, ::-1], np.array([[-1, 0, width - 1], [0, 1, 0], [0, 0, 1.0]])
    if how == "on its side":
        return np.rot90(rgb), np.array([[0, 1, 0], [-1, 0, width - 1], [0, 0, 1.0]])
    turn = np.vstack([cv2.getRotationMatrix2D((width / 2, height / 2), 6, 1.04), (0, 0, 1)])
    if how == "askew":
        bent = np.array([(8, 0), (width - 20, 14), (width, height - 9), (0, height)], np.float32)
        frame = np.array([(0, 0), (width, 0), (width, height), (0, height)], np.float32)
        turn = cv2.getPerspectiveTransform(frame, bent).astype(np.float64)
    return cv2.warpPerspective(rgb, turn, (width, height), flags=cv2.INTER_CUBIC), turn


WAYS = ("half", "enlarged", "stretched", "cut", "mirrored", "on its side", "turned", "askew")


def moved(box, matrix) -> tuple[float, ...]:
    points = transform(corners(*np.subtract(box[2:], box[:2])) + box[:2] + 0.5, matrix)
    return (*points.min(axis=0).tolist(), *points.max(axis=0).tolist())


@pytest.mark.parametrize("how", WAYS)
def test_an_edit_is_laid_on_its_original_and_differs_in_the_face(real, swap, how):
    suspect, matrix = handed_on(swap, how)
    face = moved(FACE, matrix)
    result = compare(saved(suspect), real, [face])
    assert isinstance(result, Comparison)
    outer = corners(suspect.shape[1], suspect.shape[0])
    truth = transform(outer, np.linalg.inv(matrix))
    assert np.hypot(*(transform(truth, result.alignment.matrix) - outer).T).max() < 0.6, "pixels, at the corners"
    assert result.alignment.scale == pytest.approx(scale_at_middle(matrix, *suspect.shape[1::-1]), rel=0.01)
    assert result.alignment.mirrored == (how == "mirrored")
    inside, outside = result.faces[0], result.outside
    assert inside.mean > 8 * outside.mean and inside.high > 50 > 16 > outside.high
    assert inside.beyond > 0.3 and outside.beyond < 0.01
    assert result.difference.shape == tuple(round(side * result.scale) for side in suspect.shape[:2])


def test_a_copy_without_an_edit_differs_by_what_encoding_leaves(real):
    result = compare(saved(cv2.resize(real, (340, 398), interpolation=cv2.INTER_AREA), 70), real,
                     [tuple(value * 340 / 512 for value in FACE)])  # fmt: skip
    assert isinstance(result, Comparison)
    assert max(result.faces[0].beyond, result.outside.beyond) < 0.01 and result.faces[0].mean < 4
    assert result.alignment.shared > 0.99 and result.alignment.likeness > 0.98 and result.alignment.inliers > 50
    assert 0 < result.alignment.error < 1.5


def test_a_small_edit_stands_out_where_it_is(real):
    edited = real.copy()
    cv2.circle(edited, (300, 220), 12, (200, 150, 140), -1)
    result = compare(saved(edited, 85), saved(real, 90), [FACE])
    assert isinstance(result, Comparison)
    rows, columns = np.where(result.beyond)
    assert abs(np.median(rows) - 220) < 8 and abs(np.median(columns) - 300) < 8
    assert result.beyond[205:235, 285:315].mean() > 0.3 and result.beyond.sum() < 900
    assert result.faces[0].beyond > 20 * result.outside.beyond


def test_a_change_of_tone_is_matched_and_no_difference(real):
    toned = np.clip(real * np.array([1.1, 0.95, 0.8]) + (5, 12, 20), 0, 255).astype(np.uint8)
    result = compare(toned, real, [FACE])
    assert isinstance(result, Comparison)
    assert result.gains == pytest.approx((1.1, 0.95, 0.8), abs=0.03)
    assert result.offsets == pytest.approx((5, 12, 20), abs=3)
    assert result.outside.mean < 1 and result.faces[0].beyond < 0.01


def test_a_grey_copy_is_compared_in_grey(real):
    grey = np.repeat(cv2.cvtColor(real, cv2.COLOR_RGB2GRAY)[..., None], 3, axis=2)
    result = compare(saved(grey), real, [FACE])
    assert isinstance(result, Comparison) and result.outside.mean < 2 and result.outside.beyond < 0.01


def test_where_the_original_has_no_pixel_nothing_is_known(real):
    framed = np.full((760, 512, 3), 245, np.uint8)
    framed[80:680] = real
    result = compare(framed, real, [(171.6, 209.2, 357.9, 411.0)])
    assert isinstance(result, Comparison)
    assert np.isnan(result.difference[:78]).all() and np.isnan(result.difference[682:]).all()
    assert not np.isnan(result.difference[83:677]).any() and result.alignment.shared == pytest.approx(
        600 / 760, abs=0.01
    )
    assert result.outside.pixels + result.faces[0].pixels == int((~np.isnan(result.difference)).sum())
    in_photo = result.in_photo(1520, 1024)
    assert in_photo.shape == (1520, 1024) and np.isnan(in_photo[:150]).all() and not np.isnan(in_photo[170:1350]).any()


def test_a_face_outside_of_what_both_show_has_no_numbers(real):
    result = compare(real, real[:, 200:], [FACE, (0, 0, 100, 100)])
    assert isinstance(result, Comparison)
    assert result.faces[0].pixels > 0 and result.faces[1].pixels == 0 and np.isnan(result.faces[1].mean)
    stored = json.loads(json.dumps(result.as_dict(), allow_nan=False))
    assert stored["faces"][1] == {"pixels": 0, "mean": None, "high": None, "beyond": None}
    assert stored["faces"][0]["mean"] == pytest.approx(result.faces[0].mean, abs=1e-3)


def test_a_face_that_fills_the_picture_is_said(real, swap):
    result = compare(swap[120:345, 165:365], real, [(0, 0, 200, 225)])
    assert isinstance(result, Comparison)
    assert result.noise_from == "everywhere" and result.outside.pixels == 0 and result.faces[0].mean > 5


def test_without_faces_all_is_outside(real):
    result = compare(real, real)
    assert isinstance(result, Comparison)
    assert result.faces == () and result.outside.pixels == real.shape[0] * real.shape[1]
    assert result.outside.mean < 0.05 and result.outside.beyond == 0


def test_the_same_two_give_the_same_numbers_again(real, swap):
    first, second = (compare(saved(swap), real, [FACE]) for _ in range(2))
    assert isinstance(first, Comparison) and isinstance(second, Comparison)
    assert first.as_dict() == second.as_dict() and np.array_equal(first.difference, second.difference)


def test_other_scenes_are_not_laid_on_one_another(real, collins, sample):
    coffee = Photo.read(sample("coffee_no_face.jpg")).rgb
    for suspect, other in ((real, collins.rgb), (coffee, real), (scene(1, 400), real), (scene(1, 400), scene(2, 400))):
        result = compare(suspect, other)
        assert isinstance(result, NotAligned)
        assert "same scene" in result.reason or "too little alike" in result.reason


def test_what_is_too_small_or_blank_is_no_crash(real):
    for small in (real[:20, :500], real[:1, :1]):
        for one in (align(small, real), align(real, small)):
            assert isinstance(one, NotAligned) and "smaller than 32 pixels" in one.reason
    blank = np.full((300, 256, 3), 200, np.uint8)
    for pair in ((blank, real), (real, blank), (blank, blank)):
        assert isinstance(align(*pair), NotAligned)


def test_a_soft_picture_without_points_is_laid_by_its_frame():
    soft = cv2.GaussianBlur(scene(7, 400), (0, 0), 12)
    small = saved(cv2.resize(soft, (200, 200), interpolation=cv2.INTER_AREA))
    one = align(small, soft)
    assert isinstance(one, Alignment) and one.likeness > 0.9 > LEAST_LIKENESS
    outer = corners(200, 200)
    assert np.hypot(*(transform(transform(outer, np.linalg.inv(scaling(0.5, 0.5))), one.matrix) - outer).T).max() < 2


def test_a_large_photo_is_compared_at_a_bounded_size(real):
    large = cv2.resize(real, (2560, 3000), interpolation=cv2.INTER_CUBIC)
    result = compare(large, large, [tuple(5 * value for value in FACE)])
    assert isinstance(result, Comparison)
    assert max(result.difference.shape) == 2048 and result.scale == pytest.approx(2048 / 3000)
    small = compare(large, real)
    assert isinstance(small, Comparison) and small.difference.shape == (600, 512), "no finer than the original"


def test_thinning_keeps_where_things_lie():
    picture = cv2.GaussianBlur(scene(3, 800), (0, 0), 8)
    matrix = np.array([[0.2, 0, 11.3], [0, 0.2, 4.1], [0, 0, 1]])
    small, near = thin(picture, matrix, (180, 180))
    assert small.shape == (160, 160, 3)
    whole = cv2.warpPerspective(picture, matrix, (180, 180))
    assert np.abs(cv2.warpPerspective(small, near, (180, 180)).astype(int) - whole)[10:160, 16:165].mean() < 0.6
    assert thin(picture, np.eye(3), (800, 800))[0] is picture


def test_a_part_of_a_wide_picture_lies_where_the_whole_would():
    picture = cv2.GaussianBlur(scene(3, 800), (0, 0), 4)
    matrix = np.array([[0.9, 0.1, -300], [-0.1, 0.9, -200], [0, 0, 1]])
    part, near = needed_part(picture, matrix, (100, 150))
    assert part.size < picture.size / 10
    laid, whole = (cv2.warpPerspective(one, way, (150, 100)) for one, way in ((part, near), (picture, matrix)))
    assert np.abs(laid.astype(int) - whole).max() <= 1
    wide = np.zeros((40, 33_000), np.uint8)
    part, near = needed_part(wide, np.array([[1, 0, -32_500], [0, 1, 0], [0, 0, 1.0]]), (40, 400))
    assert cv2.warpPerspective(part, near, (400, 40)).shape == (40, 400)
    elsewhere = np.array([[1, 0, 9000], [0, 1, 0], [0, 0, 1.0]])
    assert needed_part(picture, elsewhere, (100, 150))[0] is picture


def test_a_map_keeps_its_gaps_at_another_size():
    values = np.full((40, 60), 5, np.float32)
    values[:, :30] = np.nan
    for size in ((80, 120), (20, 30), (40, 60)):
        found = resize_map(values, *size)
        assert found.shape == size and np.isnan(found[:, : size[1] // 2 - 1]).all()
        assert np.allclose(found[:, size[1] // 2 + 1 :], 5)
