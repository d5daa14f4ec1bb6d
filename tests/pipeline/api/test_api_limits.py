"""What is too much, too slow, or of another kind is refused by name; nothing grows, and nothing is lost."""

import asyncio
import gc
import json
import socket
import threading
import time

import httpx
import pytest

from pipeline.api import batching
from pipeline.api.limits import Body, Buckets, Places
from pipeline.cascade import examine_many
from pipeline.errors import BodyTooLarge, BodyTooSlow, Busy, TooManyCalls
from tests.served_api import is_problem, post

PARALLEL = 1000
"""Requests at once."""


def test_a_bucket_holds_a_minute_s_calls_and_fills_steadily():
    now = [0.0]
    buckets = Buckets(60, lambda: now[0])
    left = [buckets.take("a")["RateLimit"] for _ in range(60)]
    assert left[0] == '"calls";r=59;t=1' and left[-1] == '"calls";r=0;t=60'
    with pytest.raises(TooManyCalls) as refused:
        buckets.take("a")
    assert refused.value.retry_after == 1
    assert buckets.take("b")["RateLimit-Policy"] == '"calls";q=60;w=60'
    now[0] = 2.5
    assert [buckets.take("a") is not None for _ in range(2)] == [True, True]
    with pytest.raises(TooManyCalls):
        buckets.take("a")


def test_places_are_taken_as_a_whole_and_given_back():
    places = Places(4, 1000, lambda: 10.0)
    with places.hold() as hold:
        hold.take(photos=3, size=900)
        with pytest.raises(Busy) as refused, places.hold():
            pass
        assert refused.value.retry_after == 20
        with pytest.raises(Busy):
            hold.take(size=101)
        assert (places.held, places.bytes) == (4, 900)
    assert (places.held, places.bytes) == (0, 0)


def read(pieces, most=100, seconds=5.0, announced=0):
    async def whole():
        waiting = list(pieces)

        async def receive():
            pause, data = waiting.pop(0)
            await asyncio.sleep(pause)
            return {"type": "http.request", "body": data, "more_body": bool(waiting)}

        body, got = Body(receive, announced, most, seconds), b""
        while (message := await body()).get("more_body"):
            got += message["body"]
        return got + message["body"]

    return asyncio.run(whole())


def test_a_body_is_counted_as_it_streams():
    assert read([(0, b"a" * 50), (0, b"b" * 50)]) == b"a" * 50 + b"b" * 50
    with pytest.raises(BodyTooLarge):
        read([(0, b"a" * 50), (0, b"b" * 51)])
    with pytest.raises(BodyTooLarge):
        read([(0, b"")], announced=101)
    with pytest.raises(BodyTooSlow):
        read([(0, b"a"), (0.2, b"b")], seconds=0.1)
    assert read([(0, b"a" * 50_000), (0.15, b"b")], most=10**6, seconds=0.1)[-1:] == b"b"  # fast enough earns time


def test_calls_without_files_or_with_unknown_fields(api, face):
    is_problem(api.client.post("/v1/examinations", json={"files": "x"}), 415, "wrong_content")
    is_problem(api.client.post("/v1/examinations", data={"files": "x"}), 415, "wrong_content")
    is_problem(api.client.post("/v1/examinations", content=b""), 415, "wrong_content")
    form = {"content-type": "multipart/form-data; boundary=x"}
    is_problem(api.client.post("/v1/examinations", content=b"", headers=form), 422, "bad_call")
    is_problem(api.client.post("/v1/examinations", content=b"no form", headers=form), 400, "bad_call")
    bare = {"content-type": "multipart/form-data"}
    is_problem(api.client.post("/v1/examinations", content=b"no form", headers=bare), 400, "bad_call")
    is_problem(api.examine(face, heat="true"), 422, "bad_call")
    is_problem(api.examine(face, heatmap="perhaps"), 422, "bad_call")
    is_problem(api.client.post("/v1/examinations", files=[("file", face)]), 422, "bad_call")
    is_problem(api.client.post("/v1/examinations", files=[("files", face), ("heatmap", face)]), 422, "bad_call")
    is_problem(api.client.post("/v1/labels", files=[("file", face)] * 2), 413, "body_too_large")
    is_problem(api.examine(face, case="x" * 20_000), 413, "body_too_large")
    allowed = is_problem(api.client.put("/v1/labels"), 405, "wrong_method")
    assert "PUT" in allowed["detail"] and api.client.put("/v1/labels").headers["allow"] == "POST"
    is_problem(api.client.get("/v2/anything"), 404, "not_there")


