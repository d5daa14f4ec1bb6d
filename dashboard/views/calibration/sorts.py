"""The sorts of unedited photos that the reader can choose among, each with its rates."""

from dataclasses import dataclass
from typing import Any

from pipeline.figures.base_rates import OUTCOMES, Rates, Tally
from pipeline.words import readable
from pipeline.words.figures import say

TEST, UNSEEN = "these photos", "unseen sources"
"""What the two collections of photos are called."""
OUTCOME_NAMES = {"flagged": "flagged as edited", "passed": "no indication found", "inconclusive": "inconclusive"}


@dataclass(frozen=True, eq=False)
class Sort:
    """A sort of photo that can be chosen: its name, and how often it comes to what."""

    name: str
    rates: Rates


def sorts_of(tally: Tally, others: Tally | None) -> list[Sort]:
    """Return the unedited photos that can be chosen: all, those of unseen sources, and each source's."""
    choices = []
    for name, part in ((TEST, tally), (UNSEEN, others)):
        if part is not None and (~part.cells.edited).any():
            real = ~part.cells.edited.to_numpy(bool)
            choices.append(Sort(f"all of {name}", part.rates(real)))
            sources = sorted(set(part.cells.source[real]))
            mine = [(source, (part.cells.source == source).to_numpy(bool) & real) for source in sources]
            choices += [Sort(f"{readable.short(source, 30)}, of {name}", part.rates(cells)) for source, cells in mine]
    return sorted(choices, key=lambda one: not one.name.startswith("all of "))


def sort_row(one: Sort) -> dict[str, Any]:
    """Return a sort as a row of a table: its name, each outcome's share, how many photos and groups."""
    shares = {OUTCOME_NAMES[outcome]: say(one.rates.figure(outcome), "%", n=False) for outcome in OUTCOMES}
    return {"photos": one.name} | shares | {"n": one.rates.n, "groups": one.rates.groups}
