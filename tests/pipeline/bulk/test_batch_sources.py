"""What a source of a batch names: folders by intake's rule, archives entry by entry, lists, and stores."""

import io
import os
import zipfile
from pathlib import Path

import fsspec
import pyarrow as pa
import pyarrow.parquet as pq
import pytest

from pipeline.bulk.fetch import GONE, items_of
from pipeline.bulk.inputs import Input, InputWriter, read_chunks
from pipeline.bulk.lists import NOTHING
from pipeline.bulk.sources import Source, inputs_of, source_of
from pipeline.errors import BadSource, UnreadablePhoto
from pipeline.intake import named_in, read_path

JPEG = b"\xff\xd8\xff\xe0" + bytes(40)


def numbered(inputs) -> list[Input]:
    return [Input(**{name: getattr(one, name) for name in Input.__slots__ if name != "number"}, number=number)
            for number, one in enumerate(inputs)]  # fmt: skip


def listed(text: object, column: str = "") -> list[Input]:
    return numbered(inputs_of(source_of(str(text)), column))


def told(inputs) -> list[tuple]:
    return [(item.name, item.data, item.left_out, str(item.error or ""), item.count) for _, item in items_of(inputs)]


def zipped(files: dict[str, bytes]) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as archive:
        for name, data in files.items():
            archive.writestr(name, data)
    return buffer.getvalue()


@pytest.fixture
def mixed(tmp_path) -> Path:
    """A folder with everything that a folder may hold."""
    folder = tmp_path / "mixed"
    (folder / "deep" / "er").mkdir(parents=True)
    (folder / "__MACOSX").mkdir()
    (folder / "__MACOSX" / "a.jpg").write_bytes(JPEG)
    (folder / "deep" / "er" / "c.jpg").write_bytes(JPEG + b"c")
    (folder / "deep" / "b.jpg").write_bytes(JPEG + b"b")
    for name in ("a.jpg", "notes.txt", ".DS_Store", "._a.jpg", "z.raf", b"\xe4.jpg".decode("utf-8", "surrogateescape")):
        (folder / name).write_bytes(JPEG if name.endswith("jpg") else b"text")
    (folder / "two.zip").write_bytes(zipped({"x/": b"", "x/1.jpg": JPEG + b"1", "no.txt": b"n", "x/2.jpg": JPEG}))
    (folder / "broken.zip").write_bytes(zipped({"1.jpg": JPEG})[:-30])
    (folder / "empty.zip").write_bytes(zipped({}))
    (folder / "nested.zip").write_bytes(zipped({"in.zip": zipped({"1.jpg": JPEG})}))
    (folder / "link.jpg").symlink_to(folder / "a.jpg")
    (folder / "broken link.jpg").symlink_to(folder / "nothing")
    (folder / "link to folder").symlink_to(folder / "deep")
    os.mkfifo(folder / "pipe")
    return folder


def test_a_folder_holds_what_examine_finds_in_it_in_the_same_order(mixed):
    expected = [item for named in named_in(str(mixed), True) for item in read_path(named)]
    assert told(listed(mixed)) == [(i.name, i.data, i.left_out, str(i.error or ""), i.count) for i in expected]


def test_a_listing_comes_back_numbered_in_chunks(mixed, tmp_path):
    with InputWriter(tmp_path / "inputs.parquet") as writer:
        for one in inputs_of(source_of(str(mixed))):
            writer.add(one)
    chunks = list(read_chunks(tmp_path / "inputs.parquet", 5))
    assert [one for chunk in chunks for one in chunk] == listed(mixed)
    assert {len(chunk) for chunk in chunks[:-1]} == {5} and writer.count == len(listed(mixed))


def test_entries_of_an_archive_are_read_from_any_place(tmp_path):
    path = tmp_path / "many.zip"
    path.write_bytes(
        zipped({f"{n}.{'txt' if n % 3 == 0 else 'jpg'}": JPEG[: n % 2 * 40] + bytes([n]) for n in range(30)})
    )
    inputs = listed(path)
    whole = told(inputs)
    assert len(inputs) == len(whole) == 30
    pieces = [inputs[20:30], inputs[0:7], inputs[7:20]]
    assert [told(piece) for piece in pieces] == [whole[20:30], whole[0:7], whole[7:20]]


