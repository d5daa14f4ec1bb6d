"""Webhooks: signed as Standard Webhooks has it, tried again, and never sent to a private address."""

import asyncio
import hashlib
import hmac
import json
import threading
import time
from base64 import b64decode, b64encode
from http.server import BaseHTTPRequestHandler, HTTPServer

import httpx
import pytest

from pipeline.api import webhooks
from pipeline.api.job_store import Job, JobStore
from pipeline.api.webhooks import is_public, resolve, sign
from pipeline.errors import BadWebhook, DiskFull
from tests.served_api import is_problem


@pytest.fixture
def receiver():
    """A server that keeps what it is sent, and answers by a list of statuses, the last for ever."""

    class Handler(BaseHTTPRequestHandler):
        def do_POST(self):
            body = self.rfile.read(int(self.headers["content-length"]))
            server.got.append((dict(self.headers), body))
            status = server.statuses.pop(0) if len(server.statuses) > 1 else server.statuses[0]
            self.send_response(status)
            self.send_header("location", "http://127.0.0.1:1/")
            self.end_headers()

        def log_message(self, *args):
            pass

    server = HTTPServer(("127.0.0.1", 0), Handler)
    server.got, server.statuses = [], [200]
    server.url = f"http://127.0.0.1:{server.server_port}/hook?a=b"
    thread = threading.Thread(target=server.serve_forever)
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def told(api, job_id, state):
    until = time.monotonic() + 20
    while (hook := api.client.get(f"/v1/jobs/{job_id}").json()["webhook"])["state"] != state:
        assert time.monotonic() < until, hook
        time.sleep(0.02)
    return hook


HERE = '["127.0.0.1"]'


def test_the_end_of_a_job_is_told_and_signed(serving, receiver, face):
    api = serving(api_webhook_hosts=HERE)
    job = api.job(face, webhook=receiver.url).json()
    assert told(api, job["id"], "delivered") == {"state": "delivered", "tries": 1, "last": "200"}
    ((headers, body),) = receiver.got
    event = json.loads(body)
    assert (
        event["type"] == "job.done" and event["data"]["id"] == job["id"] and event["data"]["account"]["examined"] == 1
    )
    secret = b64decode(api.service.keys.webhook_secret("").removeprefix("whsec_"))
    signed = f"{headers['webhook-id']}.{headers['webhook-timestamp']}.".encode() + body
    expected = b64encode(hmac.new(secret, signed, hashlib.sha256).digest()).decode()
    assert headers["webhook-signature"] == f"v1,{expected}" and headers["webhook-id"] == f"msg_{job['id']}"
    assert abs(time.time() - int(headers["webhook-timestamp"])) < 60
    assert headers["host"] == f"127.0.0.1:{receiver.server_port}"


def test_the_signature_is_that_of_the_specification_s_own_example():
    """Standard Webhooks 1.0, "Signature scheme": its key, id, timestamp and body."""
    secret, body = "whsec_MfKQ9r8GKYqrTwjUPD8ILPZIo2LaLaSw", b'{"test": 2432232314}'
    expected = "v1,g0hM9SsE+OTPJTGt/tmIKtSyZlE3uFJELVlNIOLJ1OE="
    assert sign(secret, "msg_p5jXN8AQM9LWM0D4loKWxJek", 1614265330, body) == expected


def test_a_webhook_that_is_down_is_tried_again_with_growing_pauses_and_given_up(serving, receiver, face, monkeypatch):
    assert list(webhooks.PAUSES) == sorted(webhooks.PAUSES) and webhooks.PAUSES[-1] > 1000 * webhooks.PAUSES[0] / 2
    api = serving(api_webhook_hosts=HERE)
    api.service.webhooks.pauses = (0.05, 0.1)
    receiver.statuses = [500, 302, 204]
    job = api.job(face, webhook=receiver.url).json()
    assert told(api, job["id"], "delivered") == {"state": "delivered", "tries": 3, "last": "204"}
    assert len({headers["webhook-id"] for headers, _ in receiver.got}) == 1 and len(receiver.got) == 3
    receiver.statuses = [503]
    assert told(api, api.job(face, webhook=receiver.url).json()["id"], "given up")["tries"] == 3
    receiver.statuses = [410]
    assert told(api, api.job(face, webhook=receiver.url).json()["id"], "given up")["tries"] == 1
    down = "http://127.0.0.1:1/nobody"
    assert told(api, api.job(face, webhook=down).json()["id"], "given up")["last"] == "ConnectError"
    assert api.client.get("/readyz").status_code == 200


def test_what_was_not_told_is_told_after_the_next_start(serving, receiver, face):
    receiver.statuses = [500]
    first = serving(api_webhook_hosts=HERE)
    job = first.job(face, webhook=receiver.url).json()
    until = time.monotonic() + 20
    while first.client.get(f"/v1/jobs/{job['id']}").json()["webhook"]["tries"] < 1:
        assert time.monotonic() < until
        time.sleep(0.02)
    first.stop()
    receiver.statuses = [200]
    assert told(serving(), job["id"], "delivered")["tries"] == 2


