"""Lists of known hashes as they come: every form that is met is read, what cannot be read is said, nothing is lost."""

import hashlib
import io
import tracemalloc

import numpy as np
import pytest

from pipeline.casebook.known import known_matches, put_list
from pipeline.casebook.known_hashes import (
    KNOWN_BITS,
    MOST_BAD,
    MOST_NOTE,
    KnownHash,
    PhotoHashes,
    near_known,
    read_known_hashes,
)
from pipeline.errors import BadHashList

MD5, SHA1, SHA256 = (hashlib.new(kind, b"photo").hexdigest() for kind in ("md5", "sha1", "sha256"))
OTHER = hashlib.md5(b"another").hexdigest()
PHASH = "c3a5695a96a53c5a"


def read(text: str | bytes, name: str = "list.csv"):
    data = text.encode() if isinstance(text, str) else text
    rows = read_known_hashes(io.BytesIO(data), name)
    return list(rows), rows


def values(text: str | bytes) -> list[tuple[str, str]]:
    return [(one.kind, one.value) for one in read(text)[0]]


def test_columns_by_name_in_any_order():
    found, rows = read(f"Description,SHA256,list,phash\nbeach,{SHA256},Operation A,{PHASH}\n")
    assert found == [
        KnownHash("sha256", SHA256, "beach", "Operation A"),
        KnownHash("phash", PHASH, "beach", "Operation A"),
    ]
    assert rows.rows == 1 and rows.bad == []


@pytest.mark.parametrize(
    "heading", ["SHA-256", "sha256", " Sha_256 ", '"SHA 256"', "hash", "HASH VALUE", "checksum", "sha256sum"]
)
def test_synonyms_of_a_column(heading):
    assert values(f"id,{heading},note\n1,{SHA256},x\n") == [("sha256", SHA256)]


@pytest.mark.parametrize("separator", [",", ";", "\t", "|"])
def test_separators(separator):
    assert read(separator.join(("note", "md5")) + "\r\n" + separator.join(("a b", MD5)) + "\r\n")[0] == [
        KnownHash("md5", MD5, "a b")
    ]


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "utf-32", "cp1252"])
def test_encodings(encoding):
    assert read(f"md5;note\n{MD5};Müller – x\n".encode(encoding))[0] == [KnownHash("md5", MD5, "Müller – x")]


@pytest.mark.parametrize("ending", ["\n", "\r\n", "\r"])
def test_line_endings_and_a_last_line_without_one(ending):
    assert values(ending.join(("md5", MD5, "", OTHER))) == [("md5", MD5), ("md5", OTHER)]


@pytest.mark.parametrize(
    "cell",
    [
        MD5.upper(),
        f"  {MD5} ",
        " ".join(MD5[at : at + 8] for at in range(0, 32, 8)),
        f"md5:{MD5}",
        f"MD5: {MD5.upper()}",
        f"md5={MD5}",
        f"'{MD5}'",
        f"0x{MD5}",
    ],
)
def test_hashes_as_they_are_written(cell):
    assert values(f"md5,note\n{cell},x\n") == [("md5", MD5)]
    assert values(f"hash,note\n{cell},x\n") == [("md5", MD5)]


def test_a_bare_column_is_told_by_its_lengths():
    assert values("\n".join((SHA256, SHA1.upper(), MD5, PHASH))) == [
        ("sha256", SHA256), ("sha1", SHA1), ("md5", MD5), ("phash", PHASH),
    ]  # fmt: skip


def test_what_md5sum_prints():
    found, _ = read(f"# made by md5sum\n{MD5}  my, photo; one.jpg\n{OTHER} *b.jpg\n")
    assert found == [KnownHash("md5", MD5, "my, photo; one.jpg"), KnownHash("md5", OTHER, "b.jpg")]


def test_an_nsrl_file():
    head = '"SHA-1","MD5","CRC32","FileName","FileSize","ProductCode","OpSystemCode","SpecialCode"\r\n'
    found, _ = read(f'{head}"{SHA1.upper()}","{MD5.upper()}","FFFFFFFF","_sfx_0024._p",4109,21000,"358",""\r\n')
    assert found == [
        KnownHash("sha1", SHA1, "FileName: _sfx_0024._p"),
        KnownHash("md5", MD5, "FileName: _sfx_0024._p"),
    ]


