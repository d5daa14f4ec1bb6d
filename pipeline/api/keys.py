"""Keys of the web API: shown once, kept as hashes, each with what it may do, and revoked at once.

A key is `tt_<id>_<secret>`: the id finds it, the secret is 256 random bits. Of these only the SHA-256 is kept; a slow
hash would add nothing, as such a secret cannot be guessed (NIST SP 800-63B-4, 3.1.2, on look-up secrets).
"""

import hashlib
import hmac
import json
import os
import re
import secrets
from base64 import b64encode
from collections.abc import Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass, field, replace
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import Any

from pipeline.errors import DamagedKeys, UnknownName
from pipeline.storage.clock import now
from pipeline.storage.locks import held
from pipeline.storage.whole import room, write_whole

SCOPES = {
    "examine": "examine photos, and read what was found",
    "label": "ask for viewer warnings",
    "jobs": "make jobs of many photos, and read their results",
    "cases": "store examined photos in cases",
    "metrics": "read the service's own figures",
}
"""Scope → what it allows."""

FORM = re.compile(r"tt_([0-9a-f]{12})_([A-Za-z0-9_-]{43})")
SECRET_BYTES = 32
USED_EVERY = 60.0
"""Seconds after which it is written again that a key was used: not with every call."""


@dataclass(frozen=True)
class Key:
    """A key as it is kept.

    Attributes:
        id: the part of it that is no secret.
        name: who has it.
        sha256: of the whole key.
        scopes: what it may do, of `SCOPES`.
        created: when it was made, ISO 8601.
        revoked: when it was revoked; "" where it holds.
        used: when it was last used, within a minute; "" for never.
    """

    id: str
    name: str
    sha256: str
    scopes: tuple[str, ...]
    created: str
    revoked: str = ""
    used: str = ""


