"""Counts and dates however people write them; what cannot be is refused with the reason."""

from datetime import datetime

import pytest

from pipeline.reach.cells import MOST, BadCell, read_count, read_time

NOW = datetime(2026, 6, 1)


@pytest.mark.parametrize(
    ("cell", "count"),
    [
        ("0", 0),
        ("7", 7),
        (" 1234 ", 1234),
        ("1,234", 1234),
        ("1.234", 1234),
        ("1 234", 1234),
        ("1\u202f234", 1234),
        ("1\xa0234\xa0567", 1234567),
        ("1'234'567", 1234567),
        ("1’234", 1234),
        ("1,234,567", 1234567),
        ("12,34,567", 1234567),
        ("1,234.0", 1234),
        ("1.234,00", 1234),
        ("12.0", 12),
        ("12,0", 12),
        ("+5", 5),
        ("1.2K", 1200),
        ("1,2k", 1200),
        ("1.234K", 1234),
        ("3,4 Mio", 3_400_000),
        ("3.4M", 3_400_000),
        ("2 Mrd.", 2 * 10**9),
        ("1.1B", 1_100_000_000),
        ("5 Tsd.", 5000),
        ("1.2万", 12000),
        ("3 億", 3 * 10**8),
        ("2 lakh", 200_000),
        ("1,234 тыс.", 1234),
        ("1.5E+05", 150_000),
        ("1e3", 1000),
        ('"12"', 12),
        ("100000000000", MOST),
    ],
)
def test_counts(cell, count):
    assert read_count(cell) == count


@pytest.mark.parametrize("cell", ["", "  ", "-", "–", "—", "n/a", "N/A", "NaN", "null", "None", "<NA>", "\udc96"])
def test_cells_without_a_count(cell):
    """The last one is a dash of Windows-1252."""
    assert read_count(cell) is None


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("-5", "negative"),
        ("−5", "negative"),
        ("-1.2K", "negative"),
        ("inf", "not finite"),
        ("-Infinity", "not finite"),
        ("100000000001", "more than"),
        ("1e300", "more than"),
        ("9" * 60, "more than"),
        ("1.5", "not whole"),
        ("0,5", "not whole"),
        ("abc", "no number"),
        ("12 views", "no number"),
        ("1,2,3", "no number"),
        ("12%", "no number"),
        ("1.2.3", "no number"),
        ("0x10", "no number"),
        ("=1+1", "no number"),
        ("1.2KK", "no number"),
    ],
)
def test_counts_that_cannot_be(cell, reason):
    with pytest.raises(BadCell, match=reason):
        read_count(cell)


@pytest.mark.parametrize(
    ("cell", "at"),
    [
        ("2026-03-01", (2026, 3, 1)),
        ("2026-03-01T12:30:00Z", (2026, 3, 1, 12, 30)),
        ("2026-03-01T12:30:00+02:00", (2026, 3, 1, 10, 30)),
        ("2026-03-01 12:30:00", (2026, 3, 1, 12, 30)),
        ("2026-03-01 12:30:00 EST", (2026, 3, 1, 17, 30)),
        ("01.03.2026", (2026, 3, 1)),
        ("01.03.2026 14:05", (2026, 3, 1, 14, 5)),
        ("3/1/2026", (2026, 3, 1)),
        ("13/2/2026", (2026, 2, 13)),
        ("03/01/2026 02:05 PM", (2026, 3, 1, 14, 5)),
        ("Mar 1, 2026", (2026, 3, 1)),
        ("1 March 2026", (2026, 3, 1)),
        ("Sun Mar 01 12:30:00 +0000 2026", (2026, 3, 1, 12, 30)),
        ("1772368200", (2026, 3, 1, 12, 30)),
        ("1772368200000", (2026, 3, 1, 12, 30)),
        ("20260301", (2026, 3, 1)),
    ],
)
def test_times(cell, at):
    assert read_time(cell, NOW) == datetime(*at)


@pytest.mark.parametrize(
    ("cell", "reason"),
    [
        ("1989-12-31", "before 1990"),
        ("2026-06-03", "future"),
        ("soon", "no date"),
        ("31/31/2026", "no date"),
        ("2026-02-30", "no date"),
        ("Lifetime", "no date"),
        ("0001-01-01T00:00:00+14:00", "no date"),
    ],
)
def test_times_that_cannot_be(cell, reason):
    with pytest.raises(BadCell, match=reason):
        read_time(cell, NOW)


def test_no_time():
    assert read_time("–", NOW) is None and read_time("", NOW) is None
