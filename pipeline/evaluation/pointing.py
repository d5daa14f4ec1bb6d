"""Do the maps and the region outputs name the part that was edited, and do the maps matter to the score?"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.evaluation import metrics
from pipeline.face import REGIONS

SHIFTS = range(1, 20)


def pointing(table: pd.DataFrame) -> dict[str, Any]:
    """Return how often the first stage names an edited part of a part composite, by its map and by its region outputs.

    The map's peak is the pointing game (Zhang et al., ECCV 2016) with the landmarks' regions. Chance is what the same
    answers reach against other photos' region bits: it knows which parts are answered and edited most often.
    """
    known = table[(table.kind == "part composite") & table.regions.str.fullmatch("[01]{4}")]
    found: dict[str, Any] = {}
    for source, part in known.groupby("source"):
        single = part[part.regions.str.count("1") == 1]
        for what, mine in (("all", part), ("one region", single)):
            for by, answers in (("map", mine.peak_region), ("region outputs", mine.likeliest_region)):
                if len(mine):
                    found[f"{source}: {what}, by {by}"] = _named(mine, answers)
    return found


def _named(table: pd.DataFrame, answers: pd.Series) -> dict[str, Any]:
    chance = np.mean([_hits(answers, np.roll(table.regions, shift)).mean() for shift in SHIFTS])
    hits = table.assign(hit=_hits(answers, table.regions))
    return metrics.interval(hits, hit_rate) | {"chance": round(float(chance), 4)}


def hit_rate(table: pd.DataFrame) -> float:
    """Share of rows whose `hit` is true."""
    return float(table.hit.mean())


def _hits(answers: Any, bits: Any) -> np.ndarray:
    place = {name: number for number, name in enumerate(REGIONS)}
    pairs = zip(answers, bits, strict=True)
    return np.array([answer in place and text[place[answer]] == "1" for answer, text in pairs])


def faithful(table: pd.DataFrame) -> dict[str, Any]:
    """Return the share of maps whose strongest fifth matters more to the logit than random fifths."""
    measured = table[table.faithfulness.notna()]
    measured = measured.assign(hit=measured.faithfulness > 0)
    return {str(label): metrics.interval(part, hit_rate) for label, part in measured.groupby("label")}
