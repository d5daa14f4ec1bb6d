"""Content credentials (C2PA 2.x): whether a photo carries signed ones, whether they hold, and what they say.

Nothing is fetched: no credentials kept elsewhere, no revocation lists, no time stamps.
"""

from collections.abc import Iterator

from pipeline.errors import TriageError
from pipeline.evidence.bounds import cut, short
from pipeline.evidence.exhibits import show_picture
from pipeline.evidence.file_parts.credentials import Credentials, carries_credentials, read_credentials
from pipeline.evidence.file_parts.metadata import metadata_of
from pipeline.evidence.file_parts.source_types import says_of, suspicious_words
from pipeline.evidence.finding import Evidence, Exhibit, Fact, Finding, Weight
from pipeline.photo import Photo

TITLE = "Content credentials (C2PA)"
ORDER = 60
HOW_TO_READ = (
    "Some cameras, editors and generators sign what they did to a picture. Most photos carry no credentials, and apps "
    "remove them: their absence is not suspicious. Credentials that hold show that the file is as the signer wrote it, "
    "and what the signer says of it, which may be wrong; a signer who is on no list of trusted ones can be anybody. "
    "Credentials that do not hold mean that the file was changed afterwards, if only by an app that wrote it anew."
)
NOT_FETCHED = "Nothing was fetched from the network: no lists of revoked certificates, nothing that is kept elsewhere."
MOST_ACTIONS = 60
MOST_INGREDIENTS = 20
MOST_EXHIBITS = 6
ELSEWHERE = "dcterms:provenance"
FAILURES = {
    "assertion.dataHash.mismatch": "the picture was changed after it was signed",
    "assertion.bmffHash.mismatch": "the picture was changed after it was signed",
    "assertion.boxesHash.mismatch": "the picture was changed after it was signed",
    "assertion.hashedURI.mismatch": "an entry was changed after it was signed",
    "assertion.missing": "an entry that was signed is missing",
    "claimSignature.mismatch": "the signature does not fit what it signs",
    "claimSignature.missing": "the signature is missing",
    "signingCredential.untrusted": "the signer is on no list of trusted signers that is kept here",
    "signingCredential.invalid": "the signer's certificate is not one that may sign credentials",
    "signingCredential.expired": "the signer's certificate was not valid at that time",
    "signingCredential.ocsp.revoked": "the signer's certificate was revoked",
    "ingredient.manifest.missing": "the credentials of what it was made from are missing",
}
"""Codes of what does not hold (C2PA 2.2, 15.2) to words."""


def look(evidence: Evidence) -> Finding:
    """Show whether the photo carries credentials, whether they hold, and what they say."""
    photo = evidence.photo
    if not carries_credentials(photo.data):
        return _absent(photo)
    credentials = read_credentials(photo)
    if credentials.problem:
        shows = "Content credentials are there, but they are damaged and cannot be read."
        return _finding("look", shows, (Fact("Why", credentials.problem),))
    facts = (*_facts(credentials), Fact("Trusted signers", credentials.trust), Fact("Network", NOT_FETCHED))
    suspicious = list(_suspicious(credentials))
    weight: Weight = "look" if suspicious or credentials.state in ("invalid", "untrusted") else "ordinary"
    return _finding(weight, _sentence(credentials, suspicious), facts, tuple(_exhibits(credentials)))


def _finding(weight: Weight, shows: str, facts: tuple[Fact, ...] = (), exhibits: tuple[Exhibit, ...] = ()) -> Finding:
    return Finding("content_credentials", TITLE, weight, shows, HOW_TO_READ, facts, exhibits)


def _absent(photo: Photo) -> Finding:
    address = metadata_of(photo).property(ELSEWHERE)
    if address:
        shows = "The file says that its content credentials are kept elsewhere; they were not fetched."
        return _finding("ordinary", shows, (Fact("Kept at", address), Fact("Network", NOT_FETCHED)))
    return _finding("nothing", "The file carries no content credentials, which is not suspicious.")


def _facts(credentials: Credentials) -> Iterator[Fact]:
    yield Fact("State", credentials.state)
    for code, explanation in credentials.failures:
        yield Fact("Does not hold", f"{FAILURES.get(code, explanation)} ({code})")
    for name, value in (
        ("Signed by", credentials.signer),
        ("Signed at", credentials.signed_at or "not told by a time stamp"),
        ("Written by", credentials.generator),
        ("Title", credentials.title),
    ):
        if value:
            yield Fact(name, value)
    for action in credentials.actions[:MOST_ACTIONS]:
        words = says_of(action.source_type)
        kind = f"{action.source_type} ({words})" if words else action.source_type
        parts = (action.name, action.when, f"by {action.by}" if action.by else "", kind)
        yield Fact("Action", " · ".join(cut(part, 300) for part in parts if part))
    for ingredient in credentials.ingredients[:MOST_INGREDIENTS]:
        problems = "; ".join(FAILURES.get(code, code) for code in ingredient.failures[:6])
        doubt = f" ({problems})" if problems else ""
        yield Fact("Made from", f"{cut(ingredient.title, 300)} · {ingredient.relationship}{doubt}")
    more = len(credentials.actions) - MOST_ACTIONS, len(credentials.ingredients) - MOST_INGREDIENTS
    if max(more) > 0:
        yield Fact("Left out", f"{max(0, more[0]):,} actions, {max(0, more[1]):,} ingredients")


def _suspicious(credentials: Credentials) -> Iterator[str]:
    """Yield what the actions say of the picture where that is no plain capture."""
    for action in credentials.actions:
        words = suspicious_words(action.source_type) if action.source_type else ""
        if words:
            yield words


def _sentence(credentials: Credentials, suspicious: list[str]) -> str:
    signer = short(credentials.signer) if credentials.signer else "an unnamed signer"
    if credentials.state == "invalid":
        code, explanation = next(iter(credentials.failures), ("", ""))
        first = f"The content credentials do not hold: {FAILURES.get(code, explanation) or 'no reason is given'}."
    elif credentials.state == "valid and trusted":
        first = f"The content credentials hold and were signed by {signer}, which is trusted here."
    elif credentials.state == "untrusted":
        first = (
            f"The content credentials hold, but were signed by {signer}, which is on no list of trusted signers here."
        )
    else:
        first = f"The content credentials hold. Who signed them, {signer}, could not be checked: no list is kept here."
    return f"{first} They say that the picture is {suspicious[0]}." if suspicious else first


def _exhibits(credentials: Credentials) -> Iterator[Exhibit]:
    pictures = [("The picture as it was signed", credentials.thumbnail)]
    pictures += [(f"Made from {short(one.title, 60)}", one.thumbnail) for one in credentials.ingredients]
    for title, data in [one for one in pictures if one[1]][:MOST_EXHIBITS]:
        try:
            rgb = Photo.read(data, partial=True).rgb
        except TriageError:
            continue
        yield show_picture(rgb, title, "As the content credentials keep it; it is as trustworthy as they are.")
