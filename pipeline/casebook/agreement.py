"""Do people agree about the photos of a case, and with the release? Counted from their opinions alone."""

from collections import Counter
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import combinations

from pipeline.casebook.case import OPINIONS

UNDECIDED = "cannot tell"
"""The opinion that says neither that a photo was edited nor that it was not."""


@dataclass(frozen=True)
class Held:
    """What a person last held of a photo, beside the release's verdict of it.

    Attributes:
        number: the photo's.
        who: whose opinion it is.
        label: one of `pipeline.casebook.case.OPINIONS`.
        blind: it was given before this person could see the verdict.
        verdict: the label of the photo's last examination; "" where there is none.
    """

    number: int
    who: str
    label: str
    blind: bool
    verdict: str


@dataclass(frozen=True)
class Pair:
    """How far two people agree.

    Attributes:
        first, second: the people, by name.
        n: photos about which both gave an opinion.
        agreed: of these, on how many both have the same.
        kappa: Cohen's, see `cohens_kappa`.
    """

    first: str
    second: str
    n: int
    agreed: int
    kappa: float | None


@dataclass(frozen=True)
class BesideRelease:
    """How far a person agrees with the release.

    Attributes:
        who: the person.
        opinions: photos about which this person has one.
        blind: of these opinions, how many were given before the verdict could be seen.
        n: photos on which both commit themselves: the person not to "cannot tell", the release not to "inconclusive".
        agreed: of these n, on how many both say the same.
    """

    who: str
    opinions: int
    blind: int
    n: int
    agreed: int


@dataclass(frozen=True)
class Agreement:
    """How far people agree about a case.

    Attributes:
        photos: with at least one opinion.
        shared: with opinions of two people or more.
        agreed: of these, on how many all have the same.
        pairs: of people who share a photo, those with most photos first.
        people: by name.
    """

    photos: int
    shared: int
    agreed: int
    pairs: tuple[Pair, ...]
    people: tuple[BesideRelease, ...]


def agreement(opinions: Iterable[Held]) -> Agreement:
    """Count how far people agree.

    Args:
        opinions: one a photo and person; of several of one person about one photo the last counts.
    """
    last = {(each.number, each.who): each for each in opinions}
    by_photo: dict[int, set[str]] = {}
    by_person: dict[str, dict[int, Held]] = {}
    holders: Counter[int] = Counter()
    for each in last.values():
        by_photo.setdefault(each.number, set()).add(each.label)
        by_person.setdefault(each.who, {})[each.number] = each
        holders[each.number] += 1
    shared = [number for number, people in holders.items() if people > 1]
    pairs = [_pair(one, other, by_person) for one, other in combinations(sorted(by_person), 2)]
    return Agreement(
        len(by_photo),
        len(shared),
        sum(len(by_photo[number]) == 1 for number in shared),
        tuple(sorted((pair for pair in pairs if pair.n), key=lambda pair: -pair.n)),
        tuple(_beside_release(who, list(by_person[who].values())) for who in sorted(by_person)),
    )


def _pair(one: str, other: str, by_person: dict[str, dict[int, Held]]) -> Pair:
    mine, theirs = by_person[one], by_person[other]
    labels = [(mine[number].label, theirs[number].label) for number in mine.keys() & theirs.keys()]
    return Pair(one, other, len(labels), sum(a == b for a, b in labels), cohens_kappa(labels))


def cohens_kappa(labels: Sequence[tuple[str, str]]) -> float | None:
    """Return how far two people agree beyond chance (Cohen, 1960): 1 wholly, 0 as by chance, below 0 less than that.

    Args:
        labels: what each of both holds of a photo, one pair a photo.

    Returns:
        κ in [−1, 1]; None where it is not defined: of no photo, or where both gave all photos one and the same label,
        so that nothing beyond chance could be seen.
    """
    n = len(labels)
    if not n:
        return None
    first, second = Counter(one for one, _ in labels), Counter(other for _, other in labels)
    by_chance = sum(first[label] * second[label] for label in OPINIONS)  # times n squared
    if by_chance == n * n:
        return None
    observed = sum(one == other for one, other in labels)
    return (observed * n - by_chance) / (n * n - by_chance)


def _beside_release(who: str, mine: Sequence[Held]) -> BesideRelease:
    both = [each for each in mine if each.label != UNDECIDED and each.verdict not in ("", "inconclusive")]
    agreed = sum(each.label == each.verdict for each in both)
    return BesideRelease(who, len(mine), sum(each.blind for each in mine), len(both), agreed)
