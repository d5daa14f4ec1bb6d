"""The sieve: the quick release sees every photo, the thorough one those that quick does not clearly pass.

What is clear was measured on validation photos (`python -m pipeline sieve`) for these two releases, and stands with
the recall that it keeps in models/evaluations/sieves.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from models.release import Release, read_release
from pipeline.errors import BadEvaluation, NotMeasured
from pipeline.results.figure import Figure
from pipeline.settings import settings
from pipeline.storage.read_json import read_json

FOLDER = "sieves"


@dataclass(frozen=True)
class Sieve:
    """What the quick release passes, and what that costs.

    Attributes:
        quick, thorough: names of the releases.
        threshold: p(edited) by quick under which all faces of a photo must lie for it to be passed.
        recall: share of what thorough calls edited that is sent on to it.
        sent: share of the untouched photos that is sent on.
    """

    quick: str
    thorough: str
    threshold: float
    recall: Figure
    sent: Figure

    def passes(self, record: Mapping[str, Any]) -> bool:
        """Tell whether a photo is passed, by the quick release's record of it; an error is not."""
        return "error" not in record and suspicion(record) < self.threshold


def suspicion(record: Mapping[str, Any]) -> float:
    """Return the largest p(edited) among a photo's faces, by its record; 0 for a photo without one."""
    return max((face["p_edited"] or 0.0 for face in record["faces"]), default=0.0)


def place_of(quick: Release, thorough: Release, home: Path | None = None) -> Path:
    """Return the file in which a sieve's measurement is kept."""
    return (home or settings().evaluations) / FOLDER / f"{quick.name}-{thorough.name}.json"


def read_sieve(home: Path | None = None) -> Sieve:
    """Return the sieve of the two releases in use.

    Args:
        home: where evaluations are kept; None for the settings' own.

    Raises:
        NotMeasured: it was not measured for these releases as they are now.
        BadEvaluation: its file is damaged.
    """
    quick, thorough = read_release("quick"), read_release("thorough")
    path = place_of(quick, thorough, home)
    if not path.is_file():
        raise NotMeasured(f"What {quick.name} may pass in place of {thorough.name} was never measured.")
    kept = read_json(path, BadEvaluation, "measurement of a sieve")
    try:
        if kept["releases"] != {release.name: release.sha256 for release in (quick, thorough)}:
            raise NotMeasured(f"{path.name} was measured with other files of {quick.name} and {thorough.name}.")
        figures = kept["figures"]
        recall, sent = (Figure.read(figures[name], name) for name in ("recall", "untouched_sent_on"))
        return Sieve(quick.name, thorough.name, float(kept["threshold"]), recall, sent)
    except (KeyError, TypeError, ValueError) as problem:
        raise BadEvaluation(f"{path} holds no measurement of a sieve: {problem!r}.") from problem
