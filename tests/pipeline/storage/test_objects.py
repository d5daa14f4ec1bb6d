"""Bytes named by their hash: in a folder, in memory, and in a bucket of a server that speaks S3."""

import os
from hashlib import sha256
from urllib.parse import quote

import pytest

from pipeline.casebook.casebook import Casebook
from pipeline.casebook.checks.verify import verify_case
from pipeline.casebook.people import Person
from pipeline.errors import AlteredObject, UnreadablePhoto
from pipeline.storage.objects import Objects, Originals


@pytest.fixture(scope="module")
def bucket():
    """An address on a server that speaks S3, on this machine."""
    pytest.importorskip("s3fs")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    port = server._server.server_port
    before = dict(os.environ)
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "eu-central-1"}
    os.environ |= keys | {"AWS_ENDPOINT_URL": f"http://127.0.0.1:{port}"}
    import s3fs

    s3fs.S3FileSystem(endpoint_url=f"http://127.0.0.1:{port}").mkdir("evidence", region_name="eu-central-1")
    yield "s3://evidence/telltale"
    os.environ.clear()
    os.environ.update(before)
    server.stop()


@pytest.fixture(params=["folder", "odd folder", "memory", "s3"])
def place(request, tmp_path):
    if request.param == "s3":
        return f"{request.getfixturevalue('bucket')}/{quote(tmp_path.name)}"
    if request.param == "memory":
        return f"memory://{tmp_path.name}"
    return tmp_path / ("a" if request.param == "folder" else "a::b #c?d%20")


def test_bytes_come_back_under_their_hash_and_are_kept_once(place):
    objects = Objects(place)
    assert list(objects.hashes()) == []
    names = [objects.keep(data) for data in (b"one", b"", b"one")]
    assert names == [sha256(data).hexdigest() for data in (b"one", b"", b"one")]
    assert objects.read(names[0]) == b"one" and objects.read(names[1]) == b""
    assert sorted(objects.hashes()) == sorted(set(names)) and objects.has(names[0])
    objects.remove(names[0])
    objects.remove(names[0])
    assert not objects.has(names[0])


def test_what_is_gone_or_altered_is_said(place):
    objects, originals = Objects(place), Originals(place)
    name = objects.keep(b"one")
    objects._files.pipe_file(objects._path(name), b"two")
    with pytest.raises(AlteredObject, match="was altered"):
        objects.read(name)
    objects.remove(name)
    with pytest.raises(AlteredObject, match="is no longer"):
        objects.read(name)
    with pytest.raises(UnreadablePhoto, match="original"):
        originals.read(name)


def test_one_setting_puts_a_case_s_bytes_into_a_bucket(bucket, setting, tmp_path):
    from pipeline.casebook.adding import add_outcome
    from pipeline.intake import Item

    setting(store=f"{bucket}/cases", home=tmp_path / "home")
    case = Casebook(Person("ada")).create("m")
    sha = case.keeping.originals.keep(b"bytes")
    add_outcome(case, Item("a.jpg", b"bytes"), sha, "files", {"code": "unreadable_photo", "message": "No photo."})
    assert case.keeping.originals.read(sha) == b"bytes" and not (tmp_path / "home" / "originals").exists()
    assert [check for check in verify_case(case, rerun=False) if not check.holds] == []
