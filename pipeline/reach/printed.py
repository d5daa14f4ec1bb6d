"""A ranking as the command line gives it: a table on the screen, CSV or JSON in a file, the account beside it."""

import csv
import io
import json
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import TextIO

from pipeline.errors import Unwritable
from pipeline.reach.coverage import coverage
from pipeline.reach.forms import document, left_out, remarks, rows_of, sentence
from pipeline.reach.harm import PARTS, Weights
from pipeline.reach.ranking import Join, Ranked
from pipeline.reading.kinds import refuse_evidence
from pipeline.records import defuse
from pipeline.storage.whole import room, write_whole
from pipeline.words.figures import count, percent
from pipeline.words.numbers import two_digits
from pipeline.words.readable import plain
from pipeline.words.warnings import NAMES, NO_WARNING

MOST_TOLD = 20
"""Lines of what was left out, and of remarks, on the screen; a file has them all."""
BOM = b"\xef\xbb\xbf"


@dataclass(frozen=True)
class Printed:
    """What is printed: photos with figures, ranked by weights, warned of from a threshold on."""

    joined: Join
    ranked: Sequence[Ranked]
    weights: Weights
    threshold: float


def print_ranking(printed: Printed, out: Path | None, screen: TextIO, beside: TextIO) -> None:
    """Print a ranking, and beside it the account of everything.

    Args:
        printed: the ranking.
        out: a file for it, .csv or .json; None for the screen.
        screen: where the ranking goes without a file.
        beside: where the account goes.

    Raises:
        WouldOverwrite, Unwritable, DiskFull: the file cannot be written.
    """
    if out is None:
        _print_table(printed.ranked, screen)
    else:
        _write(out, json_of(printed) if out.suffix.lower() == ".json" else csv_of(printed.ranked))
    for line in _told(printed):
        print(line, file=beside)


def csv_of(ranked: Sequence[Ranked]) -> bytes:
    """Return a ranking as CSV, UTF-8 with its mark, in which no spreadsheet finds a formula."""
    rows, stream = rows_of(ranked), io.StringIO(newline="")
    writer = csv.DictWriter(stream, list(rows[0]) if rows else ["rank"])
    writer.writeheader()
    writer.writerows({name: defuse(value) for name, value in row.items()} for row in rows)
    return BOM + stream.getvalue().encode("utf-8", "replace")


def json_of(printed: Printed) -> bytes:
    """Return a ranking as JSON, with formula, account, and what was left out."""
    told = document(printed.joined, printed.ranked, printed.weights, printed.threshold)
    return (json.dumps(told, ensure_ascii=False, indent=1) + "\n").encode("utf-8", "replace")


def _write(out: Path, data: bytes) -> None:
    """Write a file, never over a photo or an archive."""
    try:
        refuse_evidence(out, "ranking")
        with room(out.parent):
            write_whole(out, data)
    except OSError as problem:
        raise Unwritable(f"{out} cannot be written: {problem.strerror or problem}.") from problem


def _print_table(ranked: Sequence[Ranked], screen: TextIO) -> None:
    heads = f"{'rank':>5} {'harm':>13} {'reach':>14} {'p_edited':>8} {'p_deepfake':>10}"
    print(f"{heads}  {'verdict':<13} {'warning':<20} name", file=screen)
    for place, one in enumerate(ranked, 1):
        reach = f"{'~' if one.engaged.estimated else ''}{one.reach:.0f}"
        scores = f"{two_digits(one.photo.p_edited):>8} {two_digits(one.photo.p_deepfake):>10}"
        said = f"{one.photo.label:<13} {NAMES[one.warning]:<20} {plain(one.photo.name)}"
        print(f"{place:>5} {one.harm.total:>13.0f} {reach:>14} {scores}  {said}", file=screen)


def _told(printed: Printed) -> list[str]:
    """Return the account: how the file was read, what the formula is, what was left out."""
    joined, covered = printed.joined, coverage(printed.joined)
    place, header = covered.at(printed.threshold), joined.engagement.header
    columns = ", ".join(f"{field} from “{plain(header.headings[at])}”" for field, at in header.columns.items())
    lines = [f"columns: {columns}"]
    lines += [f"not used: {', '.join(map(plain, header.unused))}"] if header.unused else []
    lines += [f"formula: {printed.weights.formula}; {PARTS}"]
    if any(one.harm.split for one in printed.ranked):
        lines.append(f"where stage 2 did not run, p(deepfake | edited) is taken as {printed.weights.split:g}")
    if joined.estimated:
        lines.append(f"reach marked ~ is estimated from likes, comments, shares or followers: {joined.estimated:.0f}")
    for title, rows in (("left out", left_out(joined)), ("remark", remarks(joined))):
        for row in rows[:MOST_TOLD]:
            where = f"line {row['line']}" if row["line"] else plain(row["name"])
            lines.append(f"{title}: {where}: {plain(row['why'])}")
        lines += [f"{title}: … and {count(len(rows) - MOST_TOLD)} more"] if len(rows) > MOST_TOLD else []
    share = percent(float(covered.warned[place])) if covered.all_reach else "–"
    lines.append(
        f"warnings from {printed.threshold:g} on: {count(int(covered.photos[place]))} photos with {share} of "
        f"{count(round(covered.all_reach))} views. {NO_WARNING}"
    )
    return [*lines, sentence(joined)]
