"""Splits by group, stratified and stable; and the proof that nothing leaks from one to another."""

import numpy as np
import pandas as pd

from pipeline.datasets.sources import original_prefixes
from pipeline.errors import LeakyManifest
from pipeline.splits import SHARES, UNSEEN, place_of

DONOR_ELSEWHERE = "donor_elsewhere: a part of this edit is of a photo in another split"


def with_splits(table: pd.DataFrame, seed: int, folds: int = 0, resplit: bool = False) -> pd.Series:
    """Return each row's split: within every stratum, whole groups in the order of their hashes, 70/15/15 of the photos.

    A group with a held-out photo is "unseen" as a whole. A group that its collection put in a split stays there. One
    that published weights fixed stays too, whoever holds it out, but takes its place in the dealing: else of what they
    never saw, which is nearly all that can be tested on, most would be dealt to training.

    Args:
        table: with the columns group, source, label, held_out and split. The last is the collection's own, or "".
            There may be a column `published`, see `pipeline.manifest.seen`.
        seed: another seed gives other splits.
        folds: make this many folds of equal size instead, named "fold0" and so on.
        resplit: do not keep the collections' own splits.

    Raises:
        LeakyManifest: a collection's own splits tear a group apart.
    """
    published = table.get("published", pd.Series(False, table.index))
    own = table.split if not resplit else pd.Series("", table.index)
    own = own.where(~table.held_out | published & (own != ""), UNSEEN)
    if not resplit:
        _refuse_torn(table.assign(split=own))
    said = own.where(own != UNSEEN, "")  # "" sorts first: whoever says something speaks for the group
    given, kept = (splits.groupby(table.group).transform("max") for splits in (said, said.where(published, "")))
    unseen = table.held_out.groupby(table.group).transform("any") & (kept == "")
    fixed = published.groupby(table.group).transform("any")
    free = table[((given == "") | fixed) & ~unseen]
    split = given.where(~unseen, UNSEEN)
    shares = {f"fold{number}": 1 / folds for number in range(folds)} if folds else SHARES
    for _, part in free.groupby(_strata(free), sort=True):
        split.loc[part.index] = _deal(part, shares, seed)
    return split.mask(fixed & (given != "") & ~unseen, given)


def lent_from_elsewhere(table: pd.DataFrame) -> pd.Series:
    """Return (N,) bool: which edits hold a part of a photo that is in another split.

    Args:
        table: of photos that are used, with the columns donor, see `Record`, pair, sha256 and split.
    """
    lenders = table[table.donor == ""]
    lent = table.donor.map(dict(zip(original_prefixes(lenders), lenders.split, strict=True)))
    return lent.notna() & (lent != table.split)


def _strata(table: pd.DataFrame) -> pd.Series:
    """Return each row's stratum: the commonest source and label of its group."""
    names = (table.source + "/" + table.label).rename("stratum")
    counts = names.groupby([table.group, names]).size().rename("photos").reset_index()
    commonest = counts.sort_values(["photos", "stratum"], ascending=[False, True]).drop_duplicates("group")
    return table.group.map(commonest.set_index("group").stratum)


def _deal(part: pd.DataFrame, shares: dict[str, float], seed: int) -> pd.Series:
    """Deal a stratum's groups to splits by the middle of their share of the photos."""
    sizes = part.groupby("group").size()
    order = sorted(sizes.index, key=lambda group: place_of(group, seed))
    middle = (sizes[order].cumsum() - sizes[order] / 2) / sizes.sum()
    ends = np.cumsum(list(shares.values()))
    number = np.minimum(np.searchsorted(ends, middle.to_numpy(), side="right"), len(shares) - 1)
    return part.group.map(dict(zip(order, np.array(list(shares))[number], strict=True)))


def _refuse_torn(table: pd.DataFrame) -> None:
    own = table[(table.split != "") & (table.split != UNSEEN)]
    kinds = own.groupby("group").split.nunique()
    if (torn := kinds[kinds > 1]).empty:
        return
    rows = own[own.group == torn.index[0]].drop_duplicates("split")
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
