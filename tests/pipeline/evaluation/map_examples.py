"""Small masks, maps and a made-up score, for the tests of maps."""

import numpy as np

from pipeline.crops.masks import EDITED
from pipeline.evaluation.maps import truth
from pipeline.heatmap import Heatmap


def facts(regions: str = "0001", group: str = "a", kind: str = "composites") -> dict[str, object]:
    return {"set": kind, "sha256": "ab" * 32, "source": "s", "kind": "k", "group": group, "regions": regions, "row": 0}


def mask_with(rows: slice, columns: slice, value: int = EDITED) -> np.ndarray:
    mask = np.zeros((75, 75), np.uint8)
    mask[rows, columns] = value
    return mask


def grid_with(row: int, column: int, side: int = 16) -> np.ndarray:
    grid = np.full((side, side), -1, np.float32)
    grid[row, column] = 2
    return grid


def over_window(grid: np.ndarray, method: str = "gradcam") -> Heatmap:
    return Heatmap(grid, truth.WINDOW, "edited", "edited", method)


def grid_of_truth(mask: np.ndarray, side: int = 16) -> np.ndarray:
    """Return the share of each cell of a grid over the window that a mask covers, by counting pixels."""
    pixels = np.kron(mask == EDITED, np.ones((4, 4)))[22:278, 22:278]
    return pixels.reshape(side, 256 // side, side, 256 // side).mean(axis=(1, 3)).astype(np.float32)


def grain_of_a_corner(batch: np.ndarray) -> np.ndarray:
    return 60 * batch[:, :, :64, :64].std(axis=(1, 2, 3)) - 9
