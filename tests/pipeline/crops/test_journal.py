"""What is kept of a long work, wherever a kill cut it off."""

import errno
from pathlib import Path

import pytest

from pipeline.crops import journal as journals
from pipeline.crops.journal import Journal
from pipeline.errors import DiskFull

HEAD = {"plan": "a"}
DONE = [{"index": 1, "facts": {"sides": [2, 3]}}, {"index": "é", "facts": {"text": '}"{'}}]


def written(path: Path) -> str:
    """Write both parts; return the file."""
    journal = Journal(path, HEAD)
    for done in DONE:
        journal.add(done)
    return path.read_text(encoding="utf-8")


def test_a_journal_gives_back_what_was_added(tmp_path: Path) -> None:
    """In a new process too."""
    path = tmp_path / "work.journal"
    written(path)
    assert list(Journal(path, HEAD).known.values()) == DONE


def test_wherever_the_last_line_is_cut_the_others_hold_and_work_goes_on(tmp_path: Path) -> None:
    """Behind a closing brace too, which ends a part's facts and not the part."""
    path = tmp_path / "work.journal"
    whole = written(path)
    start = whole.rstrip("\n").rfind("\n") + 1
    assert "}" in whole[start:-2]
    for end in range(start, len(whole) - 1):
        path.write_text(whole[:end], encoding="utf-8")
        journal = Journal(path, HEAD)
        assert list(journal.known.values()) == DONE[:1]
        journal.add(DONE[1])
        assert path.read_text(encoding="utf-8") == whole


@pytest.mark.parametrize("head", [{"plan": "b"}, {}])
def test_what_was_done_under_another_head_is_forgotten(tmp_path: Path, head: dict[str, str]) -> None:
    """It depends on what has changed."""
    path = tmp_path / "work.journal"
    written(path)
    assert Journal(path, head).known == {}
    assert Journal(path, HEAD).known == {}


def test_a_full_disk_is_said_and_what_was_written_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Also while the file is written anew, which is when a disk that was full before is met again."""
    path = tmp_path / "work.journal"
    whole = written(path)

    def full(*_: object, **__: object) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(journals, "write_whole", full)
        with pytest.raises(DiskFull):
            Journal(path, HEAD)
    assert path.read_text(encoding="utf-8") == whole
    journal = Journal(path, HEAD)
    with monkeypatch.context() as patch:
        patch.setattr(Path, "open", full)
        with pytest.raises(DiskFull):
            journal.add({"index": 3})
    assert list(Journal(path, HEAD).known.values()) == DONE
