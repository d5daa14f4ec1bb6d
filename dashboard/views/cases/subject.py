"""`Subject`: the case that is opened, and what the person who looks may see of it and do with it."""

from dataclasses import dataclass
from typing import Self

from dashboard.views.cases.allowed import why_not
from pipeline.casebook.case import Case
from pipeline.casebook.casebook import Casebook, CaseFacts
from pipeline.casebook.log import QUIET
from pipeline.casebook.search import PhotoQuery, search


@dataclass(frozen=True)
class Subject:
    """The case that is opened.

    Attributes:
        book: the cases, and who looks.
        case: the case.
        facts: what a list shows of it.
        role: the person's in it.
        waiting: of a blind case, how many photos wait for this person's opinion; 0 of any other.
    """

    book: Casebook
    case: Case
    facts: CaseFacts
    role: str
    waiting: int

    @classmethod
    def of(cls, book: Casebook, case: Case) -> Self:
        """Read what is known of a case.

        Raises:
            UnknownName: it is gone, or not to be seen.
        """
        facts = book.facts(case)
        waiting = PhotoQuery(case.id, hidden_from=book.person.name, most=0)
        return cls(book, case, facts, book.role(case), search(book, waiting).total if facts.blind else 0)

    @property
    def person(self) -> str:
        """Name of the person who looks."""
        return self.book.person.name

    def changed_since(self, entry: int) -> bool:
        """Tell whether the case became another after an entry of its log: to look at it does not change it."""
        acts = self.case.acts_since(entry)
        return bool(acts - set(QUIET) | acts & {"timestamped"})

    def why_not(self, act: str) -> str:
        """Say why this person cannot do something with the case now, as a sentence; "" where they can."""
        put_away = act not in ("archived", "exported", "verified", "opened") and self.facts.archived
        return why_not(self.role, act) or ("The case is put away: take it out first, under Edit." if put_away else "")