def test_the_most_that_is_taken_of_an_archive_is_the_same_in_pieces(tmp_path, setting):
    path = tmp_path / "many.zip"
    path.write_bytes(zipped({f"{n}.{'txt' if n % 2 else 'jpg'}": (b"text" if n % 2 else JPEG) for n in range(30)}))
    setting(max_zip_files=10)
    inputs = listed(path)
    pieces = [told(inputs[first : first + 4]) for first in range(0, 30, 4)]
    expected = [item for item in read_path(named_in(str(path), False)[0])]
    rows = [row for piece in pieces for row in piece]
    assert rows == [(i.name, i.data, i.left_out, str(i.error or ""), i.count) for i in expected]
    assert sum(row[4] for row in rows) == 30 and "were not looked at" in rows[-1][3]


def test_an_archive_that_shrank_says_so_for_each_entry_that_is_gone(tmp_path):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{n}.jpg": JPEG for n in range(6)}))
    inputs = listed(path)
    path.write_bytes(zipped({f"{n}.jpg": JPEG for n in range(2)}))
    assert [row[3] for row in told(inputs)] == ["", "", GONE, GONE, GONE, GONE]
    path.unlink()
    assert {row[3] for row in told(inputs)} == {"The file could not be opened: No such file or directory."}
    assert len(told(inputs)) == 6


class Dropped(Exception):
    """What a store's client raises where a connection breaks off: no error of files."""


class Breaking(io.FileIO):
    """An archive whose connection breaks off where bytes are read from a place on, as often as is left; -1 for any."""

    place, left = -1, 0

    def read(self, size: int = -1) -> bytes:
        if Breaking.left and Breaking.place in (-1, self.tell()):
            Breaking.left -= 1
            raise Dropped
        return super().read(size)