@dataclass
class Keys:
    """The keys of one home, in `api/keys.json`; read again whenever the file is another one.

    Attributes:
        folder: `api/` of the home.
    """

    folder: Path
    _stamp: tuple[int, int, int] | None = None
    _known: dict[str, Key] = field(default_factory=dict)
    _used: dict[str, str] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    @property
    def path(self) -> Path:
        """The file."""
        return self.folder / "keys.json"

    def known(self) -> dict[str, Key]:
        """Return id → key, the revoked ones too, oldest first.

        Raises:
            DamagedKeys: the file cannot be read, or holds something else.
        """
        with self._lock:
            try:
                facts = self.path.stat()
                stamp = (facts.st_mtime_ns, facts.st_size, facts.st_ino)
                if stamp != self._stamp:
                    self._known, self._stamp = _parse(self.path.read_bytes()), stamp
            except FileNotFoundError:
                self._known, self._stamp = {}, None
            except (OSError, ValueError, TypeError, KeyError, AttributeError) as problem:
                raise DamagedKeys(f"{self.path.name} cannot be read ({type(problem).__name__}).") from problem
            return self._known

    def find(self, presented: str) -> Key | None:
        """Return the key that was presented; None where there is none like it, or it was revoked.

        Raises:
            DamagedKeys: see `known`.
        """
        form = FORM.fullmatch(presented)
        key = self.known().get(form[1]) if form else None
        given = hashlib.sha256(presented.encode("utf-8", "surrogateescape")).hexdigest()
        same = hmac.compare_digest(given, key.sha256 if key else "0" * 64)  # in the same time, whatever differs
        if not (key and same) or key.revoked:
            return None
        self._note(key.id)
        return key

    def listed(self) -> list[Key]:
        """Return all keys with when they were last used, oldest first."""
        used = self._read_used()
        return [replace(key, used=used.get(key.id, "")) for key in self.known().values()]

    def make(self, name: str, scopes: Sequence[str]) -> tuple[Key, str]:
        """Make a key; return it and, this once, what to present.

        Raises:
            UnknownName: there is no such scope.
            DamagedKeys: see `known`.
        """
        for scope in scopes:
            if scope not in SCOPES:
                raise UnknownName.among("scope", scope, SCOPES)
        key_id = secrets.token_hex(6)
        shown = f"tt_{key_id}_{secrets.token_urlsafe(32)}"
        key = Key(key_id, name, hashlib.sha256(shown.encode()).hexdigest(), tuple(dict.fromkeys(scopes)), now())
        with self._changing() as keys:
            keys[key.id] = key
        return key, shown

    def revoke(self, key_id: str) -> Key:
        """Revoke a key for good; the next call with it is refused.

        Raises:
            UnknownName: there is no such key.
            DamagedKeys: see `known`.
        """
        with self._changing() as keys:
            if key_id not in keys:
                raise UnknownName.among("key", key_id, keys)
            keys[key_id] = replace(keys[key_id], revoked=keys[key_id].revoked or now())
            return keys[key_id]

    def webhook_secret(self, owner: str) -> str:
        """Return the secret that an owner's webhooks are signed with, as Standard Webhooks writes it.

        Args:
            owner: a key's id; "" for calls without a key.

        Raises:
            DamagedKeys: the file that it is made from is not whole: whoever guessed the rest could sign too.
            DiskFull: there is none, and no room for one.
        """
        path = self.folder / "secret"
        if not path.exists():
            _make_secret(path)
        secret = path.read_bytes()
        if len(secret) != SECRET_BYTES:
            said = (
                f"{path} holds {len(secret)} bytes instead of {SECRET_BYTES}. Restore this file from a copy, or delete "
            )
            raise DamagedKeys(f"{said}it: another is made, and `python -m pipeline keys secret ID` tells what is new.")
        return "whsec_" + b64encode(hmac.digest(secret, f"webhook:{owner}".encode(), "sha256")).decode()

    def _note(self, key_id: str) -> None:
        """Keep that a key was used, at most once a minute; that it cannot be kept ends no call."""
        at, before = now(), self._used.get(key_id, "")
        if before and _seconds(at) - _seconds(before) < USED_EVERY:
            return
        self._used[key_id] = at
        try:
            write_whole(self.folder / "used.json", json.dumps(self._read_used() | self._used).encode())
        except OSError:
            self._used.pop(key_id, None)

    def _read_used(self) -> dict[str, str]:
        try:
            used: dict[str, str] = json.loads((self.folder / "used.json").read_bytes())
        except (OSError, ValueError):
            return {}
        return used

    @contextmanager
    def _changing(self) -> Iterator[dict[str, Key]]:
        """Give the keys to be changed, no other process changing them meanwhile; write them whole."""
        self.folder.mkdir(parents=True, exist_ok=True)
        with held(self.folder / "keys.lock", wait=True):
            keys = dict(self.known())
            yield keys
            entries = [{k: v for k, v in asdict(key).items() if k != "used"} for key in keys.values()]
            write_whole(self.path, json.dumps({"keys": entries}, indent=1).encode() + b"\n", durable=True)
            self.path.chmod(0o600)


def _make_secret(path: Path) -> None:
    """Make the file that webhook secrets are made from, whole or not at all; one that another process made stays.

    Raises:
        DiskFull: there is no room.
    """
    path.parent.mkdir(parents=True, exist_ok=True)
    part = path.with_name(f".{path.name}.{secrets.token_hex(4)}.part")
    with room(path.parent, part):
        with os.fdopen(os.open(part, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "wb") as file:
            file.write(secrets.token_bytes(SECRET_BYTES))
            file.flush()
            os.fsync(file.fileno())
        with suppress(FileExistsError):  # another process was quicker: a link, unlike a rename, takes no file's place
            path.hardlink_to(part)
        part.unlink()


def _seconds(at: str) -> float:
    return datetime.fromisoformat(at).timestamp()


def _parse(data: bytes) -> dict[str, Key]:
    entries: list[dict[str, Any]] = json.loads(data)["keys"]
    keys = [Key(**{**entry, "scopes": tuple(entry["scopes"])}) for entry in entries]
    return {key.id: key for key in keys}
