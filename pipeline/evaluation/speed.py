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

from models.files import ROOT
from pipeline.cascade import examine
from pipeline.evaluation.conditions import OF_RELEASE, surroundings
from pipeline.evaluation.whole_json import write_json_whole
from pipeline.examining.find_faces import find_faces
from pipeline.examining.lanes import cores
from pipeline.examining.loaded import Cascade, load_cascade
from pipeline.examining.networks import FaceCrops, outputs_of
from pipeline.photo import Photo
from pipeline.pictures.photo import picture
from pipeline.results.cost import MAPPED, PHOTO

SIDE, FACES, TURNS = 600, 32, 7


def measure_speed(names: Sequence[str], path: Path, root: Path = ROOT) -> list[Path]:
    """Measure releases side by side; return the files written, one a release.

    Args:
        names: of the releases.
        path: a photo with a face; shrunk to 600 px.
        root: where `evaluations` lies.
    """
    since, data = time.monotonic(), _shrink_photo(path)
    cascades = {name: load_cascade(name) for name in names}
    costs: dict[str, dict[str, list[float]]] = {name: {} for name in names}
    for turn in range(TURNS + 1):  # in turn, so that a busy machine is busy for all of them
        for name, cascade in cascades.items():
            for what, seconds in _costs_of_a_turn(cascade, data).items():
                if turn:  # the first warms up
                    costs[name].setdefault(what, []).append(seconds)
    home = root / "evaluations" / "speed"
    return [
        write_json_whole(
            home / f"{cascade.release.name}.json",
            _facts(cascade, costs[name], [other for other in names if other != name], since),
        )
        for name, cascade in cascades.items()
    ]


def _facts(cascade: Cascade, costs: dict[str, list[float]], beside: list[str], since: float) -> dict[str, Any]:
    """Return what is written of a release that was measured beside others: the median of its turns."""
    return {
        "release": cascade.release.name,
        "release_sha256": cascade.release.sha256,
        "cores": cores(),
        "turns": TURNS,
        "measured beside": beside,
        "figures": {what: round(median(values), 4) for what, values in costs.items()},
        **surroundings(OF_RELEASE, since, 1),
    }


def _costs_of_a_turn(cascade: Cascade, data: bytes) -> dict[str, float]:
    """Return what one turn costs, in seconds or faces a second."""
    pixels = FaceCrops.of([find_faces(Photo.read(data))[0]] * FACES).pixels
    first = _seconds_of(lambda: outputs_of(cascade, "edited", pixels))
    second = _seconds_of(lambda: outputs_of(cascade, "deepfake", pixels[: FACES // 2]))
    alone = [_seconds_of(partial(outputs_of, cascade, stage, pixels[:1])) for stage in cascade.networks]
    find = _seconds_of(lambda: FaceCrops.of(find_faces(Photo.read(data))))
    return {
        "seconds a photo of 600 px, decoded, its face found, both stages": find + sum(alone),
        PHOTO: _seconds_of(lambda: examine(Photo.read(data), cascade, heatmaps=False)),
        MAPPED: _seconds_of(lambda: examine(Photo.read(data), cascade)),
        "faces a second, stage 1": FACES / first,
        "faces a second, both stages where half are edited": FACES / (first + second),
    }


def _seconds_of(call: Callable[[], Any]) -> float:
    since = time.perf_counter()
    call()
    return time.perf_counter() - since


def _shrink_photo(path: Path) -> bytes:
    """Return a photo as JPEG, its longer side at most `SIDE`."""
    buffer = io.BytesIO()
    Image.fromarray(picture(Photo.read(path.read_bytes()), longest=SIDE).rgb).save(buffer, "JPEG", quality=90)
    return buffer.getvalue()
