"""What is kept of a case, read from its log: nouns for pages, report, archive and verification."""

from dataclasses import dataclass, field
from typing import Any

from pipeline.face import Box


@dataclass(frozen=True)
class Examined:
    """One examination of a photo of a case.

    Attributes:
        entry: number of the log's entry that tells of it.
        at: UTC, ISO 8601.
        who: who had it made.
        release: the release's name.
        release_sha256: hash of the release's file.
        verdict: label of the photo's verdict.
        p_edited, p_deepfake: calibrated probabilities of the decisive face; None where the stage did not run.
        dossier: SHA-256 of the object that holds all that was found, see `pipeline.casebook.dossier`.
        arrays: SHA-256 of the object with landmarks and maps.
        thumbnail: SHA-256 of a small JPEG of the photo.
        overlay: SHA-256 of a JPEG of the decisive face with its map; "" without a face.
    """

    entry: int
    at: str
    who: str
    release: str
    release_sha256: str
    verdict: str
    p_edited: float | None
    p_deepfake: float | None
    dossier: str
    arrays: str
    thumbnail: str
    overlay: str = ""


@dataclass(frozen=True)
class Opinion:
    """What a person holds of a photo.

    Attributes:
        entry: number of the log's entry.
        at: UTC, ISO 8601.
        who: whose it is.
        label: "real", "deepfake", "facetune" or "cannot tell".
        words: why, in the person's own words.
        region: what was marked, x0, y0, x1, y1 in photo pixels; None where nothing was.
        blind: it was given before this person could see the verdict here.
    """

    entry: int
    at: str
    who: str
    label: str
    words: str = ""
    region: Box | None = None
    blind: bool = False


@dataclass(frozen=True)
class Match:
    """A photo that stands in a list of known hashes.

    Attributes:
        known: the list's name.
        how: "sha256", "md5" or "near": a perceptual hash that differs in a few bits.
        note: what the list says of it.
    """

    known: str
    how: str
    note: str = ""


@dataclass(frozen=True)
class CasePhoto:
    """A photo of a case, and what became of it.

    Attributes:
        number: its place in the case, from 1; never given anew.
        name: what it was called when it was handed over.
        sha256: of its bytes.
        bytes: how many.
        at, who: when and by whom it was added.
        source: where it came from: "files", "run <id>", "archive".
        examinations: oldest first; the last counts.
        error: why it could not be examined, with `code` and `message`; None where it could.
        opinions: oldest first; of one person the last counts.
        tags: sorted.
        matches: in lists of known hashes, when it arrived.
        deleted: reason of its deletion; None while it is kept.
    """

    number: int
    name: str
    sha256: str
    bytes: int
    at: str
    who: str
    source: str
    examinations: tuple[Examined, ...] = ()
    error: dict[str, Any] | None = None
    opinions: tuple[Opinion, ...] = ()
    tags: tuple[str, ...] = ()
    matches: tuple[Match, ...] = ()
    deleted: str | None = None

    @property
    def examined(self) -> Examined | None:
        """The examination that counts; None where there is none."""
        return self.examinations[-1] if self.examinations else None


@dataclass(frozen=True)
class Timestamp:
    """A signed time stamp (RFC 3161) of the log's head.

    Attributes:
        entry: number of the entry that was the head.
        head: its SHA-256.
        at: the time that the authority signed, UTC, ISO 8601.
        authority: the server that signed it.
        token: SHA-256 of its signed answer, which the log holds.
    """

    entry: int
    head: str
    at: str
    authority: str
    token: str


@dataclass(frozen=True)
class CaseRecord:
    """All that a case's log tells, as it stood at one of its entries.

    Attributes:
        id: never changes and is the same on every installation.
        name, description: as they were last given.
        created, created_by: when and by whom.
        blind: verdicts are hidden from a person until that person gave an opinion.
        archived: put away.
        tags: sorted.
        photos: in order of their numbers, deleted ones too.
        members: person → role, of those the case is shared with.
        entries: how many entries the log had.
        head: SHA-256 of the last of them.
        at: when that was made.
        acts: act → how many of these entries tell of it.
        timestamps: oldest first.
    """

    id: str
    name: str
    description: str
    created: str
    created_by: str
    blind: bool = False
    archived: bool = False
    tags: tuple[str, ...] = ()
    photos: tuple[CasePhoto, ...] = ()
    members: dict[str, str] = field(default_factory=dict)
    entries: int = 0
    head: str = ""
    at: str = ""
    acts: dict[str, int] = field(default_factory=dict)
    timestamps: tuple[Timestamp, ...] = ()
