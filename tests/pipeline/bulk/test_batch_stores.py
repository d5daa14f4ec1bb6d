"""A bucket as the source of a batch: worker processes fetch from a server that speaks S3. And the web."""

from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from threading import Thread

import pytest
from batch_scorers import Pretend

from pipeline.bulk.batch import Batch, run
from pipeline.bulk.fetch import read_address
from pipeline.bulk.parts import read_rows
from pipeline.bulk.sources import inputs_of, source_of
from pipeline.errors import BadSource, UnreadablePhoto


@pytest.fixture(scope="module")
def bucket():
    """An address on a server that speaks S3, on this machine."""
    s3fs = pytest.importorskip("s3fs")
    from moto.server import ThreadedMotoServer

    server = ThreadedMotoServer(ip_address="127.0.0.1", port=0)
    server.start()
    address = f"http://127.0.0.1:{server._server.server_port}"
    keys = {"AWS_ACCESS_KEY_ID": "x", "AWS_SECRET_ACCESS_KEY": "y", "AWS_DEFAULT_REGION": "eu-central-1"}
    patch = pytest.MonkeyPatch()
    for name, value in {**keys, "AWS_ENDPOINT_URL": address}.items():
        patch.setenv(name, value)
    s3fs.S3FileSystem.clear_instance_cache()  # one that another module made would ask its server, which has ended
    files = s3fs.S3FileSystem(endpoint_url=address)
    files.mkdir("photos", region_name="eu-central-1")
    for number in range(20):
        files.pipe_file(f"photos/in/{number % 3}/{number:02} ä#?.jpg", b"\xff\xd8\xff\xe0" + bytes([number]))
    files.pipe_file("photos/in/empty.jpg", b"")
    files.pipe_file("photos/in/notes.txt", b"no photo")
    files.pipe_file("photos/list.csv", "url\ns3://photos/in/1/01 ä#?.jpg\nin/notes.txt\nin/gone.jpg\n".encode())
    yield files
    s3fs.S3FileSystem.clear_instance_cache()
    patch.undo()
    server.stop()


def test_a_bucket_is_scored_photo_by_photo(bucket, tmp_path):
    assert run(Batch("s3://photos/in", tmp_path / "out", workers=2), Pretend()) in (0, 1)
    rows = read_rows(tmp_path / "out").to_pylist()
    assert [row["path"] for row in rows[:2]] == ["s3://photos/in/0/00 ä#?.jpg", "s3://photos/in/0/03 ä#?.jpg"]
    assert len({row["path"] for row in rows}) == len(rows) == 21
    assert len({row["sha256"] for row in rows[:20]}) == 20, "each photo is its own bytes"


def test_a_list_in_a_bucket_names_photos_beside_it(bucket, tmp_path):
    assert run(Batch("s3://photos/list.csv", tmp_path / "out", workers=1), Pretend()) == 1
    rows = read_rows(tmp_path / "out").to_pylist()
    assert [row["path"] for row in rows] == ["s3://photos/in/1/01 ä#?.jpg", "in/notes.txt", "in/gone.jpg"]
    assert [row["error_code"] for row in rows] == [None, None, "unreadable_photo"]


def test_a_bucket_that_is_gone_is_said(bucket):
    with pytest.raises(BadSource):
        source_of("s3://nothing/here")
    assert len(list(inputs_of(source_of("s3://photos/in/1")))) == 7


def test_an_address_on_the_web_is_read_no_further_than_the_limit(tmp_path, setting):
    pytest.importorskip("aiohttp")
    (tmp_path / "a.jpg").write_bytes(bytes(3_000_000))
    setting(max_megabytes=2)
    server = ThreadingHTTPServer(("127.0.0.1", 0), partial(SimpleHTTPRequestHandler, directory=str(tmp_path)))
    Thread(target=server.serve_forever, daemon=True).start()
    address = f"http://127.0.0.1:{server.server_port}"
    assert len(read_address(f"{address}/a.jpg")) == 2_000_001
    with pytest.raises(UnreadablePhoto, match="could not be opened"):
        read_address(f"{address}/gone.jpg")
    server.shutdown()
    server.server_close()
