"""`Credentials`: what c2pa reads of a photo's content credentials, offline, and whom this installation trusts."""

import hashlib
import io
import json
from collections.abc import Iterator
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Any, Literal

from pipeline.evidence.bounds import cut
from pipeline.photo import Photo
from pipeline.settings import settings

State = Literal["valid and trusted", "valid, signer not checked", "untrusted", "invalid", ""]
"""Trusted by a list that is kept here; there is no such list; the signer is not on it; it does not hold; unread."""
TRUST = "trust"
"""Folder under the home folder whose .pem files hold certificates of trusted signers."""
MOST_TRUST = 10_000_000
UNTRUSTED = "signingCredential.untrusted"
TYPES = MappingProxyType({"JPEG": "image/jpeg", "PNG": "image/png", "WEBP": "image/webp", "TIFF": "image/tiff",
                          "GIF": "image/gif", "HEIF": "image/heic", "AVIF": "image/avif"})  # fmt: skip
OFFLINE: MappingProxyType[str, Any] = MappingProxyType(
    {
        "core": {"allowed_network_hosts": [], "decode_identity_assertions": False},
        "verify": {"remote_manifest_fetch": False, "ocsp_fetch": False, "verify_trust": True},
    }
)
"""Settings by which nothing is fetched."""
MOST_TEXT = 1000


@dataclass(frozen=True)
class Action:
    """Something that was done to the picture: C2PA's name for it, when, by what, and IPTC's digital source type."""

    name: str
    when: str
    by: str
    source_type: str


@dataclass(frozen=True)
class Ingredient:
    """Something that the picture was made from, with codes of what does not hold of its own credentials."""

    title: str
    relationship: str
    failures: tuple[str, ...] = ()
    thumbnail: bytes = field(default=b"", repr=False)


@dataclass(frozen=True)
class Credentials:
    """What a photo's active manifest says.

    Attributes:
        state: whether it holds.
        trust: what trust was decided by.
        problem: why it could not be read; "" where it could.
        failures: code and explanation of what does not hold.
        signer, signed_at, generator, title: as they stand there; "" where they do not.
        actions, ingredients: of the active manifest, in their order.
        thumbnail: the picture as it was when it was signed; empty where none is kept.
    """

    state: State
    trust: str
    problem: str = ""
    failures: tuple[tuple[str, str], ...] = ()
    signer: str = ""
    signed_at: str = ""
    generator: str = ""
    title: str = ""
    actions: tuple[Action, ...] = ()
    ingredients: tuple[Ingredient, ...] = ()
    thumbnail: bytes = field(default=b"", repr=False)


def carries_credentials(data: bytes) -> bool:
    """Tell whether a file holds the boxes that credentials are kept in (JUMBF)."""
    return b"jumb" in data and b"c2pa" in data


def read_credentials(photo: Photo) -> Credentials:
    """Read a photo's credentials; those that are damaged give a `problem`."""
    import c2pa  # of 23 MB, for the few photos that carry credentials

    anchors, trust = trusted_signers()
    config = {**OFFLINE, "trust": {"trust_anchors": anchors}} if anchors else dict(OFFLINE)
    try:
        with c2pa.Context.from_dict(config) as context:
            reader = c2pa.Reader.try_create(TYPES.get(photo.format), io.BytesIO(photo.data), None, context)
            if reader is None:
                return Credentials(
                    "", trust, "Boxes of content credentials are there, but none that belong to the photo."
                )
            with reader:
                return _credentials(reader, trust, bool(anchors))
    except c2pa.C2paError as problem:
        return Credentials("", trust, cut(str(problem), MOST_TEXT))


def trusted_signers() -> tuple[str, str]:
    """Return certificates of trusted signers as PEM, "" where none are kept here, and words on where they come from."""
    folder = settings().home / TRUST
    texts = [path.read_bytes()[:MOST_TRUST] for path in sorted(folder.glob("*.pem"))] if folder.is_dir() else []
    anchors = b"\n".join(texts).decode("ascii", "ignore")
    count = anchors.count("-----BEGIN CERTIFICATE-----")
    if not count:
        return "", f"none are kept here: certificates in {TRUST}/*.pem under TELLTALE_HOME would be"
    digest = hashlib.sha256(anchors.encode()).hexdigest()
    return anchors, f"{count:,} certificates in {TRUST}/*.pem, SHA-256 {digest[:16]}…"


