"""`python -m pipeline prepare`: labelled collections to one manifest that is read fully, grouped, split and balanced.

What goes wrong with a file is written beside it as its quarantine; what goes wrong with a collection ends the call, and
an older manifest stays as it was. A killed call goes on where it was.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
from PIL import Image

from pipeline.datasets import FACTS, Record, dataset, datasets, recognise
from pipeline.errors import BadDataset
from pipeline.manifest.balance import draw_balance
from pipeline.manifest.duplicates import join_groups, near_pairs
from pipeline.manifest.scan import Scan
from pipeline.manifest.seen import TORN, VALIDATED, torn_photos, with_seen
from pipeline.manifest.splits import DONOR_ELSEWHERE, lent_from_elsewhere, refuse_leaks, with_splits
from pipeline.manifest.summary import summary
from pipeline.manifest.table import COLUMNS, NAME, gather_rows, write_table
from pipeline.storage.names import as_text
from pipeline.storage.whole import room, whole_file, write_whole

OTHER_BYTES = "other_bytes: it is not the file that its collection tells of; of edits made here, run forge again"


@dataclass(frozen=True)
class Prepared:
    """A manifest and what was found on the way.

    Attributes:
        table: the manifest, with the columns `table.COLUMNS`.
        pairs: (P, 2) row numbers of near duplicates, exact ones among them.
        declared: each row's group as its collection gave it, before duplicates joined groups.
    """

    table: pd.DataFrame
    pairs: np.ndarray
    declared: pd.Series


def sources_of(texts: Sequence[str]) -> list[tuple[str, Path]]:
    """Read what the command line names: NAME=FOLDER, or a folder whose layout is known.

    Raises:
        UnknownName: no such data set.
        BadDataset: the folder is not there, or its layout is not known.
    """
    sources = []
    for text in texts:
        name, equals, place = text.partition("=")
        folder = Path(place if equals else text)
        if not folder.exists():
            raise BadDataset(f"There is nothing at {folder}: write NAME=FOLDER with an existing folder.")
        known = name if equals else recognise(folder)
        if not known:
            raise BadDataset(f"{folder} has no known layout: write NAME=FOLDER; names: {', '.join(datasets())}.")
        sources.append((dataset(known).name, folder))
    return sources


def prepare(
    sources: Sequence[tuple[str, Path]],
    out: Path,
    seed: int = 1,
    folds: int = 0,
    resplit: bool = False,
    workers: int = 0,
) -> Prepared:
    """Write `manifest.parquet`, `summary.md` and `quarantine.csv`; return what was found.

    Args:
        sources: pairs of a dataset's name and where it lies.
        out: folder to write to.
        seed: of splits and balance.
        folds: make this many folds instead of train, val and test.
        resplit: do not keep the collections' own splits.
        workers: processes; 0 for one a core.

    Raises:
        BadDataset: a collection is empty, half there, or does not fit its labels.
        LeakyManifest: a collection's own splits share people or photos.
        DiskFull: there is no room.
    """
    with room(out):
        out.mkdir(parents=True, exist_ok=True)
        rows = pd.concat([_rows(name, folder) for name, folder in sources], ignore_index=True)
        scan = Scan(out / "scan.sqlite")
        scan.read((Path(path) for path in rows.path), len(rows), workers)
        facts = scan.facts(rows.path)
    prepared = _decide(_quarantine_misfits(_join_facts(rows, facts)), seed, folds, resplit)
    _write(prepared, out)
    return prepared


def _rows(name: str, folder: Path) -> pd.DataFrame:
    """List a collection's photos."""
    chosen = dataset(name)
    table = gather_rows(_each(chosen.records(folder)))
    if table.empty:
        raise BadDataset(f"{name}: there are no photos in {folder}.")
    return table.assign(dataset=name, revision=chosen.revision, published=chosen.published)


def _each(records: Iterator[Record]) -> Iterator[dict[str, Any]]:
    for record in records:
        facts = {name: record.facts.get(name, -1) for name in FACTS}
        known = {name: getattr(record, name) for name in record.__dataclass_fields__ if name not in ("path", "facts")}
        mask = record.mask if record.mask in ("", "pair") else str(Path(record.mask).absolute())
        yield known | {"path": str(record.path.absolute()), "mask": mask} | facts


def _join_facts(rows: pd.DataFrame, facts: pd.DataFrame) -> pd.DataFrame:
    """Put the facts beside the rows; a name that is no text cannot be written, and is told so."""
    table = pd.concat([rows, facts], axis=1)
    written = table.path.map(as_text)
    odd = (written != table.path) & (table.quarantine == "")
    table.loc[odd, "quarantine"] = "bad_name: the file's name holds bytes that are no text; rename it"
    return table.assign(path=written)


