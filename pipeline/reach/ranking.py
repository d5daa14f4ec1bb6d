"""Photos and their figures, joined and ranked; what is left out of the ranking is kept apart, by why."""

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

from pipeline.reach.engagement import Engagement, Row
from pipeline.reach.harm import Harm, Weights, harm_of
from pipeline.reach.matching import Matching, match
from pipeline.reach.posts import Engaged, engaged_of
from pipeline.reach.scored import Scored, ScoredPhotos
from pipeline.reach.views import PerView
from pipeline.words.warnings import Warning, warning_of


@dataclass(frozen=True)
class Joined:
    """A photo and its figures.

    Attributes:
        photo: with its verdict, as far as it has one.
        engaged: its figures.
    """

    photo: Scored
    engaged: Engaged


@dataclass(frozen=True)
class Join:
    """The photos of a source and a file of figures, brought together.

    Attributes:
        engagement: the file.
        scored: the photos.
        matching: which row is about which photo.
        known: photos that can be ranked: with a probability, and with figures.
        no_verdict: photos with figures that have no probability: not examined, or no face scored.
        hidden: photos with figures whose verdict is hidden from the person who asks.
        no_figures: photos without figures in the file.
        elsewhere: reach of what the file tells of other photos.
    """

    engagement: Engagement
    scored: ScoredPhotos
    matching: Matching
    known: tuple[Joined, ...]
    no_verdict: tuple[Joined, ...]
    hidden: tuple[Joined, ...]
    no_figures: tuple[Scored, ...]
    elsewhere: float

    @property
    def all_reach(self) -> float:
        """Reach of everything that the file tells of."""
        return self.elsewhere + sum(
            joined.engaged.reach or 0.0 for part in (self.known, self.no_verdict, self.hidden) for joined in part
        )

    @property
    def estimated(self) -> float:
        """How much of the reach of photos that can be ranked is estimated."""
        return sum(joined.engaged.estimated for joined in self.known)


@dataclass(frozen=True)
class Ranked:
    """A photo in its place.

    Attributes:
        photo: with its verdict.
        engaged: its figures.
        reach: how many it reached.
        harm: expected of it.
        warning: that viewers would get at the threshold.
    """

    photo: Scored
    engaged: Engaged
    reach: float
    harm: Harm
    warning: Warning


def join(engagement: Engagement, scored: ScoredPhotos, per_view: PerView | None = None) -> Join:
    """Bring photos and figures together.

    Args:
        engagement: a file of figures.
        scored: the photos.
        per_view: how views are estimated where there are none; None for the usual way.
    """
    per_view = per_view or PerView()
    matching = match(engagement.rows, scored)
    parts: dict[str, list[Joined]] = defaultdict(list)
    no_figures = []
    for photo in scored.photos:
        rows = matching.rows.get(photo.key)
        engaged = engaged_of(rows, per_view) if rows else None
        if engaged is None or engaged.reach is None:
            no_figures.append(photo)
            continue
        why = "hidden" if photo.hidden else "no verdict" if photo.p_edited is None else "known"
        parts[why].append(Joined(photo, engaged))
    return Join(
        engagement,
        scored,
        matching,
        tuple(parts["known"]),
        tuple(parts["no verdict"]),
        tuple(parts["hidden"]),
        tuple(no_figures),
        _elsewhere(matching.others, per_view),
    )


def _elsewhere(rows: Sequence[Row], per_view: PerView) -> float:
    """Return the reach of rows about other photos, each of which is known by what the row calls it."""
    groups: dict[tuple[str, str], list[Row]] = defaultdict(list)
    for row in rows:
        named = row.photo or row.sha256 or row.md5
        groups[named, "" if named else row.url].append(row)
    return sum(engaged_of(group, per_view).reach or 0.0 for group in groups.values())


def rank(joined: Join, weights: Weights, threshold: float) -> list[Ranked]:
    """Return the photos that can be ranked, largest expected harm first; equal ones by probability, reach and name.

    Args:
        joined: photos and figures.
        weights: of the kinds of edit.
        threshold: probability from which viewers are warned.
    """
    ranked = []
    for each in joined.known:
        photo, reach = each.photo, each.engaged.reach or 0.0
        harm = harm_of(photo.p_edited or 0.0, photo.p_deepfake, reach, weights)
        warning = warning_of(photo.label, photo.p_edited, photo.p_deepfake, threshold, photo.reasons)
        ranked.append(Ranked(photo, each.engaged, reach, harm, warning))
    return sorted(ranked, key=lambda one: (-one.harm.total, -(one.photo.p_edited or 0.0), -one.reach, one.photo.name))
