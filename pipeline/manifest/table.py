"""The manifest on disk: one row a photo, as parquet; written whole or not at all."""

from collections.abc import Iterable
from itertools import islice
from pathlib import Path
from typing import Any

import pandas as pd

from pipeline.errors import BadDataset
from pipeline.storage.whole import room, whole_file

NAME = "manifest.parquet"
ROWS_TOGETHER = 4096
COLUMNS = (
    "path", "sha256", "label", "kind", "source", "group", "split", "regions", "difficulty", "pair", "mask",
    "width", "height", "bytes", "format", "jpeg_quality", "jpeg_tables", "subsampling", "sharpness", "brightness",
    "phash", "original_jpeg_quality", "original_subsampling", "original_bytes", "quarantine", "balanced", "left_out",
    "dataset", "revision",
)  # fmt: skip


def gather_rows(rows: Iterable[dict[str, Any]]) -> pd.DataFrame:
    """Return rows as a table, a few thousand at a time: as columns they take a tenth of the room."""
    remaining, parts = iter(rows), []
    while batch := list(islice(remaining, ROWS_TOGETHER)):
        parts.append(pd.DataFrame(batch))
    return pd.concat(parts, ignore_index=True) if parts else pd.DataFrame()


def write_table(table: pd.DataFrame, path: Path) -> None:
    """Write a table as parquet; a kill or a full disk leaves the older one as it was.

    Raises:
        DiskFull: there is no room.
    """
    with room(path.parent), whole_file(path) as part:
        table.to_parquet(part, index=False)


def read_manifest(folder: Path) -> pd.DataFrame:
    """Read a prepared folder's manifest.

    Raises:
        BadDataset: there is none, or it is of another version.
    """
    path = folder / NAME
    if not path.is_file():
        raise BadDataset(f"There is no {NAME} in {folder}: make it with `python -m pipeline prepare`.")
    table = pd.read_parquet(path)
    if missing := [name for name in COLUMNS if name not in table]:
        raise BadDataset(f"{path} lacks {', '.join(missing)}: it is of another version; run `prepare` again.")
    return table
