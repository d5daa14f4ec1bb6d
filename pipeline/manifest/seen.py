"""What released weights have seen keeps its split: what they were trained or validated on is never a test photo.

Beside each card lie the first 16 hex digits of the hashes of its training photos (`.photos`) and, for weights made
elsewhere, of those they were validated on (`.validation`). An edit that Telltale forged counts as its original.
"""

from pathlib import Path

import pandas as pd

from models.card import read_card
from models.files import ROOT
from pipeline.datasets.sources import original_prefixes

FILES = {"val": "validation", "train": "photos"}
"""Split → the ending of the file that names its photos; what one network trained on is "train", whoever validated."""
TORN = "seen_in_training: a near duplicate of it was trained on by published weights"
VALIDATED = "seen_in_validation: it or a near duplicate of it was validated on by published weights"


def seen_photos(root: Path = ROOT) -> dict[str, str]:
    """Return the photos that any released weights have seen: prefix of the hash → "train" or "val".

    Raises:
        WeightsMissing, WeightsMismatch: what a card names as its training photos is gone or altered.
    """
    for path in sorted((root / "cards").glob("*.json")):
        read_card(path.stem, root).photos(root)  # a list that is gone would let its photos become test photos
    seen: dict[str, str] = {}
    for split, ending in FILES.items():
        for path in sorted((root / "cards").glob(f"*.{ending}")):
            seen |= dict.fromkeys(path.read_text(encoding="utf-8").split(), split)
    return seen


def with_seen(table: pd.DataFrame, root: Path = ROOT) -> pd.DataFrame:
    """Give photos that released weights have seen the split that they had there, and mark whose split is fixed.

    Args:
        table: with the columns sha256, pair, split and published (its collection's splits are those of published
            weights).
        root: where the cards lie.

    Returns:
        The table, `published` true of every photo whose split must be kept.
    """
    known = original_prefixes(table).map(seen_photos(root)).fillna("")
    own = table.published & (table.split != "") & (known != "train")  # what one network learnt is no one's to hold out
    return table.assign(split=table.split.where(own | (known == ""), known), published=own | (known != ""))


def torn_photos(table: pd.DataFrame) -> pd.Series:
    """Tell which photos must be left aside, for they can neither be trained on nor be measured on, and why.

    Those are held-out photos with a near duplicate that published weights trained on, or validated on; in the second
    case those that their collection trains on too.

    Args:
        table: with the columns group, split, published and held_out.

    Returns:
        (N,) str: `TORN`, `VALIDATED`, or "" of all others.
    """
    trained, validated = (_in_group(table, table.published & (table.split == split)) for split in ("train", "val"))
    torn = trained & (table.split.isin(["val", "test"]) | table.held_out)
    late = validated & ~trained & (table.split.isin(["train", "test"]) | table.held_out)
    return pd.Series("", table.index).mask(torn, TORN).mask(late, VALIDATED)


def _in_group(table: pd.DataFrame, rows: pd.Series) -> pd.Series:
    """Tell of each row whether one of its group is among (N,) bool rows."""
    return rows.groupby(table.group).transform("any")
