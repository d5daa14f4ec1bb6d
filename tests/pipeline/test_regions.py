"""Parts of a face by name, upright and turned."""

import cv2
import numpy as np
import pytest

from pipeline.examining.find_faces import find_faces
from pipeline.face import REGIONS
from pipeline.regions import PHRASES, cover_of, part_hull, parts_of, region_bits, region_of

# Face Mesh indices that lie in a part by the mesh's own map.
KNOWN = {
    "left eye": [159, 145, 105, 133],
    "right eye": [386, 374, 334, 362],
    "nose": [4, 1, 6, 195],
    "mouth": [13, 14, 0, 17, 61, 291],
    "forehead": [151, 9, 8, 108, 337],
    "chin": [199, 175],
    "left cheek": [50, 205, 187],
    "right cheek": [280, 425, 411],
}


@pytest.fixture(scope="module", params=["hopper_real.jpg", "collins_real.jpg"])
def landmarks(request, sample) -> np.ndarray:
    from pipeline.photo import Photo

    return find_faces(Photo.read(sample(request.param)))[0].landmarks


def turned(points: np.ndarray, angle: float) -> np.ndarray:
    turn = cv2.getRotationMatrix2D((100.0, 100.0), angle, 1.3)
    return (points @ turn[:, :2].T + turn[:, 2]).astype(np.float32)


@pytest.mark.parametrize("angle", [0, 20, -35, 90, 180])
@pytest.mark.parametrize("region", KNOWN)
def test_known_points(region, angle, landmarks):
    points = turned(landmarks, angle)
    for index in KNOWN[region]:
        x, y = map(float, points[index])
        assert region_of((x, y), points) == region, index


@pytest.mark.parametrize("angle", [0, 45])
def test_outside_the_oval(angle, landmarks):
    points = turned(landmarks, angle)
    far = points.mean(axis=0) + (points[234] - points.mean(axis=0)) * 1.6
    assert region_of((float(far[0]), float(far[1])), points) == "edge of the face"
    assert region_of((-1e6, 1e6), points) == "edge of the face"


@pytest.mark.parametrize("region", REGIONS)
def test_a_hull_holds_its_own_landmarks_and_lies_about_them(region, landmarks):
    hull = part_hull(landmarks, region)
    own = landmarks[list(REGIONS[region])]
    assert hull.ndim == 2 and hull.shape[1] == 2
    assert all(cv2.pointPolygonTest(hull, tuple(map(float, point)), False) >= 0 for point in own)
    assert (np.ptp(hull, axis=0) < 1.5 * np.ptp(own, axis=0)).all()


def test_cells_are_covered_as_far_as_they_lie_in_a_part(landmarks):
    low, side = landmarks.min(axis=0), 256
    points = (landmarks - low) * side / np.ptp(landmarks, axis=0).max()
    cover = cover_of(points, side, (16, 32))
    assert cover.shape == (4, 16, 32) and cover.dtype == np.float32 and cover.min() == 0 and cover.max() == 1
    for part, region in zip(cover, REGIONS, strict=True):
        hull = part_hull(points, region)
        assert part.mean() == pytest.approx(cv2.contourArea(hull) / side**2, rel=0.08)
        x, y = hull.mean(axis=0) // (side / 32, side / 16)
        assert part[int(y), int(x)] == 1
    outside = cover_of(points + 10 * side, side, (16, 16))
    assert not outside.any(), "a face beside the crop covers nothing"


def test_every_part_has_words():
    assert set(PHRASES) == set(KNOWN) | {"edge of the face"} and set(REGIONS) <= set(PHRASES)


def test_region_bits_are_read_once_for_all():
    assert region_bits("0101") == (False, True, False, True) and parts_of("0101") == ("right eye", "mouth")
    assert parts_of("0000") == ()


@pytest.mark.parametrize("text", ["", "010", "01010", "01x1"])
def test_what_is_no_region_bits_says_nothing_of_parts(text):
    assert region_bits(text) is None
    with pytest.raises(ValueError, match="no region bits"):
        parts_of(text)
