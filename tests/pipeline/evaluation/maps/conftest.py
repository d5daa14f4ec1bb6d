"""What tests of maps share: a store of one face, and a network that learned nothing."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from models import registry
from models.serving import Answers
from pipeline.crops.crops import stored_crop
from pipeline.crops.masks import EDITED
from pipeline.evaluation.maps import measure as maps
from pipeline.examining.find_faces import find_faces
from pipeline.face import REGIONS
from pipeline.figures import bootstrap
from tests.pipeline.evaluation.map_examples import scores_of_corners, store_table

MASKED = "mobilenet_v2_mask"


@pytest.fixture(scope="module")
def face(hopper) -> tuple[np.ndarray, np.ndarray]:
    """A stored crop (300, 300, 3) and its landmarks in store pixels."""
    return stored_crop(hopper.rgb, find_faces(hopper)[0].landmarks)


@pytest.fixture
def store(tmp_path, face, hopper) -> Path:
    """A store of one face: a real photo and, as its pair, the same photo with a painted mouth."""
    crop, landmarks = face
    table, folder = store_table(), tmp_path / "store"
    folder.mkdir()
    painted, mouth = hopper.rgb.copy(), find_faces(hopper)[0].landmarks[list(REGIONS["mouth"])]
    (x0, y0), (x1, y1) = mouth.min(axis=0).astype(int), mouth.max(axis=0).astype(int)
    painted[y0:y1, x0:x1] = painted[y0:y1, x0:x1] // 2 + np.array([90, 0, 0], np.uint8)
    for name, rgb in (("real", hopper.rgb), ("edited", painted)):
        Image.fromarray(rgb).save(folder / f"{name}.png")
    table["path"] = [str(folder / ("edited.png" if row.mask else "real.png")) for row in table.itertuples()]
    masks = np.zeros((len(table), 75, 75), np.uint8)
    masks[:, 40:52, 28:46] = EDITED
    np.save(folder / "crops.npy", np.repeat(crop[None], len(table), axis=0))
    np.save(folder / "landmarks.npy", np.repeat(landmarks[None], len(table), axis=0))
    np.save(folder / "masks.npy", masks)
    table.to_parquet(folder / "crops.parquet")
    return folder


@pytest.fixture
def quick(monkeypatch) -> None:
    """Fewer draws: what is tested is not how exact they are."""
    monkeypatch.setattr(bootstrap, "DRAWS", 20)


@pytest.fixture
def untrained(monkeypatch) -> None:
    """Explain an untrained network with a mask head, and let the release's own network be a simple number."""
    torch.manual_seed(5)
    detector = registry.build(MASKED, outputs=5).eval()
    for parameter in detector.parameters():
        parameter.requires_grad_(False)
    monkeypatch.setattr(maps, "detector_of", lambda _weights: detector)
    monkeypatch.setattr(maps, "outputs_of", lambda _cascade, _stage, batch: scores_of_corners(batch))
    monkeypatch.setattr(maps, "answers_of", lambda _cascade, _stage, batch: Answers(scores_of_corners(batch)))
