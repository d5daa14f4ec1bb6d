"""Was a release made with the photos that it is to be measured on? Then the figures would flatter, and are refused.

A card names its training photos by a file beside it, `models/cards/<weights>.photos`: the first 16 hex digits of each
photo's SHA-256, sorted, one a line. `training_sha256` on the card is the SHA-256 of that file.
"""

from collections.abc import Iterable
from pathlib import Path

import pandas as pd

from models.card import PREFIX, Card
from models.files import ROOT
from pipeline.errors import Contaminated

SHOWN = 3
NOT_RECORDED = "not recorded"


def refuse_contaminated(rows: pd.DataFrame, cards: Iterable[Card], split: str, root: Path = ROOT) -> dict[str, str]:
    """Compare the originals of rows with what each stage was trained on.

    Args:
        rows: with `original`, a SHA-256, and `split`.
        cards: of the release's weights.
        split: the one that was asked for; photos of "val" are accepted only where it was that.
        root: where the cards lie.

    Returns:
        For each weights id, in words, what was compared: for run.json.

    Raises:
        Contaminated: some rows were trained on, or validated on.
        WeightsMismatch: see `Card.photos`.
    """
    known = {card.weights: card.photos(root) for card in cards}
    for weights, photos in known.items():
        _refuse(rows[rows.original.str[:PREFIX].isin(photos)], f"{weights} was trained on")
    if split != "val":
        _refuse(rows[rows.split == "val"], "are of the split val, on which thresholds and calibration were set,")
    if not all(known.values()):
        _refuse(rows[rows.split == "train"], "are of the split train, and the release's training is not recorded,")
    return {weights: _say_compared(photos) for weights, photos in known.items()}


def _refuse(rows: pd.DataFrame, why: str) -> None:
    if rows.empty:
        return
    photos = rows.original.drop_duplicates()
    examples = ", ".join(photos.iloc[:SHOWN].str[:PREFIX])
    which = f"{len(photos)} of the photos {why}" if why.startswith("are") else f"{why} {len(photos)} of the photos"
    raise Contaminated(
        f"{which} that were to be evaluated, for example {examples}: figures measured on them would flatter. "
        "Take a split that was held out."
    )


def _say_compared(photos: set[str]) -> str:
    return f"none of its {len(photos)} training photos is among these" if photos else NOT_RECORDED
