"""Splits by group, stratified and stable; and the proof that nothing leaks from one to another."""

import hashlib

import numpy as np
import pandas as pd

from pipeline.errors import LeakyManifest

SHARES = {"train": 0.70, "val": 0.15, "test": 0.15}
UNSEEN = "unseen"


def places(groups: pd.Series, seed: int) -> pd.Series:
    """Return each group's place in [0, 1): a hash decides, so that adding photos hardly moves the others."""
    known = {name: int.from_bytes(hashlib.sha256(f"{seed}:{name}".encode()).digest()[:8], "big") / 2**64
             for name in groups.unique()}  # fmt: skip
    return groups.map(known)


def with_splits(table: pd.DataFrame, seed: int, folds: int = 0, resplit: bool = False) -> pd.Series:
    """Return each row's split: within every stratum, whole groups in the order of their places, 70/15/15 of the photos.

    A group with a held-out photo is "unseen" as a whole. A group that its collection put in a split stays there.

    Args:
        table: with the columns group, source, label, held_out and split (the collection's own, or "").
        seed: another seed gives other splits.
        folds: make this many folds of equal size instead, named "fold0" and so on.
        resplit: do not keep the collections' own splits.

    Raises:
        LeakyManifest: a collection's own splits tear a group apart.
    """
    own = table.split.where(~table.held_out, UNSEEN) if not resplit else table.held_out.map({True: UNSEEN, False: ""})
    if not resplit:
        _refuse_torn(table.assign(split=own))
    given = own.groupby(table.group).transform("max")  # "" sorts first: whoever says something speaks for the group
    unseen = table.held_out.groupby(table.group).transform("any")
    free = table[(given == "") & ~unseen]
    split = given.where(~unseen, UNSEEN)
    shares = {f"fold{number}": 1 / folds for number in range(folds)} if folds else SHARES
    for _, part in free.groupby(_strata(free), sort=True):
        split.loc[part.index] = _dealt(part, shares, seed)
    return split


def _strata(table: pd.DataFrame) -> pd.Series:
    """Return each row's stratum: the commonest source and label of its group."""
    names = (table.source + "/" + table.label).rename("stratum")
    counts = names.groupby([table.group, names]).size().rename("photos").reset_index()
    commonest = counts.sort_values(["photos", "stratum"], ascending=[False, True]).drop_duplicates("group")
    return table.group.map(commonest.set_index("group").stratum)


def _dealt(part: pd.DataFrame, shares: dict[str, float], seed: int) -> pd.Series:
    """Deal a stratum's groups to splits by the middle of their share of the photos."""
    sizes = part.groupby("group").size()
    order = places(pd.Series(sizes.index, sizes.index), seed).sort_values().index
    middle = (sizes[order].cumsum() - sizes[order] / 2) / sizes.sum()
    ends = np.cumsum(list(shares.values()))
    number = np.minimum(np.searchsorted(ends, middle.to_numpy(), side="right"), len(shares) - 1)
    return part.group.map(dict(zip(order, np.array(list(shares))[number], strict=True)))


def _refuse_torn(table: pd.DataFrame) -> None:
    said = table[(table.split != "") & (table.split != UNSEEN)]
    kinds = said.groupby("group").split.nunique()
    if (torn := kinds[kinds > 1]).empty:
        return
    rows = said[said.group == torn.index[0]].drop_duplicates("split")
    raise LeakyManifest(
        f"The collections' own splits tear {len(torn)} groups of the same person or near duplicates apart, for example "
        f"{' and '.join(f'{path} ({split})' for path, split in zip(rows.path, rows.split, strict=True))}. "
        "Use --resplit to make new splits."
    )


def refuse_leaks(table: pd.DataFrame, pairs: np.ndarray) -> None:
    """Check a finished table without trusting how its splits were made.

    Args:
        table: with the columns split, group, pair, sha256 and path.
        pairs: (P, 2) row numbers of near duplicates.

    Raises:
        LeakyManifest: two splits share bytes, a group, an original and its edit, or near duplicates.
    """
    for column in ("sha256", "group", "pair"):
        known = table[table[column] != ""]
        if leaking := int((known.groupby(column).split.nunique() > 1).sum()):
            raise LeakyManifest(f"{leaking} values of {column} are in two splits: nothing was written.")
    split = table.split.to_numpy()
    if leaking := int((split[pairs[:, 0]] != split[pairs[:, 1]]).sum()):
        raise LeakyManifest(f"{leaking} pairs of near duplicates are in two splits: nothing was written.")
