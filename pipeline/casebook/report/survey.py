"""The first reading of a case: what is counted over all of its photos, before any of them is reported."""

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field

from pipeline.casebook.case_record import CasePhoto, CaseRecord, Examined
from pipeline.casebook.report.evidence_part import private_facts, title_of
from pipeline.casebook.report.harmless import one_line
from pipeline.casebook.report.kept import Kept
from pipeline.casebook.report.parts import Part, flat
from pipeline.examination import SLACK

Step = Callable[[], None]
"""Called after each photo that was read."""
MOST_READINGS = 200
"""Ways to read a signal that are given; there are about as many as signals."""
MOST_RELEASES = 50
"""Releases whose cards are given; a case has one or two."""


@dataclass
class ReleaseUse:
    """A release, as the photos of a case were examined with it.

    Attributes:
        name: the release's.
        sha256: of its file.
        dossier: of the first photo in which it is told in full; an empty one where there is none.
        photos: how many photos it examined.
    """

    name: str
    sha256: str
    dossier: Part = field(default_factory=Part)
    photos: int = 0


@dataclass
class Survey:
    """What is counted over the photos that were not deleted.

    Attributes:
        verdicts: label → photos.
        strengths: label and strength → photos.
        refused: photos that could not be examined.
        waiting: photos that were not examined yet.
        again: photos that were examined more than once.
        unread: photos whose dossier is gone or altered.
        faceless: photos in which no face was found.
        partial: photos whose file is cut short.
        unjudged: faces that were seen and not examined; `with_unjudged`: photos that have such.
        small_missed: photos in which small faces were not looked for.
        mapless: examined photos with a face and without a heatmap.
        private: facts that tell where or who somebody is.
        releases: by hash of the release's file.
        machines: machine and versions, as text → photos.
        readings: title of a signal and how it is read → its caution; in the order in which they are met.
    """

    verdicts: Counter[str] = field(default_factory=Counter)
    strengths: Counter[tuple[str, str]] = field(default_factory=Counter)
    refused: int = 0
    waiting: int = 0
    again: int = 0
    unread: int = 0
    faceless: int = 0
    partial: int = 0
    unjudged: int = 0
    with_unjudged: int = 0
    small_missed: int = 0
    mapless: int = 0
    private: int = 0
    releases: dict[str, ReleaseUse] = field(default_factory=dict)
    machines: Counter[tuple[str, str]] = field(default_factory=Counter)
    readings: dict[tuple[str, str], str] = field(default_factory=dict)

    @property
    def examined(self) -> int:
        """How many photos have a verdict."""
        return self.verdicts.total()


def survey(record: CaseRecord, kept: Kept, step: Step) -> Survey:
    """Read every photo's dossier once and count; one at a time is in memory."""
    counts = Survey()
    for photo in record.photos:
        if photo.deleted is None:
            _count_photo(counts, photo, kept)
        step()
    return counts


def _count_photo(counts: Survey, photo: CasePhoto, kept: Kept) -> None:
    counts.again += len(photo.examinations) > 1
    if photo.examined is None:
        counts.refused += photo.error is not None
        counts.waiting += photo.error is None
        return
    examined, dossier = photo.examined, kept.dossier(photo.examined.dossier)
    counts.verdicts[one_line(examined.verdict, 60)] += 1
    _count_release(counts, examined, dossier)
    if dossier is None:
        counts.unread += 1
    else:
        _count_dossier(counts, examined, dossier)


def _count_dossier(counts: Survey, examined: Examined, dossier: Part) -> None:
    record = dossier.part("record")
    faces, unjudged = len(record.parts("faces")), len(record.parts("faces_unjudged"))
    counts.strengths[(examined.verdict, dossier.part("words").text("strength", 40))] += 1
    counts.faceless += faces + unjudged == 0
    counts.partial += record.flag("partial")
    counts.unjudged += unjudged
    counts.with_unjudged += unjudged > 0
    counts.small_missed += record.count("faces_seen_from") > dossier.part("release").count("min_face") + SLACK
    counts.mapless += faces > 0 and not examined.overlay
    counts.private += private_facts(dossier)
    for finding in dossier.parts("findings"):
        if len(counts.readings) < MOST_READINGS and (how := finding.text("how_to_read")):
            counts.readings.setdefault((title_of(finding), how), finding.text("caution"))
    counts.machines[(dossier.text("machine", 200), flat(dossier.part("versions").data))] += 1


def _count_release(counts: Survey, examined: Examined, dossier: Part | None) -> None:
    key = one_line(examined.release_sha256, 64)
    if key not in counts.releases and len(counts.releases) >= MOST_RELEASES:
        return
    use = counts.releases.setdefault(key, ReleaseUse(one_line(examined.release, 120), key))
    use.photos += 1
    fits = dossier is not None and dossier.text("release_sha256", 64) == key
    if dossier is not None and fits and not use.dossier.data:
        wanted = ("release", "weights", "cards", "measured")
        use.dossier = Part({name: dossier.part(name).data for name in wanted})
