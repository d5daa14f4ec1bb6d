"""Keys: shown once, kept as hashes, refused at once when revoked; and who is let in without one."""

import errno
import hashlib
import json
import os
import subprocess
import sys
from pathlib import Path

import httpx
import pytest

from pipeline.api.keys import SCOPES, Keys
from pipeline.api.serve import configured
from pipeline.errors import DamagedKeys, DiskFull, UnknownName
from pipeline.settings import PROJECT
from tests.served_api import bearer, is_problem


def test_a_key_is_kept_as_a_hash_and_found_by_itself_alone(keys, home):
    key, shown = keys.make("desk", ("examine", "examine", "label"))
    kept = keys.path.read_text()
    assert shown.split("_", 2)[2] not in kept and hashlib.sha256(shown.encode()).hexdigest() in kept
    assert keys.path.stat().st_mode & 0o077 == 0 and key.scopes == ("examine", "label")
    assert keys.find(shown) == key
    other = keys.make("other", ("label",))[1]
    mixed = "_".join([*shown.split("_")[:2], other.split("_", 2)[2]])
    for wrong in ("", "tt_", shown[:-1], shown + "x", shown.upper(), mixed, "é" * 60, shown.replace("tt_", "TT_")):
        assert keys.find(wrong) is None
    with pytest.raises(UnknownName):
        keys.make("desk", ("everything",))


def test_a_revocation_counts_at_once_also_in_a_service_that_runs(serving, keys):
    key, shown = keys.make("desk", ("examine",))
    api = serving()
    assert api.client.get("/v1/releases", headers=bearer(shown)).status_code == 200
    Keys(keys.folder).revoke(key.id)
    problem = is_problem(api.client.get("/v1/releases", headers=bearer(shown)), 401, "no_key")
    assert "revoked" in problem["detail"]
    is_problem(api.client.get("/v1/releases"), 401, "no_key")  # that all are revoked opens nothing
    with pytest.raises(UnknownName):
        keys.revoke("0" * 12)


def test_use_is_noted(keys):
    _, shown = keys.make("desk", ("examine",))
    assert keys.listed()[0].used == ""
    keys.find(shown)
    assert Keys(keys.folder).listed()[0].used.startswith("20")


def test_a_damaged_file_lets_nobody_in(serving, keys):
    api = serving()
    keys.folder.mkdir(parents=True, exist_ok=True)
    for damage in ("", "{", "[]", '{"keys": [{"id": "a"}]}', '{"keys": 3}'):
        keys.path.write_text(damage)
        with pytest.raises(DamagedKeys):
            keys.known()
        is_problem(api.client.get("/v1/releases"), 503, "damaged_keys")
        is_problem(api.client.get("/readyz"), 503, "damaged_keys")


@pytest.mark.parametrize("size", [0, 31, 33])
def test_a_secret_that_is_not_whole_signs_nothing(keys, size):
    first, path = keys.webhook_secret("a"), keys.folder / "secret"
    assert path.stat().st_mode & 0o777 == 0o600 and path.stat().st_size == 32
    assert keys.webhook_secret("a") == first != keys.webhook_secret("b")
    path.write_bytes(bytes(size))
    with pytest.raises(DamagedKeys, match=f"{path} holds {size} bytes instead of 32. Restore .* or delete it"):
        keys.webhook_secret("a")
    path.unlink()
    assert keys.webhook_secret("a") != first


def test_a_secret_is_there_whole_or_not_at_all(keys, monkeypatch):
    def full(_):
        assert not (keys.folder / "secret").exists(), "it has its name only once the disk has it"
        raise OSError(errno.ENOSPC, "No space left on device")

    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", full)
        with pytest.raises(DiskFull):
            keys.webhook_secret("")
    assert list(keys.folder.iterdir()) == []
    link = Path.hardlink_to

    def later(self, part):
        self.write_bytes(b"q" * 32)  # by another process, in between
        link(self, part)

    monkeypatch.setattr(Path, "hardlink_to", later)
    assert keys.webhook_secret("") == Keys(keys.folder).webhook_secret("")
    assert [(path.name, path.read_bytes()) for path in keys.folder.iterdir()] == [("secret", b"q" * 32)]


