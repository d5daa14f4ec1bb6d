"""Finding faces and cutting them out, at the borders of a photo and of what can be found."""

import cv2
import numpy as np
import pytest

from pipeline.examining.find_faces import faces_in, find_faces
from pipeline.face import CROP_SCALE, OVAL, REGIONS, cut, window_of
from pipeline.photo import Photo


@pytest.fixture(scope="module")
def tiles(hopper, collins) -> list[np.ndarray]:
    """Two faces and their mirror images, (110, 110, 3)."""
    cuts = [cut(photo.rgb, window_of(find_faces(photo)[0].landmarks, 1.6), 110) for photo in (hopper, collins)]
    return cuts + [np.ascontiguousarray(tile[:, ::-1]) for tile in cuts]


@pytest.fixture(scope="module")
def crowd(tiles):
    """Make a collage of rows × columns faces."""

    def make(rows: int, columns: int) -> np.ndarray:
        rng = np.random.default_rng(0)
        lines = [np.concatenate([tiles[rng.integers(4)] for _ in range(columns)], axis=1) for _ in range(rows)]
        return np.concatenate(lines)

    return make


def test_a_window_is_a_square_about_the_landmarks():
    points = np.array([[10.0, 20.0], [30.0, 60.0]])
    assert window_of(points, 1.0) == (0.0, 20.0, 40.0, 60.0)
    x0, y0, x1, y1 = window_of(points)
    assert x1 - x0 == pytest.approx(y1 - y0) == pytest.approx(40 * CROP_SCALE) and (x0 + x1, y0 + y1) == (40, 80)


def gradient(height: int = 40, width: int = 60) -> np.ndarray:
    y, x = np.mgrid[0:height, 0:width]
    return np.stack([x * 4, y * 6, (x + y) * 2], axis=-1).astype(np.uint8)


def test_cut_inside_is_the_photos_own_pixels():
    rgb = gradient()
    assert (cut(rgb, (10.0, 5.0, 30.0, 25.0), 20) == rgb[5:25, 10:30]).all()


@pytest.mark.parametrize(
    "window",
    [
        (-10.0, -10.0, 10.0, 10.0),
        (50.0, 30.0, 70.0, 50.0),
        (-10.3, 10.2, 20.9, 41.4),
        (-30.0, -30.0, 90.0, 90.0),
        (30.5, -19.5, 50.5, 0.5),
        (-100.0, -100.0, 160.0, 160.0),
    ],
)
def test_a_window_may_reach_outside_the_photo(window):
    rgb = gradient()
    crop = cut(rgb, window, 32)
    assert crop.shape == (32, 32, 3) and crop.dtype == np.uint8
    assert (cut(rgb, window, 32) == crop).all(), "the same window gives the same crop"
    side = window[2] - window[0]
    rows, columns = ((np.arange(32) + 0.5) / 32 * side + window[1]), ((np.arange(32) + 0.5) / 32 * side + window[0])
    inside_rows, inside_columns = (rows > 2) & (rows < 38), (columns > 2) & (columns < 58)
    if inside_rows.any() and inside_columns.any():
        expected = np.stack(np.broadcast_arrays(columns[None] * 4, rows[:, None] * 6), axis=-1)
        off = np.abs(crop[..., :2] - expected)[inside_rows][:, inside_columns]
        assert off.mean() < 8, "what lies inside is in its place"


def test_outside_is_reflected():
    rgb = gradient()
    crop = cut(rgb, (-10.0, 0.0, 10.0, 20.0), 20)
    assert (crop[:, 10:] == rgb[:20, :10]).all()
    assert (crop[:, 1:10] == rgb[:20, 1:10][:, ::-1]).all()


@pytest.mark.parametrize("size", [1, 8, 256, 400])
def test_cut_to_any_size(size):
    assert cut(gradient(), (0.2, 0.2, 35.7, 35.7), size).shape == (size, size, 3)


def test_one_face_of_a_portrait(hopper):
    (face,) = find_faces(hopper)
    assert face.landmarks.shape == (468, 2) and face.crop.shape == (256, 256, 3) and 0.5 <= face.score <= 1
    x0, y0, x1, y1 = face.box
    assert 0 <= x0 < x1 <= hopper.width and 0 <= y0 < y1 <= hopper.height
    assert face.size == pytest.approx(max(x1 - x0, y1 - y0), abs=1)
    assert face.window == window_of(face.landmarks)
    assert find_faces(hopper, 64)[0].crop.shape == (64, 64, 3)


def test_the_same_photo_gives_the_same_faces(hopper):
    (first,), (second,) = find_faces(hopper), find_faces(hopper)
    assert (first.landmarks == second.landmarks).all() and (first.crop == second.crop).all()


def test_left_is_the_pictures_left(hopper):
    points = find_faces(hopper)[0].landmarks
    places = {name: points[list(indices)].mean(axis=0) for name, indices in REGIONS.items()}
    assert places["left eye"][0] < places["nose"][0] < places["right eye"][0]
    assert places["left eye"][1] < places["nose"][1] < places["mouth"][1]
    assert {"left eye", "right eye", "nose", "mouth"} == set(REGIONS) and max(OVAL) < 468


def test_a_face_cut_off_by_the_border_is_clipped(hopper):
    (whole,) = find_faces(hopper)
    middle = int((whole.box[0] + whole.box[2]) / 2) - 20
    (half,) = faces_in(np.ascontiguousarray(hopper.rgb[:, middle:]))
    assert half.box[0] == 0 and half.landmarks[:, 0].min() < 0 and half.crop.shape == (256, 256, 3)


def test_a_200_face_crowd(crowd):
    faces = faces_in(crowd(14, 15), size=32)
    assert len(faces) >= 200, f"{len(faces)} of 210 found"
    cells = {(int((f.box[0] + f.box[2]) / 220), int((f.box[1] + f.box[3]) / 220)) for f in faces}
    assert len(cells) == len(faces), "no face twice"
    sizes = [face.size for face in faces]
    assert sizes == sorted(sizes, reverse=True)


def test_a_face_beside_a_portrait_is_not_overlooked(hopper, tiles):
    rgb = hopper.rgb.copy()
    rgb[:110, :110] = tiles[1]
    large, small = faces_in(rgb)
    assert large.size > 2 * small.size and small.box[2] < 115 and small.box[3] < 115


@pytest.mark.parametrize("side", [1, 7, 8, 20])
def test_an_icon_has_no_face(side, hopper):
    icon = cv2.resize(hopper.rgb, (side, side), interpolation=cv2.INTER_AREA)
    assert faces_in(icon) == []


@pytest.mark.parametrize("shape", [(8, 30_000), (30_000, 8), (1, 1), (3, 4000)])
def test_strips(shape):
    assert faces_in(np.zeros((*shape, 3), np.uint8)) == []


def test_no_face(sample):
    assert find_faces(Photo.read(sample("coffee_no_face.jpg"))) == []


@pytest.mark.parametrize("turn", [cv2.ROTATE_90_CLOCKWISE, cv2.ROTATE_180])
def test_a_face_that_lies_on_its_side_does_not_break(turn, hopper):
    for face in faces_in(cv2.rotate(hopper.rgb, turn)):
        assert np.isfinite(face.landmarks).all()
