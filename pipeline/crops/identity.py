"""What a stored photo and a whole store are called: stable ids and revisions."""

import hashlib

import pandas as pd


def revision(table: pd.DataFrame) -> str:
    """Return ten hex digits that change when a photo, a label, a forged edit or a split of a store's table changes."""
    lines = (table.sha256 + table.label + table.recipe + table.split).sort_values()
    return hashlib.sha256("\n".join(lines).encode()).hexdigest()[:10]


def id_of(sha256: str, recipe: str) -> str:
    """Return a photo's stable id: the first digits of its file's hash, and of its recipe's where it was forged."""
    return sha256[:16] + (f"-{hashlib.sha256(recipe.encode()).hexdigest()[:8]}" if recipe else "")
