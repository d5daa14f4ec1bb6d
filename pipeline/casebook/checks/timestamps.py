"""RFC 3161 timestamps of a log's head: an authority outside signs that it was there at a time."""

import base64
import urllib.request
from collections.abc import Iterator, Sequence
from http.client import HTTPException

from cryptography.hazmat.primitives.hashes import SHA256, Hash
from rfc3161_client import HashAlgorithm, TimestampRequestBuilder, decode_timestamp_response

from pipeline.casebook.case import Case
from pipeline.casebook.checks.check import Check
from pipeline.casebook.log import Entry
from pipeline.errors import NotTimestamped
from pipeline.settings import settings

SECONDS = 30
LARGEST = 1_000_000
"""Bytes of an answer at most; a timestamp has a few thousand."""
TIMESTAMP_QUERY = "application/timestamp-query"


def timestamp(case: Case) -> Entry:
    """Have the log's head timestamped by the server of the settings, and log the timestamp; return that entry.

    Raises:
        NotTimestamped: no server is set, or it gave no timestamp of this head.
    """
    address = settings().timestamp_url
    if not address.startswith(("http://", "https://")):
        raise NotTimestamped("No timestamp server is set: name one by TELLTALE_TIMESTAMP_URL, as http:// or https://.")
    head = case.entries()[-1]
    question = TimestampRequestBuilder().data(head.sha256.encode()).hash_algorithm(HashAlgorithm.SHA256).build()
    try:
        request = urllib.request.Request(address, question.as_bytes(), {"Content-Type": TIMESTAMP_QUERY})
        with urllib.request.urlopen(request, timeout=SECONDS) as answer:
            token = answer.read(LARGEST)
    except (OSError, HTTPException, ValueError) as problem:
        raise NotTimestamped(f"The timestamp server {address} did not answer: {problem}.") from problem
    if fault := find_fault(token, head.sha256):
        raise NotTimestamped(f"The timestamp server {address} gave no timestamp that holds: {fault}")
    facts = {"entry": head.number, "head": head.sha256, "server": address, "time": time_of(token)}
    return case.act(("timestamped", facts | {"token": base64.b64encode(token).decode()}))[0]


def find_fault(token: bytes, head: str) -> str:
    """Return in what a timestamp fails to speak of a head, as a sentence; "" where it does.

    Args:
        token: the server's answer, DER (RFC 3161, TimeStampResp).
        head: an entry's SHA-256, in hex digits, as text.
    """
    try:
        response = decode_timestamp_response(token)
        imprint = response.tst_info.message_imprint.message
    except ValueError as problem:
        return f"It is no timestamp: {problem}."
    digest = Hash(SHA256())
    digest.update(head.encode())
    if response.status not in (0, 1):
        return f"The authority refused it (status {response.status})."
    return "" if imprint == digest.finalize() else "It speaks of something else."


def time_of(token: bytes) -> str:
    """Return the time that a timestamp names, UTC, ISO 8601."""
    return decode_timestamp_response(token).tst_info.gen_time.strftime("%Y-%m-%dT%H:%M:%SZ")


def check_timestamps(entries: Sequence[Entry]) -> Iterator[Check]:
    """Look whether each timestamp of a log speaks of the entry that it names, and of the time that the log tells.

    Whose certificate signed it, and whether that is to be trusted, is for the authority's own certificate to tell: take
    the token out of the archive and check it with `openssl ts -verify`.
    """
    heads = {entry.number: entry.sha256 for entry in entries}
    for entry in entries:
        if entry.act == "timestamped" and {"entry", "head", "token", "time"} <= set(entry.facts):
            facts = entry.facts
            what = f"timestamp of entry {facts['entry']}"
            try:
                token = base64.b64decode(facts["token"], validate=True)
            except ValueError:
                yield Check(what, False, "It cannot be read.")
                continue
            fault = find_fault(token, facts["head"])
            if not fault and heads.get(facts["entry"]) != facts["head"]:
                fault = "The entry has another hash by now."
            if not fault and (signed := time_of(token)) != facts["time"]:
                fault = f"It was signed at {signed}, and the log says {facts['time']}."
            words = fault or f"It speaks of that entry's hash, at {facts['time']}; check its signer with openssl."
            yield Check(what, not fault, words)
