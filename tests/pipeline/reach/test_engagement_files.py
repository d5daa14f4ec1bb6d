"""Files of figures as strangers send them: forms that are met are read, what cannot be read is said, nothing stops."""

import csv
import io
from datetime import datetime

import pytest

from pipeline.errors import BadEngagement
from pipeline.reach.columns import SYNONYMS
from pipeline.reach.engagement import MOST_BAD, read_engagement, read_header
from pipeline.reach.text import read_file
from pipeline.storage.foreign_tables import bare

NOW = datetime(2026, 6, 1)
SHA, MD5 = "ab" * 32, "cd" * 16


def read(text, mapping=None):
    return read_engagement(text if isinstance(text, bytes) else text.encode(), "figures.csv", mapping, NOW)


def counts(text, mapping=None):
    return [(row.photo, row.views, row.likes) for row in read(text, mapping).rows]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
@pytest.mark.parametrize("ending", ["\n", "\r\n"])
def test_separators_and_line_ends(separator, ending):
    lines = (("photo", "views", "likes"), ("a.jpg", "1", "2"), ("b.jpg", "3", ""))
    assert counts(ending.join(map(separator.join, lines))) == [("a.jpg", 1, 2), ("b.jpg", 3, None)]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(encoding):
    assert counts("photo,views,likes\nübermut – 1.jpg,12,3\n".encode(encoding)) == [("übermut – 1.jpg", 12, 3)]


def test_one_cell_in_another_encoding_leaves_the_others():
    data = "photo,views\nübermut.jpg,1\n".encode() + "ärger.jpg,2\n".encode("cp1252")
    assert [name for name, *_ in counts(data)] == ["übermut.jpg", "ärger.jpg"]


EXPORTS = {
    "CrowdTangle": (
        "Page Name,Followers at Posting,Post Created,Post Created Date,Type,Total Interactions,Likes,Comments,Shares,"
        "Love,Post Views,URL\n"
        'A page,1200,2026-03-01 12:00:00 EST,2026-03-01,Photo,"1,500",900,50,20,7,40000,https://e.org/p/a.jpg\n'
    ),
    "Meta Business Suite": (
        "Post ID,Account ID,Description,Duration (sec),Publish time,Permalink,Post type,Data comment,Date,Views,Reach,"
        "Likes,Shares,Follows,Comments,Saves\n"
        '17841,1,"two\nlines",0,03/01/2026 09:00,https://e.org/p/a.jpg,IG image,,Lifetime,40000,31000,900,20,1,50,3\n'
    ),
    "Meta Content Library": (
        "id,creation_time,statistics.views,statistics.like_count,statistics.comment_count,statistics.share_count\n"
        "a.jpg,2026-03-01T17:00:00+0000,40000,900,50,20\n"
    ),
    "X": (
        "Tweet id,Tweet permalink,Tweet text,time,impressions,engagements,retweets,replies,likes\n"
        "1,https://e.org/p/a.jpg,words,2026-03-01 17:00 +0000,40000.0,12.0,20.0,50.0,900.0\n"
    ),
    "YouTube": (
        "Content,Video title,Video publish time,Views,Watch time (hours),Subscribers,Impressions,Likes,Comments added,"
        'Shares\na.jpg,words,"Mar 1, 2026",40000,2.4,12,99999,900,50,20\n'
    ),
    "TikTok": (
        "Video title,Video link,Post time,Total likes,Total comments,Total shares,Total views\n"
        "words,https://e.org/p/a.jpg,2026-03-01,900,50,20,40000\n"
    ),
    "TikTok's API": (
        "id,create_time,view_count,like_count,comment_count,share_count\na.jpg,1772384400,40000,900,50,20\n"
    ),
}


@pytest.mark.parametrize("name", EXPORTS)
def test_exports_of_the_platforms(name):
    (row,) = read(EXPORTS[name]).rows
    assert (row.views, row.likes, row.comments, row.shares) == (40000, 900, 50, 20)
    assert row.posted and row.posted.date() == datetime(2026, 3, 1).date()
    assert "a.jpg" in (row.photo, row.url.rpartition("/")[2])


def test_every_synonym_names_one_field():
    words = [word for words in SYNONYMS.values() for word in set(map(bare, words))]
    assert len(words) == len(set(words))


def test_a_mapping_goes_before_the_headings():
    text = "photo,Abrufe,views,hearts\na.jpg,7,1,2\n"
    assert counts(text, {"views": "Abrufe"}) == [("a.jpg", 7, 2)]
    assert counts(text, {"views": "abrufe", "likes": ""}) == [("a.jpg", 7, None)]
    assert counts("Bild;Zahl\na.jpg;7\n", {"photo": "Bild", "views": "Zahl"}) == [("a.jpg", 7, None)]
    header = read(text, {"likes": "views"}).header
    assert (
        header.heading("likes") == "views" and header.heading("views") == "" and header.unused == ("Abrufe", "hearts")
    )


@pytest.mark.parametrize(
    ("mapping", "reason"),
    [
        ({"views": "none"}, "no column “none”"),
        ({"clicks": "views"}, "'clicks' is no figure"),
        ({"photo": ""}, "no column names a photo"),
        ({"views": ""}, "no column holds figures"),
    ],
)
def test_a_mapping_that_does_not_fit(mapping, reason):
    with pytest.raises(BadEngagement, match=reason):
        read("photo,views\na.jpg,7\n", mapping)