def _credentials(reader: Any, trust: str, has_list: bool) -> Credentials:
    record = json.loads(reader.json())
    manifest = _inside(record, "manifests", record.get("active_manifest"))
    results = _inside(record, "validation_results", "activeManifest")
    failures = tuple((_text(one, "code"), _text(one, "explanation")) for one in _list(results, "failure"))
    info = _inside(manifest, "signature_info")
    return Credentials(
        state=_state(str(reader.get_validation_state()), failures, has_list),
        trust=trust,
        failures=tuple(one for one in failures if has_list or one[0] != UNTRUSTED),
        signer=", ".join(filter(None, (_text(info, "common_name"), _text(info, "issuer")))),
        signed_at=_text(info, "time"),
        generator=", ".join(_names(_list(manifest, "claim_generator_info"))) or _text(manifest, "claim_generator"),
        title=_text(manifest, "title"),
        actions=tuple(_actions(manifest)),
        ingredients=tuple(_ingredients(reader, manifest)),
        thumbnail=_picture(reader, manifest),
    )


def _state(state: str, failures: tuple[tuple[str, str], ...], has_list: bool) -> State:
    if state == "Trusted":
        return "valid and trusted"
    if state != "Valid" or any(code != UNTRUSTED for code, _ in failures):
        return "invalid"
    return "untrusted" if has_list else "valid, signer not checked"


def _names(infos: list[dict[str, Any]]) -> Iterator[str]:
    for info in infos:
        yield " ".join(filter(None, (_text(info, "name"), _text(info, "version"))))


def _actions(manifest: dict[str, Any]) -> Iterator[Action]:
    for assertion in _list(manifest, "assertions"):
        if not _text(assertion, "label").startswith("c2pa.actions"):
            continue
        for action in _list(_inside(assertion, "data"), "actions"):
            agent = action.get("softwareAgent")
            by = _text(agent, "name") if isinstance(agent, dict) else _text(action, "softwareAgent")
            yield Action(_text(action, "action"), _text(action, "when"), by, _text(action, "digitalSourceType"))


def _ingredients(reader: Any, manifest: dict[str, Any]) -> Iterator[Ingredient]:
    for one in _list(manifest, "ingredients"):
        failures = _list(_inside(one, "validation_results", "activeManifest"), "failure")
        codes = tuple(code for code in (_text(failure, "code") for failure in failures) if code != UNTRUSTED)
        yield Ingredient(_text(one, "title"), _text(one, "relationship"), codes, _picture(reader, one))


def _picture(reader: Any, holder: dict[str, Any]) -> bytes:
    """Return the bytes of a thumbnail that a manifest or an ingredient keeps; none where it cannot be fetched."""
    import c2pa

    identifier = _inside(holder, "thumbnail").get("identifier")
    if not isinstance(identifier, str):
        return b""
    stream = io.BytesIO()
    try:
        reader.resource_to_stream(identifier, stream)
    except c2pa.C2paError:
        return b""
    return stream.getvalue()


def _inside(record: Any, *keys: Any) -> dict[str, Any]:
    """Return the object at a path of keys; an empty one where the path leads elsewhere."""
    for key in keys:
        record = record.get(key) if isinstance(record, dict) else None
    return record if isinstance(record, dict) else {}


def _list(record: dict[str, Any], key: str) -> list[dict[str, Any]]:
    """Return the objects of a list; none where there is no list."""
    value = record.get(key)
    return [one for one in value if isinstance(one, dict)] if isinstance(value, list) else []


def _text(record: dict[str, Any], key: str) -> str:
    """Return a value as text, cut; "" where it is not there."""
    value = record.get(key)
    return "" if value is None else cut(value if isinstance(value, str) else json.dumps(value), MOST_TEXT)
