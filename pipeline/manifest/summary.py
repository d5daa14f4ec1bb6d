"""A manifest in words and tables that a person can read."""

import numpy as np
import pandas as pd

MOST = 20
"""Quarantined files that are listed; all of them are in quarantine.csv."""


def summary(table: pd.DataFrame, pairs: np.ndarray, declared: pd.Series) -> str:
    """Return the summary as Markdown.

    Args:
        table: the manifest.
        pairs: (P, 2) row numbers of near duplicates.
        declared: each row's group as its collection gave it.
    """
    parts = [_counts(table), _duplicates(table, pairs, declared), _balance(table), _quarantine(table)]
    return "# Manifest\n\n" + "\n\n".join(parts) + "\n"


def _counts(table: pd.DataFrame) -> str:
    used = table[table.quarantine == ""]
    counts = used.groupby(["source", "label", "kind", "split"]).size().unstack(fill_value=0)
    groups = used.groupby("split").group.nunique().to_dict()
    words = ", ".join(f"{split}: {number:,}" for split, number in sorted(groups.items()))
    return f"{len(used):,} photos can be used of {len(table):,}.\n\n```\n{counts.to_string()}\n```\n\nGroups: {words}."


def _duplicates(table: pd.DataFrame, pairs: np.ndarray, declared: pd.Series) -> str:
    left, right = (table.iloc[pairs[:, side]] for side in (0, 1))
    same = left.sha256.to_numpy() == right.sha256.to_numpy()
    across = left.source.to_numpy() != right.source.to_numpy()
    joined = declared.to_numpy()[pairs[:, 0]] != declared.to_numpy()[pairs[:, 1]]
    return (
        "## Duplicates\n\n"
        f"{int(same.sum()):,} pairs of files with the same bytes, {int((~same).sum()):,} pairs of near duplicates; "
        f"{int(across.sum()):,} of these pairs lie in two sources. {int(joined.sum()):,} joined photos that their "
        f"collections had in different groups. {declared.nunique():,} groups became {table.group.nunique():,}. "
        "No group, no pair and no duplicate is in two splits."
    )


def _balance(table: pd.DataFrame) -> str:
    taken = table[table.balanced].groupby(["split", "label"]).size().unstack(fill_value=0)
    reasons = table[table.left_out != ""].left_out.str.replace(
        r"^the same bytes as .*", "the same bytes twice", regex=True
    )
    reasons_table = reasons.value_counts().rename_axis(None).to_string() if len(reasons) else "nothing"
    return f"## Balance\n\n```\n{taken.to_string()}\n```\n\nLeft out of the balanced set:\n\n```\n{reasons_table}\n```"


def _quarantine(table: pd.DataFrame) -> str:
    quarantined = table[table.quarantine != ""]
    if quarantined.empty:
        return "## Quarantine\n\nEvery file could be read."
    lines = [
        f"- {_plain(path)}: {_plain(reason)}"
        for path, reason in zip(quarantined.path, quarantined.quarantine, strict=True)
    ]
    more = f"\n- and {len(lines) - MOST:,} more, see quarantine.csv" if len(lines) > MOST else ""
    return f"## Quarantine\n\n{len(quarantined):,} files, never deleted:\n\n" + "\n".join(lines[:MOST]) + more


def _plain(text: str) -> str:
    return "".join(c if c.isprintable() else "�" for c in text)
