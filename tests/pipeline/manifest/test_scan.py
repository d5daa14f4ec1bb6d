"""Every file is read once; a scan that was killed goes on, a file that changed is read again."""

import errno
import os
from pathlib import Path

import pytest

from pipeline.manifest import scan as module
from pipeline.manifest.file_facts import FileFacts
from pipeline.manifest.scan import Scan
from tests.pipeline.manifest.pictures import collection, scene, written


@pytest.fixture
def folder(tmp_path):
    return collection(tmp_path / "photos", {"real": 20})


@pytest.fixture
def paths(folder):
    return sorted(folder.rglob("*.jpg"))


def counting(monkeypatch, tmp_path):
    """Count the files read, also in other processes."""
    log = tmp_path / "read.log"
    log.touch()
    original = FileFacts.of

    def counted(path):
        with log.open("a") as file:
            print(path, file=file)
        return original(path)

    monkeypatch.setattr(FileFacts, "of", counted)
    return lambda: len(log.read_text().splitlines())


def test_the_facts_come_back_in_the_order_asked(paths, tmp_path):
    scan = Scan(tmp_path / "scan.sqlite")
    scan.read(paths, len(paths), 2)
    table = scan.facts([str(path) for path in paths[::-1]])
    assert table.sha256.tolist() == [FileFacts.of(path).sha256 for path in paths[::-1]]
    assert table.thumb.map(len).eq(256).all()


def test_a_second_scan_reads_nothing(paths, tmp_path, monkeypatch):
    Scan(tmp_path / "scan.sqlite").read(paths, len(paths), 1)
    count = counting(monkeypatch, tmp_path)
    Scan(tmp_path / "scan.sqlite").read(paths, len(paths), 1)
    assert count() == 0


def test_a_changed_file_is_read_again(paths, tmp_path, monkeypatch):
    scan = Scan(tmp_path / "scan.sqlite")
    scan.read(paths, len(paths), 1)
    before = scan.facts([str(paths[3])]).sha256[0]
    written(paths[3], scene(999))
    os.utime(paths[3], ns=(1, 1))
    count = counting(monkeypatch, tmp_path)
    scan.read(paths, len(paths), 1)
    assert count() == 1 and scan.facts([str(paths[3])]).sha256[0] != before


def test_a_file_that_could_not_be_opened_is_tried_again(paths, tmp_path, monkeypatch):
    """It is neither larger nor newer once a disk, or a permission, is back."""
    scan, read = Scan(tmp_path / "scan.sqlite"), Path.read_bytes

    def refused(path):
        if path == paths[3]:
            raise OSError(errno.EIO, "Input/output error")
        return read(path)

    with monkeypatch.context() as patch:
        patch.setattr(Path, "read_bytes", refused)
        scan.read(paths, len(paths), 1)
    assert scan.facts([str(paths[3])]).quarantine[0].endswith("cannot be opened: Input/output error")
    count = counting(monkeypatch, tmp_path)
    scan.read(paths, len(paths), 1)
    scan.read(paths, len(paths), 1)
    assert count() == 1 and scan.facts([str(paths[3])]).quarantine.tolist() == [""]


def test_a_killed_scan_keeps_its_finished_batches(paths, tmp_path, monkeypatch):
    monkeypatch.setattr(module, "BATCH", 5)

    def broken():
        yield from paths[:12]
        raise KeyboardInterrupt  # comes while the third batch is gathered

    with pytest.raises(KeyboardInterrupt):
        Scan(tmp_path / "scan.sqlite").read(broken(), len(paths), 1)
    count = counting(monkeypatch, tmp_path)
    Scan(tmp_path / "scan.sqlite").read(paths, len(paths), 1)
    assert count() == 10, "two batches of five were kept"


@pytest.mark.parametrize("name", ["a'b.jpg", 'a"b.jpg', "a\nb.jpg", "ü 😀.jpg", "<b>.jpg", "; drop table files.jpg"])
def test_odd_names(name, tmp_path):
    path = written(tmp_path / name, scene(5))
    scan = Scan(tmp_path / "scan.sqlite")
    scan.read([path], 1, 1)
    assert scan.facts([str(path)]).quarantine.tolist() == [""]


def test_a_name_that_is_no_text(tmp_path):
    path = os.fsdecode(os.fsencode(str(tmp_path)) + b"/\xff.jpg")
    Path(path).write_bytes(written(tmp_path / "a.jpg", scene(5)).read_bytes())
    scan = Scan(tmp_path / "scan.sqlite")
    scan.read([Path(path)], 1, 1)
    assert scan.facts([path]).width.tolist() == [96]
