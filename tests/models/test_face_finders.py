"""The bundled face networks: the files are those named, and they find the samples' faces."""

import hashlib

import cv2
import numpy as np
import pytest

from models.errors import WeightsMismatch
from models.faces import blazeface, facemesh, retinaface, runtime
from models.faces.blazeface import Detection, letterbox, merge


def overlap(a, b) -> float:
    low, high = np.maximum(a[:2], b[:2]), np.minimum(a[2:], b[2:])
    inter = np.prod(np.clip(high - low, 0, None))
    return float(inter / (np.prod(np.subtract(a[2:], a[:2])) + np.prod(np.subtract(b[2:], b[:2])) - inter))


@pytest.mark.parametrize("name", runtime.SHA256)
def test_bundled_files_are_those_named(name):
    assert hashlib.sha256((runtime.HERE / name).read_bytes()).hexdigest() == runtime.SHA256[name]
    assert (runtime.HERE / "FACES.md").read_text(encoding="utf-8").count(name) >= 1


def test_another_file_of_that_name_is_refused(tmp_path, monkeypatch):
    (tmp_path / blazeface.FILE).write_bytes(b"another network")
    monkeypatch.setattr(runtime, "HERE", tmp_path)
    with pytest.raises(WeightsMismatch, match=blazeface.FILE):
        runtime.TFLite(blazeface.FILE)
    (tmp_path / retinaface.FILE).write_bytes(b"another network")
    runtime.onnx.cache_clear()
    with pytest.raises(WeightsMismatch, match=retinaface.FILE):
        runtime.onnx(retinaface.FILE)


@pytest.mark.parametrize("finder", [blazeface.find, retinaface.find])
def test_both_finders_see_the_same_face(finder, hopper):
    (found,) = finder(hopper.rgb)
    (other,) = blazeface.find(hopper.rgb)
    assert overlap(found.box, other.box) > 0.5 and found.score > 0.5
    assert found.eyes.shape == (2, 2) and found.eyes[0, 0] < found.eyes[1, 0], "image-left eye first"
    x0, y0, x1, y1 = found.box
    assert ((found.eyes > (x0, y0)) & (found.eyes < (x1, (y0 + y1) / 2))).all()


@pytest.mark.parametrize("finder", [blazeface.find, retinaface.find])
def test_no_face_in_a_cup_of_coffee(finder, sample):
    from pipeline.photo import Photo

    assert finder(Photo.read(sample("coffee_no_face.jpg")).rgb) == []


@pytest.mark.parametrize("shape", [(8, 8), (20, 20), (8, 3000), (3000, 8), (33, 1281), (641, 97)])
@pytest.mark.parametrize("finder", [blazeface.find, retinaface.find])
def test_any_shape_is_taken(finder, shape):
    rgb = np.random.default_rng(1).integers(0, 256, (*shape, 3), dtype=np.uint8)
    assert isinstance(finder(rgb), list)


def test_the_second_finder_shrinks_a_very_long_strip(monkeypatch):
    assert retinaface.find(np.zeros((8, 30_000, 3), np.uint8)) == []


def test_boxes_are_in_the_pictures_own_pixels(hopper):
    large = cv2.resize(hopper.rgb, None, fx=2, fy=2)
    for finder in (blazeface.find, retinaface.find):
        small_box, large_box = (np.array(finder(rgb)[0].box) for rgb in (hopper.rgb, large))
        np.testing.assert_allclose(large_box / 2, small_box, atol=10)


@pytest.mark.parametrize("angle", [-25, 0, 25])
def test_the_mesh_follows_a_turned_face(angle, hopper):
    height, width = hopper.rgb.shape[:2]
    turn = cv2.getRotationMatrix2D((width / 2, height / 2), angle, 1.0)
    turned = cv2.warpAffine(hopper.rgb, turn, (width, height))
    points, score = facemesh.landmarks(turned, blazeface.find(turned)[0])
    straight, _ = facemesh.landmarks(hopper.rgb, blazeface.find(hopper.rgb)[0])
    expected = straight @ turn[:, :2].T + turn[:, 2]
    assert points.shape == (468, 2) and points.dtype == np.float32 and score > 0.9
    assert np.abs(points - expected).mean() < 0.04 * np.ptp(straight, axis=0).max()


def test_the_mesh_tells_what_is_no_face(hopper):
    nowhere = Detection((0.0, 0.0, 80.0, 80.0), np.array([[20.0, 30.0], [60.0, 30.0]]), 1.0)
    assert facemesh.landmarks(hopper.rgb, nowhere)[1] < 0.5


def test_letterbox_keeps_the_shape():
    canvas, scale, left, top = letterbox(np.full((50, 100, 3), 9, np.uint8), 128)
    assert canvas.shape == (128, 128, 3) and (scale, left, top) == (1.28, 0, 32)
    assert (canvas[:32] == 0).all() and (canvas[32:96] == 9).all()


def test_merge_averages_the_same_face_and_keeps_others():
    boxes = np.array([[0, 0, 10, 10], [1, 0, 11, 10], [50, 50, 60, 60]], float)
    merged = merge(boxes, np.array([0.9, 0.6, 0.7]), 0.3)
    assert [round(score, 1) for _, score in merged] == [0.9, 0.7]
    np.testing.assert_allclose(merged[0][0], [0.4, 0, 10.4, 10])
    assert merge(np.empty((0, 4)), np.empty(0), 0.3) == []
