"""Does an edit raise the score of the very photo that it was made of? The plainest question to stage 1.

A photo and its edit differ in nothing but the edit.
"""

from typing import Any

import numpy as np
import pandas as pd

from pipeline.datasets.sources import FORGED
from pipeline.figures import bootstrap

ALL = "all"


def above_original(table: pd.DataFrame) -> dict[str, Any]:
    """Return, over all and by kind, the share of edits that score above their own original; half would by chance.

    Args:
        table: predictions; edits without an original among them are left out.

    Returns:
        Figures with n; {} where there is no such pair.
    """
    own = original_places(table)
    pairs = table[own >= 0]
    if pairs.empty:
        return {}
    scores = table.logit_edited.to_numpy(float)
    rows = pairs.assign(hit=pairs.logit_edited.to_numpy(float) > scores[own[own >= 0]])
    kinds = {str(kind): bootstrap.interval(part, bootstrap.hit_rate) for kind, part in rows.groupby("kind")}
    return {ALL: bootstrap.interval(rows, bootstrap.hit_rate)} | kinds


def original_places(table: pd.DataFrame) -> np.ndarray:
    """Return (N,) int: the place of each edit's original in a table of predictions, −1 where there is none.

    A forged edit names its original's hash; a collection's edit shares its `pair` with the photo it was made of.
    """
    real = (table.label == "real").to_numpy(bool)
    places = {f"{FORGED}{table.id.iloc[place]}": place for place in np.flatnonzero(real)}
    pairs = table.pair.to_numpy(str)
    places |= {pairs[place]: int(place) for place in np.flatnonzero(real & (pairs != ""))}
    return np.array([-1 if real[row] else places.get(pair, -1) for row, pair in enumerate(pairs)], int)
