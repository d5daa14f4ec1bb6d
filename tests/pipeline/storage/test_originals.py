"""Original bytes are kept once, untouched, and never handed out altered."""

import hashlib
from concurrent.futures import ThreadPoolExecutor

import pytest

from pipeline.errors import UnreadablePhoto
from pipeline.storage.objects import Originals


def files(folder) -> list:
    return [path for path in folder.rglob("*") if path.is_file()]


def test_bytes_are_kept_once_under_their_hash(tmp_path):
    kept = Originals(tmp_path)
    sha256 = kept.keep(b"photo")
    assert sha256 == hashlib.sha256(b"photo").hexdigest() == kept.keep(b"photo")
    assert kept.read(sha256) == b"photo"
    assert files(tmp_path) == [tmp_path / sha256[:2] / sha256]
    kept.keep(b"another")
    assert len(files(tmp_path)) == 2


def test_many_may_keep_the_same_bytes_at_once(tmp_path):
    data = bytes(2_000_000)
    with ThreadPoolExecutor(8) as pool:
        assert len(set(pool.map(lambda _: Originals(tmp_path).keep(data), range(24)))) == 1
    assert len(files(tmp_path)) == 1


def test_what_a_kill_left_behind_is_no_original(tmp_path):
    sha256 = hashlib.sha256(b"photo").hexdigest()
    (tmp_path / sha256[:2]).mkdir()
    (tmp_path / sha256[:2] / f"{sha256}.ab12.part").write_bytes(b"pho")
    with pytest.raises(UnreadablePhoto):
        Originals(tmp_path).read(sha256)
    assert Originals(tmp_path).read(Originals(tmp_path).keep(b"photo")) == b"photo"


def test_altered_and_missing_bytes_are_said(tmp_path):
    kept = Originals(tmp_path)
    sha256 = kept.keep(b"photo")
    (tmp_path / sha256[:2] / sha256).write_bytes(b"photO")
    with pytest.raises(UnreadablePhoto, match=f"{sha256[:12]}… was altered on disk"):
        kept.read(sha256)
    (tmp_path / sha256[:2] / sha256).unlink()
    with pytest.raises(UnreadablePhoto, match="is no longer in"):
        kept.read(sha256)
