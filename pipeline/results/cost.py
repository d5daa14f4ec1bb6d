"""What was measured of a release's cost, read from what `pipeline.evaluation.speed` wrote."""

from pathlib import Path

from pipeline.errors import BadEvaluation
from pipeline.storage.read_json import read_json

PHOTO, MAPPED = "seconds of the whole path to a verdict", "seconds of the whole path, with heatmap"


def cost_of(release: str, home: Path) -> dict[str, float]:
    """Return what was measured of a release's cost: seconds a "photo", and "mapped"; on how many "cores".

    Args:
        release: its name.
        home: where evaluations are kept.

    Returns:
        Nothing where it was not measured, or the file says something else.
    """
    path = home / "speed" / f"{release}.json"
    try:
        speed = read_json(path, BadEvaluation, "speed measurement")
        figures = speed["figures"]
        return {"photo": float(figures[PHOTO]), "mapped": float(figures[MAPPED]), "cores": int(speed["cores"])}
    except (BadEvaluation, ValueError, KeyError, TypeError):
        return {}
