"""How often was a release wrong on photos like this one? The slices of its test evaluation that a face belongs to.

What is known of the face is measured as the evaluation measured its photos, so that it falls into the same slices.
"""

import io
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from PIL import Image
from PIL.JpegImagePlugin import JpegImageFile

from pipeline.errors import BadEvaluation
from pipeline.examining.container import pixels_of
from pipeline.examining.face_facts import ita_class, measure_face
from pipeline.face import Face
from pipeline.figures.slices import SKIN_TONE
from pipeline.reading.jpeg_quality import nearest_quality
from pipeline.results.evaluation import METRICS
from pipeline.results.figure import Figure
from pipeline.storage.read_json import read_json

DATASET = "test"
"""The evaluation whose slices are told: held-out photos like those of the training."""
FACTS = {
    "face size": "face_size",
    "JPEG quality": "jpeg_quality",
    "sharpness": "sharpness",
    "brightness": "brightness",
    "contrast": "contrast",
    SKIN_TONE: "ita",
}
"""Slices that a photo of unknown origin can be put into, by what is measured of it."""
SHARES = ("false alarms", "recall")
"""Of a slice: the figures that are told of pictures like a face."""
NO_JPEG = -1

_NUMBER = r"-?\d+(?:\.\d+)?(?:e[+-]?\d+)?"
_RANGE = re.compile(
    rf"(?:under (?P<below>{_NUMBER})|from (?P<above>{_NUMBER})|(?P<low>{_NUMBER}) to (?P<high>{_NUMBER}))"
)


@dataclass(frozen=True)
class Fit:
    """A slice that a face belongs to.

    Attributes:
        name: what is sliced by, a key of `FACTS`.
        value: the slice, as the evaluation calls it.
        measured: what was measured of the face, in the slice's unit.
        n: photos in the slice.
        false_alarms: share of the real photos there that stage 1 called edited.
        missed: share of the edited photos there that stage 1 did not.
    """

    name: str
    value: str
    measured: float
    n: int
    false_alarms: Figure
    missed: Figure

    def error(self, label: str, edge: str = "value") -> float | None:
        """Return the error that matters to a verdict; None where too few photos tell it.

        Of "no indication" that is a missed edit, of an indication a false alarm, of "inconclusive" the mean of both.

        Args:
            label: the verdict.
            edge: "value", or "low" for the lower end of its interval.
        """
        alarms, missed = (getattr(share, edge) for share in (self.false_alarms, self.missed))
        if label == "real":
            return missed
        if label != "inconclusive":
            return alarms
        return None if alarms is None or missed is None else (alarms + missed) / 2


def known_of(face: Face, data: bytes) -> dict[str, float]:
    """Measure of a face what evaluations are sliced by: the values of `FACTS`, NaN for what cannot be told.

    Args:
        face: in its photo's frame, with its crop.
        data: the photo's original bytes.
    """
    facts = measure_face(face, pixels_of([face.crop])[0])
    return facts | {"face_size": face.size, "jpeg_quality": float(jpeg_quality(data))}


def jpeg_quality(data: bytes) -> int:
    """Return the IJG quality whose luminance table is nearest to a JPEG's, 1–100; `NO_JPEG` of any other file."""
    try:
        with Image.open(io.BytesIO(data)) as image:
            if isinstance(image, JpegImageFile) and image.quantization:
                return nearest_quality(list(image.quantization[min(image.quantization)]))
    except OSError:  # no picture that is known here by its header
        return NO_JPEG
    return NO_JPEG


def read_slices(path: Path) -> list[dict[str, Any]]:
    """Read the slices of an evaluation's folder, without its predictions.

    Raises:
        BadEvaluation: there are none, or they are of another form.
    """
    slices = read_json(path / METRICS, BadEvaluation, "evaluation").get("slices")
    needed = {"slice", "value", "n", "false alarms", "recall"}
    if not isinstance(slices, list) or not all(isinstance(row, dict) and needed <= set(row) for row in slices):
        raise BadEvaluation(f"{path / METRICS} holds no slices: evaluate the release again.")
    return slices


def fitting(slices: Sequence[Mapping[str, Any]], known: Mapping[str, float]) -> list[Fit]:
    """Return the slices that a face belongs to, at most one for each of `FACTS`, in their order.

    Args:
        slices: from `read_slices`.
        known: from `known_of`.
    """
    fits = []
    for name, fact in FACTS.items():
        mine = [row for row in slices if row["slice"] == name and _holds(row, known[fact])]
        if mine:  # a value on the edge of two belongs to the upper one
            row = mine[-1]
            alarms, recall = (Figure.read(row[share], f"slice {name}: {row['value']}") for share in SHARES)
            fits.append(Fit(name, str(row["value"]), known[fact], row["n"], alarms, _share_missed(recall)))
    return fits


def beyond(slices: Sequence[Mapping[str, Any]], known: Mapping[str, float]) -> list[str]:
    """Return the keys of `FACTS` that are known of a face and sliced by, but for which no slice holds its value."""
    fits = {fit.name for fit in fitting(slices, known)}
    sliced_by = {row["slice"] for row in slices}
    return [name for name, fact in FACTS.items() if name in sliced_by - fits and known[fact] == known[fact]]


def worst(fits: Sequence[Fit], label: str) -> Fit | None:
    """Return the slice where the error that matters to a verdict is surely most frequent; None where none tells it.

    What counts is the lower end of the interval, so that a few errors in a small slice do not decide; of equals the
    larger value, then the smaller slice.
    """
    known = [fit for fit in fits if fit.error(label) is not None and fit.error(label, "low") is not None]
    return max(known, key=lambda fit: (fit.error(label, "low"), fit.error(label), -fit.n), default=None)


def _share_missed(recall: Figure) -> Figure:
    """Return the share that was missed of the share that was found, to the digits of stored figures."""
    value, low, high = (
        None if part is None else round(1 - part, 4) for part in (recall.value, recall.high, recall.low)
    )
    return Figure(value, low, high, recall.n)


def _holds(row: Mapping[str, Any], value: float) -> bool:
    """Tell whether a slice holds a value; the slice's edges stand in its name."""
    if row["slice"] == SKIN_TONE:
        return bool(ita_class(value)) and row["value"] == ita_class(value)
    if row["slice"] == "JPEG quality" and value < 0:
        return row["value"] == "no JPEG"
    edges = _RANGE.search(str(row["value"]))
    if edges is None:  # a fact in which all photos are alike is not cut into thirds
        return row["value"] == "all" and value == value
    if edges["below"]:
        return value < float(edges["below"])
    return value >= float(edges["above"]) if edges["above"] else float(edges["low"]) <= value <= float(edges["high"])
