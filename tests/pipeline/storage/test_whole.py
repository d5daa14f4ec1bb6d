"""What is written whole is whole: after a kill, after an error, on a full disk."""

import errno
import signal
import subprocess
import sys

import pytest

from pipeline.errors import DiskFull
from pipeline.storage.whole import room, whole_file, whole_folder, write_whole

HALF = """
import os, signal
from pathlib import Path
from pipeline.storage.whole import whole_file, whole_folder
with whole_{kind}(Path({path!r})) as part:
    (part / "figures" if {kind!r} == "folder" else part).write_text("half")
    os.kill(os.getpid(), signal.SIGKILL)
"""


def killed_while_writing(kind, path):
    done = subprocess.run([sys.executable, "-c", HALF.format(kind=kind, path=str(path))], timeout=60, check=False)
    assert done.returncode == -signal.SIGKILL


def names(folder):
    return [path.name for path in folder.iterdir()]


def test_a_kill_leaves_the_older_file(tmp_path):
    path = tmp_path / "release.json"
    write_whole(path, b"older")
    killed_while_writing("file", path)
    assert path.read_bytes() == b"older"


def test_a_kill_leaves_the_older_folder_and_the_next_call_clears_up(tmp_path):
    folder = tmp_path / "maps@0123456789"
    with whole_folder(folder) as part:
        (part / "figures").write_text("older")
    killed_while_writing("folder", folder)
    assert names(folder) == ["figures"]
    assert (folder / "figures").read_text() == "older"
    with whole_folder(folder) as part:
        assert not list(part.iterdir()), "nothing of the killed call is mixed in"
        (part / "figures").write_text("newer")
    assert (folder / "figures").read_text() == "newer" and names(tmp_path) == [folder.name]


def test_an_error_leaves_the_older_one_and_nothing_else(tmp_path):
    write_whole(tmp_path / "one", b"older")
    with pytest.raises(KeyError), whole_file(tmp_path / "one") as part:
        part.write_bytes(b"half")
        raise KeyError
    with pytest.raises(KeyError), whole_folder(tmp_path / "many") as part:
        (part / "figures").write_text("half")
        raise KeyError
    assert names(tmp_path) == ["one"] and (tmp_path / "one").read_bytes() == b"older"


@pytest.mark.parametrize("code", [errno.ENOSPC, errno.EDQUOT, errno.EFBIG])
def test_a_full_disk_is_said_with_its_folder(tmp_path, code):
    half = tmp_path / "half"
    half.touch()
    with pytest.raises(DiskFull, match=str(tmp_path)), room(tmp_path, half):
        raise OSError(code, "no room")
    assert not half.exists()


def test_another_problem_is_no_full_disk(tmp_path):
    with pytest.raises(PermissionError), room(tmp_path):
        raise PermissionError(errno.EACCES, "not yours")


def test_what_was_written_before_an_error_is_kept_on_request_but_never_over_an_older_file(tmp_path):
    for text in ("first", "second"):
        with pytest.raises(KeyError), whole_file(tmp_path / "one", or_part=True) as part:
            part.write_text(text)
            raise KeyError
    assert names(tmp_path) == ["one"] and (tmp_path / "one").read_text() == "first"
    with pytest.raises(KeyError), whole_file(tmp_path / "none", or_part=True):
        raise KeyError
    assert names(tmp_path) == ["one"]
