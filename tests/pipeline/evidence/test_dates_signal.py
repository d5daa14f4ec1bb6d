"""Dates: which fields are read, which disagreements are told, and which time zones explain."""

import struct
from datetime import timedelta

import pytest
from made_up_metadata import (
    JPEG,
    PNG,
    chunk,
    exif_block,
    exif_segment,
    fractions,
    iptc_segment,
    text,
    with_chunks,
    with_segments,
    xmp,
    xmp_segment,
)

from pipeline.evidence.file_parts.moments import DAY, MINUTE, SECOND, moment, say_span
from pipeline.evidence.finding import Evidence
from pipeline.evidence.signals import dates
from pipeline.photo import Photo

NOON = "2024:01:31 12:00:00"


def look(*segments):
    finding = dates.look(Evidence(Photo.read(with_segments(JPEG, *segments))))
    return finding, [fact.value for fact in finding.facts if fact.name in ("Do not agree", "Saved again", "Time zones")]


def exif(taken=NOON, digitised=NOON, changed=NOON, offsets=("", "", ""), gps=None):
    shot = {0x9003: text(taken), 0x9004: text(digitised)}
    shot |= {0x9010 + place: text(offset) for place, offset in enumerate(offsets) if offset}
    return exif_segment(exif_block({0x0132: text(changed)}, shot, gps))


def test_dates_as_a_camera_writes_them_agree():
    finding, remarks = look(exif())
    assert finding.weight == "ordinary" and remarks == [] and finding.shows == "The 3 dates in the file agree."
    assert [fact.value for fact in finding.facts] == [NOON] * 3


def test_without_dates_there_is_nothing_to_see():
    finding, _ = look()
    assert finding.weight == "nothing" and finding.shows == "The file gives no date."


def test_a_file_that_was_written_again_is_told_by_how_much():
    finding, remarks = look(exif(changed="2024:02:03 14:30:00"))
    assert finding.weight == "look"
    assert remarks == ["EXIF DateTime is 3 days 2 hours later than EXIF DateTimeOriginal."]
    assert finding.shows.startswith("The file was written again after the photo was taken: EXIF DateTime is 3 days")


def test_a_few_seconds_of_work_in_the_camera_are_no_change():
    assert look(exif(changed="2024:01:31 12:00:40"))[0].weight == "ordinary"


def test_changed_before_taken():
    finding, remarks = look(exif(changed="2023:12:31 23:00:00"))
    assert finding.weight == "look"
    assert remarks == ["EXIF DateTime lies 30 days 13 hours before EXIF DateTimeOriginal: changed before it was taken."]


def test_taken_and_digitised_differ_as_in_a_scan():
    finding, remarks = look(exif(taken="1994:01:31 12:00:00"))
    assert finding.weight == "look" and "EXIF DateTimeDigitized is 10,957 days later" in remarks[0]


def test_xmp_that_was_left_behind():
    packet = xmp({"xmp:CreateDate": "2020-05-01T10:00:00", "xmp:ModifyDate": "2024-01-31T12:00:00"})
    finding, remarks = look(exif(), xmp_segment(packet))
    assert finding.weight == "look"
    assert remarks[0] == "XMP xmp:CreateDate is 1,370 days 2 hours earlier than EXIF DateTimeOriginal."


def test_the_same_moment_in_all_forms_agrees():
    created = {"photoshop:DateCreated": "2024-01-31", "xmp:CreateDate": "2024-01-31T12:00"}
    packet = xmp(created | {"xmp:ModifyDate": "2024-01-31T12:00:00.25+01:00"})
    finding, remarks = look(
        exif(offsets=("+01:00", "+01:00", "+01:00")),
        xmp_segment(packet),
        iptc_segment((55, "20240131"), (60, "120000+0100")),
    )
    assert finding.weight == "ordinary" and remarks == [] and len(finding.facts) == 7


def test_offsets_are_reckoned_with():
    fine = look(
        exif(taken="2024:01:31 12:00:00", changed="2024:01:31 06:00:00", offsets=("-05:00", "+01:00", "+01:00"))
    )
    assert fine[0].weight == "ordinary" and fine[1] == []
    off = look(exif(taken="2024:01:31 12:00:00", changed="2024:01:31 12:00:00", offsets=("-05:00", "+01:00", "+01:00")))
    assert off[0].weight == "look" and "6 hours later" in off[1][0]


def test_whole_hours_without_an_offset_may_be_zones():
    finding, remarks = look(exif(), xmp_segment(xmp({"xmp:CreateDate": "2024-01-31T11:00:00Z"})))
    assert finding.weight == "ordinary"
    assert remarks == ["XMP xmp:CreateDate and EXIF DateTimeOriginal are 1 hour apart, which time zones may explain."]


def test_satellites_count_in_utc_and_may_be_a_day_old():
    gps = {7: fractions((22, 1), (59, 1), (3, 1)), 0x001D: text("2024:01:30")}
    finding, remarks = look(exif(gps=gps))
    assert finding.weight == "ordinary" and remarks == []
    assert any(fact.name == "GPS date, UTC" and fact.value == "2024:01:30 22:59:03 Z" for fact in finding.facts)
    assert look(exif(gps=gps | {0x001D: text("2021:01:30")}))[0].weight == "look"


def test_a_clock_that_was_never_set_and_what_is_no_date():
    finding, _ = look(exif(*["0000:00:00 00:00:00"] * 2, changed="<b>yesterday</b>"))
    assert finding.weight == "ordinary" and finding.shows == "The fields for dates hold none that can be read."
    assert finding.facts[0].value == "0000:00:00 00:00:00 (no date)"


def test_the_time_of_a_png():
    data = with_chunks(PNG, chunk(b"tIME", struct.pack(">H5B", 2024, 1, 31, 12, 0, 0)), chunk(b"eXIf", exif()[10:]))
    finding = dates.look(Evidence(Photo.read(data)))
    assert ("PNG time, UTC", "2024:01:31 12:00:00 Z") in [(fact.name, fact.value) for fact in finding.facts]
    assert finding.weight == "ordinary"


@pytest.mark.parametrize(
    ("written", "exact", "offset"),
    [
        ("2024:01:31 12:00:00", SECOND, None),
        ("2024-01-31T12:00:00.123Z", SECOND, timedelta(0)),
        ("2024-01-31T12:00-0330", MINUTE, -timedelta(hours=3, minutes=30)),
        ("20240131 120000+0100", SECOND, timedelta(hours=1)),
        ("2024-01-31", DAY, None),
        ("2024:01:31 12:00:00 +99:00", SECOND, None),
    ],
)
def test_forms_in_which_dates_are_written(written, exact, offset):
    one = moment("a", written)
    assert one.at is not None and one.at.date().isoformat() == "2024-01-31"
    assert (one.exact, one.offset) == (exact, offset)


@pytest.mark.parametrize(
    "written", ["", "no date", "2024:13:01 00:00:00", "2024:02:30", "٢٠٢٤", "0000:00:00", "9" * 60]
)
def test_what_is_no_date(written):
    assert moment("a", written).at is None


def test_spans_in_words():
    assert say_span(timedelta(seconds=61)) == "1 minute 1 second" and say_span(timedelta(0)) == "no time"
    assert say_span(-timedelta(days=400)) == "400 days"
