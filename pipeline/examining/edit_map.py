"""Where a network holds a face edited: its own mask, and the mask raised by what it says of the parts of the face.

Apart from torch, for a served network tells its mask beside its scores. See `pipeline.examining.explain` for what
these maps are worth beside accounts of the score.
"""

import numpy as np

from pipeline.regions import cover_of

MASK, PARTS, LIKELIEST = "mask", "parts", "likeliest"
BY_REGIONS = (PARTS, LIKELIEST)
"""Methods that need region outputs."""
UNEDITED = "real"
"""The one label for which a mask speaks with its sign turned: any other, of either stage, says that it was edited."""
RAISED = 4.0
"""Logits by which a cell of the mask is raised where it lies in a part that was surely edited, or in the likeliest one;
of 3 to 12, which hardly differ on validation photos (DECISIONS 44)."""


def where_edited(
    masks: np.ndarray, regions: np.ndarray, method: str, landmarks: np.ndarray | None, side: int
) -> np.ndarray:
    """Return where a network holds faces edited, (B, h, w) float32 logits of each cell.

    Args:
        masks: what its mask head says, (B, h, w).
        regions: logits that each part was edited, (B, 4).
        method: one of the three:

            - `MASK`: the mask alone.
            - `PARTS`: raised by up to `RAISED` in parts that the region outputs hold edited.
            - `LIKELIEST`: raised by `RAISED` in the part that they hold likeliest; in others as far as their odds come
              near that one's.
        landmarks: (B, 468, 2) in the crops' pixels. `MASK` does without them.
        side: of the crops.

    Raises:
        ValueError: `BY_REGIONS` without landmarks.
    """
    if method == MASK:
        return masks
    if landmarks is None:
        raise ValueError("a map by parts needs landmarks")
    edited = 1 / (1 + np.exp(-regions)) if method == PARTS else np.exp(regions - regions.max(axis=1, keepdims=True))
    return np.asarray(masks + RAISED * _edited_parts(edited, landmarks, side, masks.shape), np.float32)


def _edited_parts(edited: np.ndarray, landmarks: np.ndarray, side: int, shape: tuple[int, ...]) -> np.ndarray:
    """Return how surely each cell lies in an edited part, (B, h, w); of parts that overlap the surer counts.

    Args:
        edited: how surely each part was edited, (B, 4).
        landmarks: as `where_edited` takes them.
        side: of the crops.
        shape: of the maps, B × h × w.
    """
    covers = np.stack([cover_of(points, side, (shape[1], shape[2])) for points in landmarks])
    return (covers * edited[:, :, None, None]).max(axis=1)