def test_a_connection_that_breaks_off_costs_one_entry_and_not_the_rest(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{n}.jpg": JPEG + bytes([200 + n]) for n in range(8)}))
    inputs = listed(path)
    whole = told(inputs)
    monkeypatch.setattr(Breaking, "place", path.read_bytes().index(JPEG + bytes([203])))
    monkeypatch.setattr("pipeline.bulk.fetch.open_input", lambda one: Breaking(os.fsdecode(one.address)))
    monkeypatch.setattr(Breaking, "left", 1)
    rows = told(inputs[:6])
    assert rows[:3] + rows[4:] == whole[:3] + whole[4:6] and "Dropped" in rows[3][3]
    monkeypatch.setattr(Breaking, "left", 1)
    assert "Dropped" in told(inputs[3:4])[0][3] and told(inputs[4:]) == whole[4:], "nor what is asked for later"
    monkeypatch.setattr(Breaking, "left", 99)
    assert [row[3] for row in told(inputs)] == ["", "", "", rows[3][3], "", "", "", ""]


def test_an_archive_whose_list_breaks_off_has_an_answer_for_each_entry(tmp_path, monkeypatch):
    path = tmp_path / "a.zip"
    path.write_bytes(zipped({f"{n}.jpg": JPEG for n in range(4)}))
    inputs = listed(path)
    monkeypatch.setattr("pipeline.bulk.fetch.open_input", lambda one: Breaking(os.fsdecode(one.address)))
    monkeypatch.setattr(Breaking, "left", 1)
    assert ["Dropped" in row[3] for row in told(inputs)] == [True] * 4
    assert [row[1] for row in told(inputs)] == [JPEG] * 4


def csv_file(folder: Path, text: str, name: str = "list.csv") -> Path:
    (folder / name).write_text(text, encoding="utf-8")
    return folder / name


def test_a_list_gives_a_row_a_photo_by_the_name_it_uses(tmp_path):
    (tmp_path / "sub").mkdir()
    for name in ("a.jpg", "sub/b, c.jpg"):
        (tmp_path / name).write_bytes(JPEG)
    (tmp_path / "z.zip").write_bytes(zipped({"1.jpg": JPEG, "2.jpg": JPEG}))
    text = (
        f'id,File Name,views\n1,a.jpg,3\n2,"sub/b, c.jpg",4\n\n3,{tmp_path}/a.jpg,5\n4,,6\n5,gone.jpg,7\n6,z.zip,8\n7\n'
    )
    rows = told(listed(csv_file(tmp_path, text)))
    assert [row[0] for row in rows] == ["a.jpg", "sub/b, c.jpg", f"{tmp_path}/a.jpg", str(NOTHING and ""), "gone.jpg",
                                        "z.zip › 1.jpg", "z.zip › 2.jpg", ""]  # fmt: skip
    assert [bool(row[1]) for row in rows] == [True, True, True, False, False, True, True, False]
    assert rows[3][3] == rows[7][3] == NOTHING and "could not be opened" in rows[4][3]
    assert [number for number, _ in items_of(listed(tmp_path / "list.csv"))] == [0, 1, 2, 3, 4, 5, 5, 6]


def test_lists_of_other_forms_and_their_columns(tmp_path):
    (tmp_path / "a.jpg").write_bytes(JPEG)
    frame = pa.table({"n": [1, 2], "photo": ["a.jpg", None], "other": ["x", "a.jpg"]})
    pq.write_table(frame, tmp_path / "list.parquet")
    assert [row[3] for row in told(listed(tmp_path / "list.parquet"))] == ["", NOTHING]
    assert [bool(row[1]) for row in told(listed(tmp_path / "list.parquet", "other"))] == [False, True]
    assert told(listed(csv_file(tmp_path, "n\turl\n1\ta.jpg\n", "list.tsv")))[0][1] == JPEG
    assert told(listed(csv_file(tmp_path, "a.jpg\n\na.jpg\n", "list.txt")))[1][1] == JPEG
    with pytest.raises(BadSource, match="--column"):
        listed(csv_file(tmp_path, "first,second\n1,2\n"))
    with pytest.raises(BadSource, match="no column 'x'"):
        listed(tmp_path / "list.parquet", "x")
    (tmp_path / "no.parquet").write_bytes(b"PAR1 no")
    with pytest.raises(BadSource, match="as parquet"):
        listed(tmp_path / "no.parquet")


@pytest.mark.parametrize("text", ["/there/is/nothing", "memory://nothing/there", "unheard://of", "a\0b"])
def test_what_is_no_source_is_said(text):
    with pytest.raises(BadSource):
        source_of(text)


def test_a_store_in_memory_is_a_source(tmp_path):
    files, root = fsspec.filesystem("memory"), f"/{tmp_path.name}"
    things = {"a.jpg": JPEG, "deep/b.jpg": JPEG + b"b", "deep/._b.jpg": b"x", "n.txt": b"text", "@eaDir/c.jpg": JPEG}
    for name, data in {**things, "z.zip": zipped({"1.jpg": JPEG, "2.txt": b"n"})}.items():
        files.pipe_file(f"{root}/{name}", data)
    files.pipe_file(f"{root}/list.csv", f"path\na.jpg\nmemory:/{root}/deep/b.jpg\ngone.jpg\n".encode())
    address = f"memory:/{root}"
    rows = {row[0].removeprefix(f"{address}/"): row for row in told(listed(address))}
    assert list(rows) == ["@eaDir", "a.jpg", "deep/._b.jpg", "deep/b.jpg", "list.csv", "n.txt", "z.zip › 1.jpg",
                          "z.zip › 2.txt"]  # fmt: skip
    assert rows["a.jpg"][1] == JPEG and rows["deep/b.jpg"][1] == JPEG + b"b" and rows["z.zip › 1.jpg"][1] == JPEG
    assert [rows[n][2] for n in ("@eaDir", "deep/._b.jpg", "n.txt", "z.zip › 2.txt")] == ["system file"] * 2 + [
        ".txt"
    ] * 2
    from_list = told(listed(f"{address}/list.csv"))
    assert [row[0] for row in from_list] == ["a.jpg", f"{address}/deep/b.jpg", "gone.jpg"]
    assert [row[1] for row in from_list] == [JPEG, JPEG + b"b", b""] and "could not be opened" in from_list[2][3]
    assert source_of(f"{address}/z.zip") == Source(f"{address}/z.zip", "archive", True)


def test_a_folder_that_may_not_be_opened_is_one_error(tmp_path, monkeypatch):
    (tmp_path / "closed").mkdir()
    (tmp_path / "a.jpg").write_bytes(JPEG)
    scandir = os.scandir

    def refuse(path):
        if str(path).endswith("closed"):
            raise PermissionError(13, "Permission denied")
        return scandir(path)

    monkeypatch.setattr("pipeline.bulk.sources.os.scandir", refuse)
    inputs = listed(tmp_path)
    assert [one.error for one in inputs] == ["", "The folder could not be opened: Permission denied."]
    assert isinstance(inputs[1].named.error, UnreadablePhoto)
