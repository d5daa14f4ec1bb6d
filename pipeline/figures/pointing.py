"""Do the maps and the region outputs name the part that was edited, and do the maps matter to the score?"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.face import REGIONS
from pipeline.figures import bootstrap
from pipeline.regions import region_bits

MOST_SHIFTS = 19


def pointing(table: pd.DataFrame) -> dict[str, Any]:
    """Return how often the first stage names an edited part of a part composite, by its map and by its region outputs.

    The map's peak is the pointing game (Zhang et al., ECCV 2016) with the landmarks' regions. Chance is what the same
    answers reach against other photos' region bits: it knows which parts are answered and edited most often.
    """
    known = table[(table.kind == "part composite") & table.regions.str.fullmatch("[01]{4}")]
    shares: dict[str, Any] = {}
    for source, part in known.groupby("source"):
        single = part[part.regions.str.count("1") == 1]
        for what, mine in (("all", part), ("one region", single)):
            for by, column in (("map", "peak_region"), ("region outputs", "likeliest_region")):
                if len(mine):
                    shares[f"{source}: {what}, by {by}"] = share_named(mine, one_hot(mine[column]))
    return shares


def share_named(table: pd.DataFrame, inside: np.ndarray) -> dict[str, Any]:
    """Return the share of answers that lie in an edited part, with its interval and the answers' chance.

    Chance is None of a single photo: there is no other to set its answer against.

    Args:
        table: one row a photo, with its region bits as `regions`, and `group`.
        inside: (N, 4) bool, in which parts of `REGIONS` each photo's answer lies; in none is a miss.
    """
    bits = bits_of(table.regions)
    tries = [(inside & np.roll(bits, shift, axis=0)).any(axis=1).mean() for shift in shifts(len(table))]
    hits = table[["group"]].assign(hit=(inside & bits).any(axis=1))
    return bootstrap.interval(hits, bootstrap.hit_rate) | {"chance": round(float(np.mean(tries)), 4) if tries else None}


def shifts(count: int) -> range:
    """Return by how many places answers are set against other photos, none of them against its own; of one photo none.

    Args:
        count: of photos.
    """
    return range(1, min(MOST_SHIFTS + 1, count))


def one_hot(answers: pd.Series) -> np.ndarray:
    """Return (N, 4) bool of names of parts of `REGIONS`; another name lies in none of them."""
    return np.array([[answer == name for name in REGIONS] for answer in answers], bool).reshape(-1, len(REGIONS))


def bits_of(regions: pd.Series) -> np.ndarray:
    """Return (N, 4) bool of region bits such as "0101"."""
    return np.array([region_bits(text) for text in regions], bool).reshape(-1, len(REGIONS))


def faithful(table: pd.DataFrame) -> dict[str, Any]:
    """Return the share of maps whose strongest fifth matters more to the logit than random fifths."""
    measured = table[table.faithfulness.notna()]
    measured = measured.assign(hit=measured.faithfulness > 0)
    return {str(label): bootstrap.interval(part, bootstrap.hit_rate) for label, part in measured.groupby("label")}
