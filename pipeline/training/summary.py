"""What a prepared store holds, in a few lines."""

import pandas as pd


def summary(table: pd.DataFrame) -> str:
    """Return counts by source, kind and split, and what was left out and why."""
    used = table[table.error == ""]
    counts = used.groupby(["source", "label", "kind", "split"]).size().unstack(fill_value=0)
    reasons = table[table.error != ""].groupby(["source", "kind", "error"]).size()
    left_out = "nothing" if reasons.empty else reasons.rename("photos").to_string()
    return f"{len(used)} photos used of {len(table)}\n\n{counts.to_string()}\n\nleft out:\n{left_out}"