def _quarantine_misfits(table: pd.DataFrame) -> pd.DataFrame:
    """Quarantine rows whose bytes or mask are not what is told, and bytes that are labelled in two ways."""
    other = (table.told_sha256 != "") & (table.told_sha256 != table.sha256) & (table.quarantine == "")
    table.loc[other, "quarantine"] = OTHER_BYTES
    for index, row in table[(table["mask"] != "") & (table.quarantine == "")].iterrows():
        if reason := _bad_mask(row, table):
            table.loc[index, "quarantine"] = reason
    usable = table[table.quarantine == ""]
    labels = usable.groupby("sha256").label.nunique()
    for sha256 in labels[labels > 1].index:
        rows = usable[usable.sha256 == sha256]
        conflict = ", ".join(f"{source}: {label}" for source, label in zip(rows.source, rows.label, strict=True))
        table.loc[rows.index, "quarantine"] = f"two_labels: the same bytes are labelled in two ways ({conflict})"
    return table


def _bad_mask(row: pd.Series, table: pd.DataFrame) -> str:
    """Return why a row's mask cannot be used, or ""."""
    size = (row.width, row.height)
    if row["mask"] == "pair":
        real = table[(table.pair == row.pair) & (table.label == "real")]
        sizes = set(zip(real.width, real.height, strict=True))
        return "" if size in sizes else "bad_mask: the original of its pair is not there or of another size"
    try:
        with Image.open(row["mask"]) as mask:
            return "" if mask.size == size else f"bad_mask: the mask is {mask.size}, the photo {size} pixels"
    except (OSError, ValueError) as problem:
        return f"bad_mask: {problem}"


def _decide(table: pd.DataFrame, seed: int, folds: int, resplit: bool) -> Prepared:
    """Join duplicates, split, prove that nothing leaks, balance."""
    usable = table.index[table.quarantine == ""].to_numpy()
    if not len(usable):
        raise BadDataset("None of the files can be used; the first says: " + table.quarantine.iloc[0])
    hashes = np.array([int(text, 16) for text in table.phash[usable]], np.uint64)
    thumbs = np.frombuffer(b"".join(table.thumb[usable]), np.uint8).reshape(len(usable), -1)
    pairs = usable[near_pairs(hashes, thumbs)]
    declared = table.group
    table = table.assign(group=join_groups(table, pairs))
    if not (folds or resplit):
        table, pairs = _with_seen(table, pairs)
    table = table.assign(split=with_splits(table, seed, folds, resplit))
    used = table[table.quarantine == ""]
    table.loc[used.index[lent_from_elsewhere(used)], "quarantine"] = DONOR_ELSEWHERE
    aside = table.quarantine.isin([TORN, VALIDATED])  # the same bytes may stand elsewhere, where they are used
    refuse_leaks(table.assign(sha256=table.sha256.mask(aside, "")), pairs)
    return Prepared(_with_balance(table, seed)[list(COLUMNS)], pairs, declared)


def _with_seen(table: pd.DataFrame, pairs: np.ndarray) -> tuple[pd.DataFrame, np.ndarray]:
    """Keep the splits of what published weights have seen; set near duplicates aside that would lie on both sides."""
    table = with_seen(table)
    why = torn_photos(table)
    aside = why != ""
    table["quarantine"] = table.quarantine.mask(aside & (table.quarantine == ""), why)
    table.loc[aside, "group"] = "aside-" + table.sha256[aside] + "-" + table.index[aside].astype(str)
    table.loc[aside, ["split", "pair"]] = ""
    return table.assign(held_out=table.held_out & ~aside), pairs[~aside.to_numpy()[pairs].any(axis=1)]


def _with_balance(table: pd.DataFrame, seed: int) -> pd.DataFrame:
    usable = table[table.quarantine == ""]
    first = usable.drop_duplicates("sha256")
    twice = usable.index.difference(first.index)
    taken, reason = draw_balance(first, seed)
    left_out = reason.reindex(table.index, fill_value="")
    left_out[twice] = "the same bytes as " + table.sha256[twice].map(first.set_index("sha256").path)
    left_out[table.quarantine != ""] = "quarantined"
    return table.assign(balanced=taken.reindex(table.index, fill_value=False), left_out=left_out)


def _write(prepared: Prepared, out: Path) -> None:
    table = prepared.table
    with room(out):
        write_whole(out / "summary.md", summary(table, prepared.pairs, prepared.declared).encode())
        quarantined = table[table.quarantine != ""]
        with whole_file(out / "quarantine.csv") as part:
            quarantined[["path", "source", "label", "quarantine"]].to_csv(part, index=False)
    write_table(table, out / NAME)