def test_what_cannot_be_signed_is_not_sent_and_told_once_it_can(serving, receiver, face, home, capfd):
    api, secret = serving(api_webhook_hosts=HERE), home / "api" / "secret"
    api.service.webhooks.pauses = (0.2,) * 100
    api.service.keys.webhook_secret("")
    secret.write_bytes(b"")
    job = api.job(face, webhook=receiver.url).json()
    until = time.monotonic() + 20
    while (hook := api.client.get(f"/v1/jobs/{job['id']}").json()["webhook"])["tries"] < 1:
        assert time.monotonic() < until
        time.sleep(0.02)
    assert hook["last"] == "damaged_keys" and receiver.got == []
    secret.unlink()
    assert told(api, job["id"], "delivered")["last"] == "200" and len(receiver.got) == 1
    assert '"where": "webhook"' in capfd.readouterr().err


def test_a_host_in_other_letters_is_called_as_names_are_looked_up(home, keys, monkeypatch):
    looked, sent = [], []

    async def look(self, host, port, **more):
        looked.append(host)
        return [(2, 1, 6, "", ("93.184.215.14", port))]

    def stream(self, **message):
        sent.append(message)
        httpx.Request(message["method"], message["url"], headers=message["headers"])
        raise httpx.ConnectError("nobody is called")

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look)
    monkeypatch.setattr(httpx.AsyncClient, "stream", stream)
    key, _ = keys.make("desk", ("jobs",))
    hook = {"url": "https://bücher.example:8443/ä?ö=ü", "state": "waiting", "tries": 0, "last": ""}
    job = Job("a" * 32, key.id, "", "", (), webhook=hook)
    hooks = webhooks.Webhooks(JobStore(home / "jobs", 1), keys, ())
    assert asyncio.run(hooks._try(job)) == "ConnectError"
    assert looked == ["xn--bcher-kva.example"]
    assert sent[0]["headers"]["host"] == "xn--bcher-kva.example:8443"
    assert sent[0]["extensions"] == {"sni_hostname": "xn--bcher-kva.example"}


@pytest.mark.parametrize("host", ["１２７.0.0.1", "a\u200db.example", "ä" * 64 + ".example", "\u2488.example"])
def test_other_letters_that_are_no_name_are_refused(host):
    with pytest.raises(BadWebhook):
        webhooks.split(f"https://{host}/", ())


def test_on_a_full_disk_it_is_told_once_and_kept_later(serving, receiver, face, monkeypatch):
    api, update, full = serving(api_webhook_hosts=HERE), JobStore.update, [2]

    def rarely(self, job_id, **changes):
        if changes.get("webhook", {}).get("tries") and full[0]:
            full[0] -= 1
            raise DiskFull("The disk is full.")
        return update(self, job_id, **changes)

    monkeypatch.setattr(JobStore, "update", rarely)
    monkeypatch.setattr(webhooks, "WHILE_FULL", 0.05)
    job = api.job(face, webhook=receiver.url).json()
    assert told(api, job["id"], "delivered")["tries"] == 1
    assert len(receiver.got) == 1 and full == [0]


PRIVATE = (
    "10.0.0.1 127.0.0.1 169.254.169.254 192.168.1.1 172.16.0.1 0.0.0.0 100.64.0.1 224.0.0.1 255.255.255.255 "
    ":: ::1 fe80::1%eth0 fc00::1 ::ffff:10.0.0.1 64:ff9b::a00:1 2002:a00:1::"
)


@pytest.mark.parametrize("address", PRIVATE.split())
def test_private_addresses_are_none_of_the_open_net(address):
    assert not is_public(address)


def test_public_addresses_are():
    assert is_public("93.184.215.14") and is_public("2606:2800:21f:cb07:6820:80da:af6b:8b2c")


REFUSED = (
    "http://example.org/ https://127.0.0.1/ https://localhost/x https://[::1]/ https://0x7f000001/ ftp://example.org/ "
    "https://2130706433/ https:// https://user:pass@93.184.215.14/ javascript:alert(1) file:///etc/passwd "
    "https://93.184.215.14:99999/ https://169.254.169.254/latest/meta-data https://no.such.host.invalid/ "
    "//93.184.215.14/"
)


def test_other_addresses_are_refused_before_a_job_is_made(api, face):
    for url in (*REFUSED.split(), "https://a b/", "https://" + "a" * 3000, ""):
        is_problem(api.job(face, webhook=url), 422, "bad_webhook")
    assert api.service.jobs.all() == [] and not list(api.service.jobs.folder.glob("*"))


def test_the_address_that_was_looked_at_is_the_one_that_is_called(monkeypatch):
    """A name that leads elsewhere a moment later (DNS rebinding) leads nowhere: one look-up is all there is."""
    looked = []

    async def look(self, host, port, **more):
        looked.append(host)
        return [(2, 1, 6, "", ("93.184.215.14", port)), (2, 1, 6, "", ("10.0.0.1", port))]

    monkeypatch.setattr(asyncio.BaseEventLoop, "getaddrinfo", look)
    with pytest.raises(BadWebhook, match="private"):  # one of several is enough to refuse
        asyncio.run(resolve("https://hooks.example/x", ()))
    assert asyncio.run(resolve("https://hooks.example/x", ("hooks.example",))) == "93.184.215.14"
    assert looked == ["hooks.example"] * 2