def test_a_vics_export_as_csv():
    text = f"MediaID,Category,MD5,SHA1,PhotoDNA,Series,Comments\n1,2,{MD5},{SHA1},kjh23==,Blue,seen twice\n"
    found, rows = read(text)
    assert {one.kind for one in found} == {"md5", "sha1"} and rows.bad == []
    assert found[0].note == "seen twice; Category: 2" and found[0].name == "Blue"


def test_titles_before_the_columns_are_passed_over_and_said():
    found, rows = read(f"Exported on 2026-01-02\n\nMD5;Note\n{MD5};x\n")
    assert len(found) == 1 and [row.line for row in rows.bad] == [1]


def test_excels_first_line_names_the_separator():
    assert values(f"sep=;\nmd5;note\n{MD5};a,b\n") == [("md5", MD5)]


def test_bad_rows_are_told_with_line_and_reason_and_the_rest_is_read():
    found, rows = read(
        f"sha256,md5,note\n{SHA256},,good\n{MD5},,short\n,zz,no hex\n,,nothing\n\n,{MD5},good\nsha1:{SHA1},,x"
    )
    assert [one.note for one in found] == ["good", "good"] and rows.bad_rows == 4
    assert [row.line for row in rows.bad] == [3, 4, 5, 8]
    reasons = [row.reason for row in rows.bad]
    assert "is no sha256: it has 32 digits where 64 are needed" in reasons[0] and "“zz” is no hash" in reasons[1]
    assert reasons[2] == "the row holds no hash" and "stands in a column of sha256" in reasons[3]


def test_one_bad_hash_of_a_row_does_not_cost_the_others():
    found, rows = read(f"md5,sha1\n{MD5},nonsense\n")
    assert [one.kind for one in found] == ["md5"] and len(rows.bad) == 1


def test_notes_with_quotes_separators_and_line_breaks():
    found, _ = read(f'md5,note\n{MD5},"a, ""b""\nand c"\n{OTHER},last\n')
    assert [one.note for one in found] == ['a, "b" and c', "last"]


@pytest.mark.parametrize("at", [0, 40, 79])
def test_a_quote_that_is_never_closed_hides_no_row(at):
    hashes = [hashlib.md5(bytes([number])).hexdigest() for number in range(80)]
    lines = [f"{value},{'“' if number != at else chr(34)}note {number}" for number, value in enumerate(hashes)]
    assert values("md5,note\n" + "\n".join(lines)) == [("md5", value) for value in hashes]


def test_an_unclosed_quote_at_the_start_of_a_long_list_hides_no_row():
    hashes = [hashlib.md5(str(number).encode()).hexdigest() for number in range(9000)]
    text = f'md5,note\n{hashes[0]},"open\n' + "".join(f"{value},x\n" for value in hashes[1:])
    assert values(text) == [("md5", value) for value in hashes]


def test_text_from_outside_stays_plain_and_is_bounded():
    hostile = "=cmd|' /C calc'!A0 <script>\u202eevil " + "x" * 9000
    (one,), _ = read(f'md5,note,list\n{MD5},"{hostile}",{"n" * 999}\n')
    assert one.note.startswith("=cmd|' /C calc'!A0 <script>\u202eevil") and len(one.note) == MOST_NOTE
    assert len(one.name) == 100 and "\n" not in one.note
    found, _ = read(b"md5,note\n" + MD5.encode() + b",a\x00b\xff\n")
    assert found[0].note == "abÿ" and found[0].note.encode("utf-8"), "no zeros and no surrogates: it can be stored"


def test_a_line_of_megabytes_is_passed_over_and_said():
    found, rows = read(f"md5,note\n{OTHER},{'x' * 10_000_000}\n{MD5},good\n")
    assert [one.value for one in found] == [MD5]
    assert [(row.line, row.reason) for row in rows.bad] == [(2, "the line is too long to be a hash's")]


@pytest.mark.parametrize("phash", ["0" * 16, "f" * 16, "8000000000000000"])
def test_the_perceptual_hash_of_a_blank_picture_is_refused(phash):
    found, rows = read(f"phash\n{PHASH}\n{phash}\n")
    assert len(found) == 1 and "blank picture" in rows.bad[0].reason


