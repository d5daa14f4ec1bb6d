import io

import cv2
import numpy as np
from PIL import Image
from synthetic_run import VERDICTS, face, heatmap, mixed_run

from dashboard.session.examined_photos import Opened
from pipeline.photo import Photo
from pipeline.pictures.overlay import draw_map, overlay_png, remarks_of
from pipeline.pictures.photo import draw_boxes, jpeg, picture, within


def photo_of(height, width):
    rng = np.random.default_rng(0)
    return Photo(rng.integers(0, 255, (height, width, 3), dtype=np.uint8), "00", b"", "PNG")


def test_a_large_photo_is_shrunk_for_showing_and_a_small_one_is_not():
    assert max(picture(photo_of(400, 3000)).rgb.shape) == 1280
    assert picture(photo_of(90, 70)).rgb.shape == (90, 70, 3)


def test_a_window_over_the_border_is_cut_at_the_border():
    shown = picture(photo_of(200, 160), (-40, 100, 60, 230))
    assert (shown.left, shown.top) == (0, 100)
    assert shown.rgb.shape[0] / shown.rgb.shape[1] == 100 / 60


def test_a_map_is_painted_only_inside_its_window():
    shown = picture(photo_of(200, 160))
    over = draw_map(shown, heatmap(), 1.0)
    grey = cv2.cvtColor(shown.rgb, cv2.COLOR_RGB2GRAY)[..., None]
    changed = (np.abs(over.astype(int) - grey) > 1).any(axis=2)
    assert changed[30:150, 20:140].any() and not changed[:29].any() and not changed[:, 141:].any()


def test_a_map_lies_on_the_same_place_when_zoomed():
    photo, made = photo_of(200, 160), heatmap()
    zoomed = picture(photo, made.window)
    assert within(zoomed, made.window)[:2] == (0, 0)
    bare = np.abs(draw_map(zoomed, made, 1.0).astype(int) - zoomed.rgb).sum(axis=2)
    row, column = np.unravel_index(bare.argmax(), bare.shape)
    assert 0.6 < row / bare.shape[0] < 1 and 0.4 < column / bare.shape[1] < 0.75


def test_a_flat_map_or_one_that_is_no_number_paints_nothing():
    shown = picture(photo_of(200, 160))
    for grid in (np.zeros((8, 8)), np.full((8, 8), np.nan)):
        assert (draw_map(shown, heatmap(grid), 1.0) == shown.rgb).all()


def test_no_opacity_shows_the_photo_itself():
    shown = picture(photo_of(200, 160))
    assert (draw_map(shown, heatmap(), 0.0) == shown.rgb).all()


def test_every_face_gets_a_box():
    shown = picture(photo_of(200, 160))
    faces = (face(VERDICTS["real"]), face(VERDICTS["real"], box=(5.0, 5.0, 30.0, 30.0)))
    drawn = (draw_boxes(shown.rgb, shown, faces, 0) != shown.rgb).any(axis=2)
    assert drawn[50:141, 40].all() and drawn[5:31, 5].all()


def test_an_examination_is_read_back_for_drawing(tmp_path):
    run = mixed_run(tmp_path)
    found = Opened.of(run, run.results()[0])
    assert found.faces[0].verdict.label == "facetune" and found.faces[0].heatmaps[0].state == "clear"
    assert found.picture.rgb.shape == (200, 160, 3)


def test_pictures_to_take_away_say_what_they_are():
    shown = picture(photo_of(200, 160))
    record = {"sha256": "abc", "notes": ["cut short: what is left"], "faces_account": "1 face", "marks": [{}]}
    file = Image.open(io.BytesIO(overlay_png(shown.rgb, heatmap(), record["sha256"], remarks_of(record))))
    assert file.info["Comment"] == "cut short: what is left; 1 face"
    assert "peak +0.5" in file.info["Description"] and file.info["Source"] == "sha256 abc"
    assert Image.open(io.BytesIO(jpeg(shown.rgb))).size == (160, 200)
