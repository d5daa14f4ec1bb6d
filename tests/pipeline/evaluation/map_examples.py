"""Small masks, maps and a made-up score, for the tests of maps."""

import numpy as np
import pandas as pd
import pytest

from pipeline.crops.masks import EDITED
from pipeline.evaluation.maps import measure, truth
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


def scores_of_corners(batch: np.ndarray) -> np.ndarray:
    return np.stack([grain_of_a_corner(np.roll(batch, shift, axis=3)) for shift in range(0, 250, 50)], axis=1)


def store_table() -> pd.DataFrame:
    """Return rows of both splits: four composites, four forged, one pair, one real photo each."""
    rows = []
    for split in ("val", "test"):
        for number in range(10):
            composite, forged, pair = number < 4, 4 <= number < 8, number == 8
            rows.append(
                {
                    "sha256": f"{len(rows) // 10 * 10 + 9 if forged else len(rows):064x}",  # of the real one
                    "path": f"/nowhere/{len(rows)}.png",
                    "split": split,
                    "group": f"{split}-{number // 2}",
                    "source": "ciplab" if composite else "forge-ffhq" if forged else "dfdc",
                    "label": "facetune" if number < 8 else "deepfake" if pair else "real",
                    "kind": "part composite"
                    if composite
                    else "retouch"
                    if forged
                    else "face swap"
                    if pair
                    else "camera",
                    "regions": ("1000", "0001", "1111", "0100")[number] if composite else "",
                    "recipe": "{}" if forged else "",
                    "mask": "pair" if pair else "",
                    "pair": f"{split}-pair" if number > 7 else "",
                    "error": "",
                    "face_size": 200.0,
                }
            )
    return pd.DataFrame(rows)


def killed_at(batch: int, monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """End the measurement as a kill would at a batch, counted from 1; return what counts those that are begun."""
    measured, begun = measure._of_batch, list[int]()

    def counted(*arguments):
        begun.append(1)
        if len(begun) == batch:
            raise KeyboardInterrupt
        return measured(*arguments)

    monkeypatch.setattr(measure, "_of_batch", counted)
    return begun
