"""How much of what a stranger wrote into a file is passed on: cut texts say how much is left out."""

import json
from dataclasses import replace

from pipeline.evidence.finding import Exhibit, Fact, Finding

MOST_VALUE = 2000
"""Characters of one value."""
MOST_NAME = 120
MOST_SENTENCES = 2000
MOST_FINDING = 64_000
"""Bytes of a finding as JSON, its pictures aside."""
MOST_FACTS = 400
MOST_EXHIBITS = 16
ROOM = 500
"""Bytes kept for the fact that says how many are left out."""
LEFT_OUT = "Left out"


def cut(text: str, most: int = MOST_VALUE) -> str:
    """Return a text as it can be stored, at most `most` characters of it and then how many more there are."""
    kept = text[:most].encode("utf-8", "replace").decode("utf-8").replace("\0", "␀")
    return kept if len(text) <= most else f"{kept} … ({len(text) - most:,} more characters left out)"


def short(text: str, most: int = 80) -> str:
    """Return a text on one line, for use within a sentence; quotes around it keep it apart from our words."""
    line = " ".join(cut(text[: 4 * most], 4 * most).split())
    return f"“{line}”" if len(line) <= most else f"“{line[: most - 1]}…”"


def size_of(finding: Finding) -> int:
    """Return how many bytes a finding has as JSON, its pictures aside."""
    return len(json.dumps(finding.as_dict(), ensure_ascii=False).encode())


def bounded(finding: Finding) -> Finding:
    """Return a finding whose texts are cut and of which as many facts stand as `MOST_FINDING` allows."""
    finding = replace(
        finding,
        title=cut(finding.title, MOST_NAME),
        shows=cut(finding.shows, MOST_SENTENCES),
        how_to_read=cut(finding.how_to_read, MOST_SENTENCES),
        caution=cut(finding.caution, MOST_SENTENCES),
        exhibits=tuple(map(_bounded_exhibit, finding.exhibits[:MOST_EXHIBITS])),
    )
    left = MOST_FINDING - ROOM - size_of(replace(finding, facts=()))
    return replace(finding, facts=_within(finding.facts, left))


def _within(facts: tuple[Fact, ...], left: int) -> tuple[Fact, ...]:
    kept: list[Fact] = []
    for fact in facts[:MOST_FACTS]:
        fact = Fact(cut(fact.name, MOST_NAME), cut(fact.value), fact.private)
        left -= _size_of_fact(fact)
        if left < 0:
            break
        kept.append(fact)
    more = len(facts) - len(kept)
    return (*kept, Fact(LEFT_OUT, f"{more:,} more facts, which would be too many to store")) if more else tuple(kept)


def _size_of_fact(fact: Fact) -> int:
    one = {"name": fact.name, "value": fact.value, "private": fact.private}
    return len(json.dumps(one, ensure_ascii=False).encode()) + 2


def _bounded_exhibit(exhibit: Exhibit) -> Exhibit:
    return replace(exhibit, title=cut(exhibit.title, MOST_NAME), caption=cut(exhibit.caption, MOST_SENTENCES))