def test_too_many_files_or_bytes(serving, face):
    api = serving(api_files=2, api_megabytes=1)
    is_problem(api.examine(face, face, face), 413, "body_too_large")
    is_problem(api.examine(("big.jpg", b"\xff\xd8" + bytes(1_200_000))), 413, "body_too_large")

    def endless():
        yield b'--x\r\ncontent-disposition: form-data; name="files"; filename="a"\r\n\r\n'
        for _ in range(40):
            yield b"\0" * 100_000

    form = {"content-type": "multipart/form-data; boundary=x"}
    is_problem(api.client.post("/v1/examinations", content=endless(), headers=form), 413, "body_too_large")
    assert api.examine(face).status_code == 200 and api.service.places.held == api.service.places.bytes == 0


def test_more_calls_than_the_rate_are_told_when_to_come_again(serving):
    api = serving(api_rate=3)
    answers = [api.client.get("/v1/releases") for _ in range(4)]
    left = [answer.headers.get("ratelimit", "").partition(";t=")[0] for answer in answers]
    assert left == [f'"calls";r={n}' for n in (2, 1, 0)] + [""]
    is_problem(answers[3], 429, "too_many_calls")
    assert 1 <= int(answers[3].headers["retry-after"]) <= 20
    assert api.client.get("/healthz").status_code == 200


def slowly(port, *pieces, pause=0.0):
    """Send bytes piece by piece, and return what comes back until the other side closes."""
    with socket.create_connection(("127.0.0.1", port), 10) as line:
        for piece in pieces:
            line.sendall(piece)
            time.sleep(pause)
        got = b""
        while b"\r\n\r\n" not in got and (part := line.recv(65536)):
            got += part
    return got


HEAD = (
    b"POST /v1/labels HTTP/1.1\r\nhost: 127.0.0.1\r\ncontent-type: multipart/form-data; boundary=x\r\n"
    b"content-length: 5000\r\n\r\n"
)


def test_a_slow_upload_is_ended(serving):
    api = serving(api_body_seconds=0.3)
    since = time.monotonic()
    assert slowly(api.port, HEAD, b"--x\r\n").startswith(b"HTTP/1.1 408")
    assert 0.2 < time.monotonic() - since < 5 and api.service.places.held == 0


def test_a_connection_on_which_no_call_comes_is_closed(serving, monkeypatch):
    from pipeline.api import serve

    monkeypatch.setattr(serve, "IDLE", 0.3)
    api = serving()
    assert slowly(api.port, b"GET /healthz HTTP/1.1\r\nhost: a\r\nx-slow: ") == b""
    assert slowly(api.port, b"nonsense\r\n\r\n").startswith(b"HTTP/1.1 400")


def test_a_client_that_hangs_up_is_dropped_from_the_queue(serving, face, monkeypatch):
    going, seen = threading.Event(), []

    def held(photos, *rest):
        seen.append(len(photos))
        going.wait(20)
        return examine_many(photos, *rest)

    monkeypatch.setattr(batching, "examine_many", held)
    api = serving()
    first = threading.Thread(target=api.examine, args=(face,))
    first.start()
    while not seen:
        time.sleep(0.01)
    with pytest.raises(httpx.ReadTimeout):
        httpx.post(f"{api.url}/v1/labels", files={"file": face}, timeout=0.3, trust_env=False)
    half = socket.create_connection(("127.0.0.1", api.port))
    half.sendall(HEAD + b"--x\r\n")
    time.sleep(0.1)
    half.close()
    until = time.monotonic() + 5
    while api.service.places.held > 1 and time.monotonic() < until:
        time.sleep(0.01)
    assert api.service.places.held == 1, "only the one that is examined"
    going.set()
    first.join()
    assert api.examine(face).status_code == 200
    assert seen == [1, 1], "whoever hung up was not examined"


