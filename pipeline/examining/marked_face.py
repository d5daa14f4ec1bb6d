"""`marked_face()`: a face that an analyst marked by hand, measured like any other."""

import numpy as np

from models.faces import facemesh
from models.faces.blazeface import Detection
from pipeline import mean_face
from pipeline.examining.boxes import box_within
from pipeline.examining.find_faces import STANDS
from pipeline.face import Box, Face, box_before, cut, opposite, turn_by, window_of
from pipeline.marks import Mark
from pipeline.photo import Photo

EYES = np.array([(0.3, 0.4), (0.7, 0.4)])
"""Where the eyes are in a face's box, as shares of its sides: they only tell the mesh network what is level."""


def marked_face(photo: Photo, mark: Mark, size: int = 256) -> Face:
    """Return a marked face, judged like any other; its score is below `STANDS` where no landmarks could be measured.

    Those are then the mean face's, stretched to the box.

    Args:
        photo: the photo.
        mark: the box and the turn.
        size: side of the crop in pixels.

    Raises:
        BadMark: the box is too small, or lies outside the photo.
    """
    inside = mark.within(photo.width, photo.height)
    rgb = turn_by(photo.rgb, mark.turn)
    box = box_before(inside, opposite(mark.turn), rgb.shape[1], rgb.shape[0])
    points, score = _landmarks(rgb, box)
    window = window_of(points)
    face = Face(box_within(points, rgb), points, window, cut(rgb, window, size), score, marked=True)
    return face.turned_back(mark.turn, photo.width, photo.height)


def _landmarks(rgb: np.ndarray, box: Box) -> tuple[np.ndarray, float]:
    """Measure the mesh in a box, and once more around what was measured: a box by hand is a rough one."""
    points, score = facemesh.landmarks(
        rgb, _detection(box, np.array(box[:2]) + EYES * (box[2] - box[0], box[3] - box[1]))
    )
    if score < STANDS:
        return mean_face.in_box(box), score
    low, high = points.min(axis=0), points.max(axis=0)
    level = np.stack([points[[33, 133]].mean(axis=0), points[[263, 362]].mean(axis=0)])
    again, better = facemesh.landmarks(rgb, _detection((*low.tolist(), *high.tolist()), level))
    return (again, better) if better > score else (points, score)


def _detection(box: Box, eyes: np.ndarray) -> Detection:
    return Detection(box, eyes, 1.0)
