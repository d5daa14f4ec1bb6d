"""Maps on the face outline: their pixels stay as they were when two functions drew them."""

import hashlib
import io

import numpy as np
import pytest
from PIL import Image

from pipeline.pictures.face_outline import FADE, face_outline

GRID = np.arange(-128.0, 128).reshape(16, 16)


def pixels(picture: bytes) -> np.ndarray:
    with Image.open(io.BytesIO(picture)) as image:
        return np.asarray(image.convert("RGBA"))


@pytest.mark.parametrize(
    ("drawn", "digits"),
    [
        (face_outline(GRID, side=128), "2484b129abec2428"),  # as `face_map` drew it at edc0b55
        (face_outline(GRID, 200.0, FADE, ("nose",), 128), "122f25f9ad4fcc8c"),  # as `signed_map` drew it there
    ],
    ids=["alone", "beside others"],
)
def test_the_pixels_stay_as_they_were(drawn, digits):
    assert hashlib.sha256(pixels(drawn).tobytes()).hexdigest()[:16] == digits


def test_without_a_scale_a_map_takes_its_own():
    assert face_outline(GRID, None, FADE) == face_outline(GRID, 128.0, FADE)
    assert face_outline(GRID) == face_outline(GRID, 128.0) != face_outline(GRID, 256.0)


@pytest.mark.parametrize("fade", [None, FADE])
@pytest.mark.parametrize("grid", [np.full((16, 16), np.nan), np.zeros((16, 16))], ids=["unknown", "nothing"])
def test_what_says_nothing_is_the_outline_alone(grid, fade):
    assert face_outline(grid, None, fade) == face_outline(fade=fade)


def test_the_weakest_cells_of_a_map_that_stands_alone_are_seen():
    weak = np.full((16, 16), 0.05)
    weak[8, 8] = 1
    alone, beside = (pixels(face_outline(weak, 1.0, fade))[4, 4, 3] for fade in (None, 2.0))
    assert alone > 40 and beside < 5