@pytest.mark.parametrize(
    ("data", "words"),
    [
        (b"", "is empty"),
        (b"\xef\xbb\xbf\r\n \n", "is empty"),
        (b"PK\x03\x04....", "save the sheet as CSV"),
        (b"SQLite format 3\x00abc", "NSRL's RDS 3"),
        (b"\x1f\x8b\x08\x00", "packed by gzip"),
        (b'  {"value": []}', "JSON, XML"),
        (b"\x00\x01\x02\x03\x00\x00\x00", "no text"),
        (b"name,size\nIMG_1.jpg,3\n", "has no column with hashes. It begins: “name,size”"),
        (b"md5,note\nnone,x\n", "no row holds a hash. Line 2"),
        (b"md5,note\n", "no row holds a hash"),
    ],
)
def test_what_is_no_list_is_refused_by_name(data, words):
    with pytest.raises(BadHashList, match=r"list\.csv") as problem:
        read(data)
    assert words in str(problem.value)


def test_a_file_that_is_not_there_or_is_a_folder(tmp_path):
    for path in (tmp_path / "none.csv", tmp_path):
        with pytest.raises(BadHashList, match=f"{path.name} cannot be read"):
            list(read_known_hashes(path))


def test_a_file_is_named_and_read_again_from_its_beginning(tmp_path):
    path = tmp_path / "known.csv"
    path.write_text(f"md5\n{MD5}\nbad\n", encoding="utf-8")
    rows = read_known_hashes(path)
    assert rows.name == "known.csv" and list(rows) == list(rows) and (rows.rows, rows.bad_rows) == (1, 1)


def test_bytes_that_were_handed_over_stay_open():
    file = io.BytesIO(f"md5\n{MD5}\n".encode())
    list(read_known_hashes(file))
    assert not file.closed


def test_a_long_list_is_read_in_flat_memory(tmp_path):
    path = tmp_path / "long.csv"
    with path.open("w", encoding="utf-8") as file:
        file.write("md5;note\n")
        file.writelines(f"{number:032x};note {number}\n" for number in range(60_000))
        file.writelines(f"bad {number};x\n" for number in range(5000))
    rows = read_known_hashes(path)
    tracemalloc.start()
    count = sum(1 for _ in rows)
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert count == rows.rows == 60_000 and (rows.bad_rows, len(rows.bad)) == (5000, MOST_BAD)
    assert peak < 3_000_000, "of a file of three megabytes little more than the bad rows is held"


PHOTO = PhotoHashes.of(b"photo", PHASH)


def near(bits: int) -> str:
    return f"{int(PHASH, 16) ^ ((1 << bits) - 1):016x}"


def test_the_hashes_of_a_photo():
    assert PhotoHashes(SHA256, SHA1, MD5, PHASH) == PHOTO
    assert PHOTO.exact == (("sha256", SHA256), ("sha1", SHA1), ("md5", MD5))


@pytest.fixture
def matches(casebook):
    """What a photo stands in once these lists are kept: (list, how, note)."""

    def found(data=b"photo", phash=PHASH, **listed):
        for name, rows in listed.items():
            put_list(casebook.keeping.database, name, rows)
        with casebook.keeping.database.reading() as connection:
            return [tuple(match.values()) for match in known_matches(connection, data, phash)]

    return found


@pytest.mark.parametrize(("kind", "value"), [("sha256", SHA256), ("sha1", SHA1), ("md5", MD5)])
def test_equal_bytes_match(kind, value, matches):
    assert matches(a=[KnownHash("md5", OTHER), KnownHash(kind, value, "note")]) == [("a", kind, "note")]


def test_a_near_picture_matches_up_to_the_bits_that_are_said(matches):
    rows = [KnownHash("phash", near(bits), str(bits)) for bits in (KNOWN_BITS + 1, KNOWN_BITS)]
    assert matches(a=rows) == [("a", "near", str(KNOWN_BITS))]
    nearest_first = [("b", "near", "0"), ("a", "near", str(KNOWN_BITS))]
    assert matches(b=[KnownHash("phash", PHASH, "0")]) == nearest_first
    assert matches(phash="") == [], "a photo that cannot be decoded is near nothing"


def test_of_one_list_the_strongest_match_alone_is_told(matches):
    rows = [KnownHash("phash", near(2), "n"), KnownHash("md5", MD5, "n"), KnownHash("sha256", SHA256, "n")]
    assert matches(a=rows, b=[KnownHash("md5", MD5, "n")]) == [("a", "sha256", "n"), ("b", "md5", "n")]


def test_near_hashes_among_many():
    many = np.random.default_rng(0).integers(0, 2**64 - 1, 200_000, np.uint64, endpoint=True)
    many[[7, 150_000]] = int(near(4), 16), int(near(1), 16)
    assert near_known(PHASH, many) == [(150_000, 1), (7, 4)]
    assert near_known("", many) == [] and near_known(PHASH, many[:0]) == []
