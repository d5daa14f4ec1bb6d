"""What is taken of an archive follows from its list alone, and nothing in it costs time without end."""

import struct

from raw_zip import Entry, raw_zip

from pipeline.intake import Item, archive, unpack_file

PHOTO = b"\xff\xd8\xff\xe0" + bytes(range(256)) * 20
OTHER = b"\x89PNG\r\n\x1a\n" + bytes(range(256)) * 30


def taken(data: bytes) -> list[Item]:
    return list(unpack_file("a.zip", data))


def gone_on_with(data: bytes) -> None:
    """Compare a call that was broken off after any number of answers, and goes on, with a whole one."""
    whole = [item for item in taken(data) if not item.left_out]
    for kept in range(len(whole) + 1):
        have = [item.name for item in whole[:kept]]

        def wanted(name: str, have: list[str] = have) -> bool:
            return name not in have or bool(have.remove(name))

        again = [item for item in unpack_file("a.zip", data, wanted=wanted) if not item.left_out]
        assert [(item.name, item.count) for item in again] == [(item.name, item.count) for item in whole]
        assert [item.known for item in again] == [number < kept for number in range(len(whole))]
        assert [item.data for item in again[kept:]] == [item.data for item in whole[kept:]]


def test_what_cannot_be_unpacked_costs_no_photo_its_place(setting):
    setting(max_zip_megabytes=2, max_megabytes=1)
    closed = [Entry(b"%02d.jpg" % n, b"x", flags=n % 2, method=8 + n % 2 * 91, size=900_000) for n in range(1, 26, 2)]
    closed += [Entry(b"%02d.jpg" % n, b"x", method=12, size=900_000) for n in range(0, 25, 2)]
    data = raw_zip([*closed, Entry(b"photo.jpg", PHOTO)])
    assert taken(data)[-1].data == PHOTO
    gone_on_with(data)


def test_which_entries_are_taken_does_not_depend_on_which_are_known(setting):
    setting(max_zip_megabytes=2, max_megabytes=1)
    endless = [Entry(b"%d.jpg" % n, b"", method=8, size=300_000) for n in range(5)]
    entries = [Entry(b"a.txt", b"text" * 200_000), *endless, Entry(b"lie.jpg", bytes(900_000), method=8, size=10),
               *(Entry(b"p%d.jpg" % n, PHOTO * 30) for n in range(9)), Entry(b"b.jpg", PHOTO)]  # fmt: skip
    data = bytearray(raw_zip(entries))
    at = data.index(b"PK\3\4", data.index(b"0.jpg") - 31)
    data[at + 35] = 2  # what never ends: no last block
    assert taken(bytes(data))[-1].count > 1 and "at most 20,000 files and 2 MB" in str(taken(bytes(data))[-1].error)
    gone_on_with(bytes(data))


def test_an_entry_is_unpacked_hardly_further_than_it_claims(monkeypatch):
    read = []
    monkeypatch.setattr(archive._Meter, "spend", lambda self, cost, spend=archive._Meter.spend: (
        read.append(cost), spend(self, cost)))  # fmt: skip
    nothings = bytearray(raw_zip([Entry(b"n.jpg", b"\0\0\0\xff\xff" * 600_000, size=100)]))
    nothings[8] = nothings[nothings.index(b"PK\1\2") + 10] = 8
    for data in (raw_zip([Entry(b"a.jpg", bytes(90_000_000), method=8, size=10)]), bytes(nothings)):
        read.clear()
        (item,) = taken(data)
        assert "it is damaged" in str(item.error) and sum(read) < 2_000_000


def test_damaged_lines_of_the_list_are_one_refusal_and_cost(setting):
    def listing(*lines: bytes) -> bytes:
        data, mark = raw_zip([Entry(b"a.jpg", PHOTO), Entry(b"b.jpg", OTHER)]), b"PK\1\2"
        at, end = data.index(mark), data.index(b"PK\5\6")
        first, second = (mark + part for part in data[at:end].split(mark)[1:])
        rows = b"".join({b"a": first, b"b": second}.get(line, line) for line in lines)
        return data[:at] + rows + b"PK\5\6" + struct.pack("<HHHHIIH", 0, 0, 2, 2, len(rows), at, 0)

    data = listing(b"PK\1\2" * 3000, b"a", b"PK\1\2" * 50, b"b", b"PK\1\2")
    items = taken(data)
    assert [(item.name, item.count) for item in items] == [
        ("a.zip", 3000), ("a.zip › a.jpg", 1), ("a.zip", 50), ("a.zip › b.jpg", 1), ("a.zip", 1)]  # fmt: skip
    assert "3,000 lines of its list that follow each other are damaged" in str(items[0].error)
    gone_on_with(data)
    setting(max_zip_files=3)
    *some, rest = taken(data)
    assert [item.count for item in some] == [3000, 1, 50] and rest.count == 2
    assert "2 files after the first 3,051 were not looked at" in str(rest.error)
    gone_on_with(data)
    assert [item.count for item in taken(listing(b"PK\1\2" * 200_000))] == [200_000]