def test_titles_and_comments_before_the_columns_are_passed_over():
    text = "# export\nReport of March;;\n;;\nPhoto;Views;Likes\na.jpg;1;2\n"
    assert counts(text) == [("a.jpg", 1, 2)] and read(text).rows[0].line == 5
    rows = "".join(f"{n}.jpg;{n}\n" for n in range(60))
    assert len(counts(f"Report\nBild;Zahl\n{rows}", {"photo": "Bild", "views": "Zahl"})) == 60  # no row goes lost


def test_a_header_that_nobody_knows_is_still_told():
    assert read_header(b"Bild;Zahl;\na.jpg;7;\n", "f.csv").headings == ("Bild", "Zahl", "")


def test_bad_rows_are_kept_aside_with_line_and_reason_and_the_rest_is_read():
    found = read("photo,views,likes\na.jpg,1,1\nb.jpg,-5,\nc.jpg,x,\n,9,\nd.jpg,inf,\n\ne.jpg,2,\nf.jpg,1e12,\n")
    assert [row.photo for row in found.rows] == ["a.jpg", "e.jpg"]
    assert [(row.line, row.reason) for row in found.bad] == [
        (3, "views: “-5” is negative"),
        (4, "views: “x” is no number"),
        (5, "the row names no photo"),
        (6, "views: “inf” is not finite"),
        (9, "views: “1e12” is more than anything was ever seen"),
    ]
    assert found.bad_rows == 5


def test_what_is_odd_is_remarked_and_used():
    found = read("photo,views,likes,posted at\na.jpg,10,50,2099-01-01\nb.jpg,,,1970-01-02\nc.jpg,nan,4,\n")
    assert [(row.views, row.likes, row.posted) for row in found.rows] == [
        (10, 50, None),
        (None, None, None),
        (None, 4, None),
    ]
    reasons = [(row.line, row.reason) for row in found.odd]
    assert [line for line, _ in reasons] == [2, 2, 3, 3]
    for words, (_, reason) in zip(("future", "more likes", "before 1990", "no figures"), reasons, strict=True):
        assert words in reason


def test_a_hash_is_known_wherever_it_stands():
    rows = read(f"photo,hash,views\n,{SHA.upper()},1\n,{MD5},2\n{SHA},,3\n{MD5},,4\nn.jpg,xyz,5\no.jpg,n/a,6\n")
    assert [(row.sha256, row.md5, row.photo) for row in rows.rows] == [
        (SHA, "", ""),
        ("", MD5, ""),
        (SHA, "", ""),
        ("", MD5, ""),
        ("", "", "o.jpg"),
    ]
    assert "neither a SHA-256 nor an MD5" in rows.bad[0].reason


def test_only_so_many_bad_rows_are_kept_and_all_are_counted():
    found = read("photo,views\na.jpg,1\n" + "b.jpg,-1\n" * (MOST_BAD + 50))
    assert len(found.bad) == MOST_BAD and found.bad_rows == MOST_BAD + 50


# What is hostile, or no file of figures at all


@pytest.mark.parametrize(
    ("data", "reason"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n", "is empty"),
        (b"\x00" * 900, "is empty"),
        (b"PK\x03\x04abc", "zip archive or an Excel"),
        (b"\x1f\x8babc", "gzip"),
        (b"%PDF-1.7", "PDF"),
        (b'{"views": 1}', "JSON"),
        (b"<html><body>", "web page"),
        (b"\x00\x01a\x00\x00" * 90, "no text"),
        (b"#only\n#comments\n", "does not begin with a line"),
        (b"a.jpg,100,5\nb.jpg,90,4\n", "no column names a photo"),
        (b"photo,title\na.jpg,x\n", "no column holds figures"),
        (b"photo,views\n", "no row holds figures"),
        (b"photo,views\na.jpg,-1\n", "no row holds figures of a photo. Line 2"),
    ],
)
def test_what_is_no_file_of_figures(data, reason):
    with pytest.raises(BadEngagement, match=reason):
        read(data)


def test_hostile_cells_stay_text_and_harm_no_other_row():
    stream = io.StringIO()
    hostile = ['=cmd|"/c calc"!A1', "<script>alert(1)</script>", "\u202egpj.exe", "a\x00b.jpg", "x" * 10_000]
    csv.writer(stream).writerows([["photo", "views"], *([name, "1"] for name in hostile), ["good.jpg", "2"]])
    names = [row.photo for row in read(stream.getvalue()).rows]
    assert names[:3] == hostile[:3] and names[3] == "ab.jpg" and names[-1] == "good.jpg"
    assert max(map(len, names)) == 500


def test_a_cell_of_ten_megabytes_is_refused_and_the_rest_is_read():
    found = read(b"photo,views\na.jpg,1\n" + b"y" * 10_000_000 + b",2\nb.jpg,3\n")
    assert [row.photo for row in found.rows] == ["a.jpg", "b.jpg"]
    assert (found.bad[0].line, "too long" in found.bad[0].reason) == (3, True)
    deep = b'photo,views\n"' + b"long line\n" * 300 + b"a.jpg,1\n"  # a quote that is never closed
    assert [row.photo for row in read(deep).rows if row.counts] == ["a.jpg"]


def test_a_file_that_is_gone_or_cut_short_is_told(tmp_path):
    with pytest.raises(BadEngagement, match="cannot be read"):
        read_file(tmp_path / "gone.csv")
    found = read("photo,views,likes\na.jpg,1,2\nb.jp")
    assert [row.photo for row in found.rows] == ["a.jpg", "b.jp"] and "no figures" in found.odd[-1].reason