def test_a_full_queue_says_when_to_come_again(serving, face, monkeypatch):
    going = threading.Event()
    monkeypatch.setattr(batching, "examine_many", lambda *asked: going.wait(20) and examine_many(*asked))
    api = serving(api_queue=2, api_files=2)
    waiting = threading.Thread(target=api.examine, args=(face,))
    waiting.start()
    while api.service.places.held < 1:
        time.sleep(0.01)
    full = api.examine(face, face)
    is_problem(full, 503, "busy")
    assert int(full.headers["retry-after"]) >= 1
    going.set()
    waiting.join()
    assert api.examine(face, face).status_code == 200


def test_a_call_of_as_many_files_as_are_allowed_finds_its_places(serving):
    api = serving(api_queue=2, api_files=3)
    assert api.examine(*[("a.jpg", b"small and no photo")] * 3).status_code == 200
    assert api.service.places.held == 0


def test_a_thousand_parallel_requests_lose_nothing(serving, face):
    api = serving(api_rate=100_000, api_queue=32, api_files=32)
    api.service.batcher.pace = 0.005  # as it is measured with files that are no photos

    async def one(number):
        refused = 0
        while True:
            name = f"{number}.jpg"
            status, headers, body = await post(api.port, "/v1/examinations", "files", name, b"small and no photo")
            if status == 200:
                (photo,) = json.loads(body)["photos"]
                assert photo["path"] == name and photo["error"]["code"] == "unreadable_photo"
                return refused
            assert status == 503 and int(headers["retry-after"]) >= 1, body
            refused += 1
            await asyncio.sleep(int(headers["retry-after"]) - number % 10 / 10)

    async def all_of_them():
        return await asyncio.gather(*(one(number) for number in range(PARALLEL)))

    gc.freeze()  # what earlier tests loaded would be walked through over and over
    refused = asyncio.run(all_of_them())
    gc.unfreeze()
    assert len(refused) == PARALLEL and max(refused) > 0, "the queue was never full"
    assert api.service.places.held == api.service.places.bytes == 0
    figures = api.client.get("/metrics").text
    assert f'telltale_requests_total{{method="POST",route="/v1/examinations",status="200"}} {PARALLEL}.0' in figures
    assert f'telltale_photos_total{{verdict="unreadable_photo"}} {PARALLEL}.0' in figures


def test_more_connections_than_are_held_are_answered_and_closed(serving, monkeypatch):
    from pipeline.api import serve

    api = serving()
    monkeypatch.setattr(serve, "most_connections", lambda: 1)
    api.client.get("/healthz")  # the one that is held
    answer = slowly(api.port, b"")
    head, _, _ = answer.partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 503") and b"retry-after: 2" in head


def test_calls_over_the_limit_at_once_are_refused(serving, face, monkeypatch):
    going = threading.Event()
    monkeypatch.setattr(batching, "examine_many", lambda *asked: going.wait(20) and examine_many(*asked))
    api = serving(api_calls=1)
    waiting = threading.Thread(target=api.examine, args=(face,))
    waiting.start()
    while api.service.places.held < 1:
        time.sleep(0.01)
    full = api.client.get("/healthz")
    assert is_problem(full, 503, "busy") and full.headers["retry-after"] == "2"
    going.set()
    waiting.join()


def test_it_ends_after_finishing_what_it_took_on(serving, face, monkeypatch, capfd):
    going = threading.Event()
    monkeypatch.setattr(batching, "examine_many", lambda *asked: going.wait(20) and examine_many(*asked))
    api, answers = serving(), []
    waiting = threading.Thread(target=lambda: answers.append(api.examine(face).json()))
    waiting.start()
    while api.service.places.held < 1:
        time.sleep(0.01)
    api.server.should_exit = True
    time.sleep(0.3)
    with pytest.raises(httpx.ConnectError):
        httpx.get(f"{api.url}/healthz", trust_env=False)
    going.set()
    waiting.join()
    assert answers[0]["photos"][0]["verdict"] == "deepfake"
    api.thread.join(20)
    assert json.loads(capfd.readouterr().err.splitlines()[-1])["event"] == "ended"
