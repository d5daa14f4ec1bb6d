"""What a release costs: one photo's time and faces a second, of all releases in one run, on this machine.

Written to models/evaluations/speed/<release>.json; the app says it beside the choice of a release.
"""

import io
import time
from collections.abc import Callable, Sequence
from functools import partial
from pathlib import Path
from statistics import median
from typing import Any

from PIL import Image

from models.files import ROOT, write_json
from pipeline.cascade import Cascade, examine, load_cascade, outputs_of, tensor_of
from pipeline.evaluation.conditions import surroundings
from pipeline.examining.find_faces import find_faces
from pipeline.examining.loaded import cores
from pipeline.photo import Photo
from pipeline.pictures.overlay import shrunk
from pipeline.results.cost import MAPPED, PHOTO

SIDE, FACES, TURNS = 600, 32, 7


def measure_speed(names: Sequence[str], path: Path, root: Path = ROOT) -> list[Path]:
    """Measure releases side by side; return the files written, one a release.

    Args:
        names: of the releases.
        path: a photo with a face; shrunk to 600 px.
        root: where `evaluations` lies.
    """
    since, data = time.monotonic(), _shrunk(path)
    cascades = {name: load_cascade(name) for name in names}
    costs: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    for turn in range(TURNS + 1):  # in turn, so that a busy machine is busy for all of them
        for name, cascade in cascades.items():
            for what, seconds in _once(cascade, data).items():
                if turn:  # the first warms up
                    costs[name].setdefault(what, []).append(seconds)
    written = []
    for name, cascade in cascades.items():
        folder = root / "evaluations" / "speed"
        folder.mkdir(parents=True, exist_ok=True)
        told = {what: round(median(values), 4) for what, values in costs[name].items()}
        facts = {"release": cascade.release.name, "release_sha256": cascade.release.sha256, "cores": cores()}
        facts |= {"turns": TURNS, "measured beside": [other for other in names if other != name], "figures": told}
        write_json(folder / f"{cascade.release.name}.json", facts | surroundings(1, time.monotonic() - since))
        written.append(folder / f"{cascade.release.name}.json")
    return written


def _once(cascade: Cascade, data: bytes) -> dict[str, float]:
    """Return what one turn costs, in seconds or faces a second."""
    pixels = tensor_of([find_faces(Photo.read(data))[0]] * FACES)
    first = _timed(lambda: outputs_of(cascade, "edited", pixels))
    second = _timed(lambda: outputs_of(cascade, "deepfake", pixels[: FACES // 2]))
    alone = [_timed(partial(outputs_of, cascade, stage, pixels[:1])) for stage in cascade.networks]
    find = _timed(lambda: tensor_of(find_faces(Photo.read(data))))
    return {
        "seconds a photo of 600 px, decoded, its face found, both stages": find + sum(alone),
        PHOTO: _timed(lambda: examine(Photo.read(data), cascade, heatmaps=False)),
        MAPPED: _timed(lambda: examine(Photo.read(data), cascade)),
        "faces a second, stage 1": FACES / first,
        "faces a second, both stages where half are edited": FACES / (first + second),
    }


def _timed(call: Callable[[], Any]) -> float:
    since = time.perf_counter()
    call()
    return time.perf_counter() - since


def _shrunk(path: Path) -> bytes:
    """Return a photo as JPEG, its longer side at most `SIDE`."""
    buffer = io.BytesIO()
    Image.fromarray(shrunk(Photo.read(path.read_bytes()), SIDE)).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
