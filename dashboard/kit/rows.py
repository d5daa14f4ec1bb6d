"""A run's records as rows that can be sorted and filtered."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, field, replace
from typing import Any

from pipeline.casebook.stored import unpack_verdict
from pipeline.examination import faces_account
from pipeline.verdict import NO_FACE, Verdict


@dataclass(frozen=True)
class Row:
    """One photo of a run.

    Attributes:
        index: its place in what was handed over.
        name: as handed over, raw.
        verdict: the photo's, which is that of its most suspicious face; None where there is an error.
        faces: how many were examined.
        same_as: name of the first photo of the run with the very same bytes; "" where it is that one.
        record: everything that was kept.
    """

    index: int
    name: str
    verdict: Verdict | None
    faces: int
    same_as: str
    record: dict[str, Any] = field(repr=False)

    @property
    def error(self) -> dict[str, str] | None:
        """The code and the message of an error, or None."""
        return self.record.get("error")

    @property
    def faces_account(self) -> str:
        """How many faces there are and what became of each; "" where there is an error."""
        return "" if self.error else faces_account(self.record)

    @property
    def p_edited(self) -> float | None:
        """Calibrated probability of editing; None where no face was scored."""
        return self.verdict.edited.probability if self.verdict and self.verdict.edited else None


def rows_of(records: Iterable[dict[str, Any]]) -> list[Row]:
    """Return one row a record, in the order of handing over."""
    first: dict[str, str] = {}
    rows = []
    for record in sorted(records, key=lambda entry: entry["index"]):
        sha256 = record["sha256"]
        rows.append(_row(record, first.get(sha256, "")))
        if sha256:
            first.setdefault(sha256, record["name"])
    return rows


def _row(record: dict[str, Any], same_as: str) -> Row:
    faces = record.get("faces", [])
    return Row(record["index"], record["name"], _verdict(record), len(faces), same_as, record)


def _verdict(record: dict[str, Any]) -> Verdict | None:
    if "error" in record:
        return None
    faces = (unpack_verdict(face) for face in record["faces"])
    decisive = max(faces, key=lambda verdict: verdict.suspicion, default=NO_FACE)
    label = record["verdict"]
    if label == "real" and record.get("faces_left_out"):  # records of before say "real" of a photo half examined
        label = "inconclusive"
    return replace(decisive, label=label, reasons=tuple(record["reasons"]))


def _suspicion(row: Row) -> tuple[float, ...]:
    rank, probability = row.verdict.suspicion if row.verdict else (-1, -1.0)
    return -rank, -probability, row.index


def _probability(row: Row) -> tuple[float, int]:
    return (1.0 if row.p_edited is None else -row.p_edited), row.index


SORTS: dict[str, Callable[[Row], Any]] = {
    "Most suspicious first": _suspicion,
    "Probability of editing, highest first": _probability,
    "By name": lambda row: (row.name.casefold(), row.index),
    "In the order of upload": lambda row: row.index,
}


@dataclass(frozen=True)
class Filter:
    """Which rows are wanted; empty means all."""

    labels: Sequence[str] = ()
    least: float = 0.0
    text: str = ""

    def keeps(self, row: Row) -> bool:
        """Tell whether a row is wanted."""
        if row.verdict is None or (self.labels and row.verdict.label not in self.labels):
            return False
        return (self.least <= 0 or (row.p_edited or 0.0) >= self.least) and self.text.casefold() in row.name.casefold()


def filter_rows(rows: Iterable[Row], wanted: Filter, sort: str) -> list[Row]:
    """Return the examined rows that a filter keeps, sorted; errors are never among them."""
    return sorted((row for row in rows if wanted.keeps(row)), key=SORTS[sort])