def test_each_call_takes_its_scope_and_the_probes_none(serving, keys, face):
    shown = {scope: keys.make(scope, (scope,))[1] for scope in SCOPES}
    api = serving()
    calls = {
        "examine": lambda h: api.client.post("/v1/examinations", files={"files": face}, headers=h),
        "label": lambda h: api.client.post("/v1/labels", files={"file": face}, headers=h),
        "jobs": lambda h: api.client.post("/v1/jobs", files={"files": face}, headers=h),
        "metrics": lambda h: api.client.get("/metrics", headers=h),
    }
    for scope, call in calls.items():
        for key, value in shown.items():
            answer = call(bearer(value))
            if key == scope:
                assert answer.status_code < 300, answer.text
            else:
                assert f"scope {scope}" in is_problem(answer, 403, "no_scope")["detail"]
        refused = call({})
        is_problem(refused, 401, "no_key")
        assert refused.headers["www-authenticate"] == "Bearer"
        is_problem(call({"Authorization": f"Basic {shown[scope]}"}), 401, "no_key")
    for path in ("/v1/releases", "/openapi.json"):
        assert all(api.client.get(path, headers=bearer(value)).status_code == 200 for value in shown.values())
        is_problem(api.client.get(path), 401, "no_key")
    assert [api.client.get(path).status_code for path in ("/healthz", "/readyz")] == [200, 200]


def test_whoever_tries_keys_is_slowed_down(serving, keys):
    keys.make("desk", ("examine",))
    api = serving(api_rate=2)
    codes = [api.client.get("/v1/releases", headers=bearer(f"tt_{n:012x}_x")).status_code for n in range(3)]
    assert codes == [401, 401, 429]


FOREIGN = (
    {"host": "evil.example"},
    {"origin": "https://evil.example"},
    {"sec-fetch-site": "cross-site"},
    {"x-forwarded-for": "203.0.113.9"},
    {"forwarded": "for=203.0.113.9"},
)


def test_without_a_key_neither_proxies_nor_pages_of_others_are_answered(api):
    for headers in FOREIGN:
        is_problem(api.client.get("/v1/releases", headers=headers), 401, "no_key")
    assert api.client.get("/v1/releases", headers={"origin": "http://localhost:8501"}).status_code == 200


HOSTS = {"127.0.0.1": True, "::1": True, "localhost": True, "0.0.0.0": False, "::": False, "192.168.0.4": False}


@pytest.mark.parametrize(("host", "here"), HOSTS.items())
def test_only_on_this_machine_it_is_open_without_a_key(home, setting, monkeypatch, host, here):
    from pipeline.api import serve

    asked = []
    monkeypatch.setattr(serve, "create_app", lambda open_here: asked.append(open_here))
    configured(host, 1)
    assert asked == [here]


def test_a_service_for_other_machines_takes_a_key_though_none_was_made(serving, monkeypatch):
    from pipeline.api import serve

    monkeypatch.setattr(serve, "is_loopback", lambda host: False)
    api = serving()
    is_problem(api.client.get("/v1/releases"), 401, "no_key")
    assert httpx.get(f"{api.url}/healthz", trust_env=False).status_code == 200


def test_keys_from_the_command_line(home):
    def call(*arguments, code=0):
        command = [sys.executable, "-m", "pipeline", "keys", *arguments]
        done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, timeout=60, check=False)
        assert done.returncode == code, done.stderr
        return done

    made = call("new", "desk", "--scope", "label", "--scope", "jobs")
    shown, key_id = made.stdout.strip(), made.stdout.split("_")[1]
    assert Keys(home / "api").find(shown).scopes == ("label", "jobs")
    assert f"{key_id}  desk  label,jobs  made" in call("list").stdout
    assert call("secret", key_id).stdout.strip() in made.stderr
    assert "revoked" in call("revoke", key_id).stdout and Keys(home / "api").find(shown) is None
    assert "no key named" in call("revoke", "nonsense", code=2).stderr
    assert json.loads((home / "api" / "keys.json").read_text())["keys"][0]["revoked"]
