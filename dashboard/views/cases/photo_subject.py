"""What the parts of an opened photo draw: the photo, what was found in it, and who looks at it."""

from collections.abc import Callable
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Self

from dashboard.session import case_photos, case_pictures
from dashboard.views.cases.allowed import why_not
from pipeline.casebook.case_record import CasePhoto, Examined, Opinion
from pipeline.casebook.report.parts import Part
from pipeline.errors import TriageError

if TYPE_CHECKING:  # they bring the database's library
    from pipeline.casebook.case import Case
    from pipeline.casebook.casebook import Casebook, CaseFacts
    from pipeline.casebook.photo_log import PhotoLog


@dataclass(frozen=True, eq=False)
class PhotoSubject:
    """A photo of a case, and who looks at it.

    Attributes:
        book: the cases that the person may see.
        case: the case.
        facts: what a list shows of it.
        role: the person's in it.
        log: the photo, and what the log tells of it.
        examined: the examination that is looked at; None where there is none.
        dossier: all that was found in it; an empty one where it is gone.
        problem: why the dossier cannot be read; None where it can.
    """

    book: "Casebook"
    case: "Case"
    facts: "CaseFacts"
    role: str
    log: "PhotoLog"
    examined: Examined | None = None
    dossier: Part = field(default_factory=Part)
    problem: TriageError | None = None

    @classmethod
    def of(cls, book: "Casebook", case: "Case", number: int) -> Self:
        """Read a photo of a case, with the examination that counts.

        Raises:
            UnknownName: the case is not to be seen, or has no such photo.
            DamagedDatabase: the casebook cannot be read.
        """
        facts = book.facts(case)
        log = case_photos.photo_log(case, facts, number)
        return cls(book, case, facts, book.role(case), log).at(log.photo.examined)

    def at(self, examined: Examined | None) -> Self:
        """Return this photo with another of its examinations."""
        if examined is None:
            return self
        try:
            dossier = case_photos.dossier(self.case, examined.dossier)
        except TriageError as problem:
            return replace(self, examined=examined, dossier=Part(), problem=problem)
        return replace(self, examined=examined, dossier=dossier, problem=None)

    @property
    def photo(self) -> CasePhoto:
        """The photo, as the log tells it."""
        return self.log.photo

    @property
    def key(self) -> str:
        """What tells the widgets of this photo from those of another."""
        return f"{self.case.id}-{self.photo.number}"

    @property
    def mine(self) -> tuple[Opinion, ...]:
        """The person's own opinions of the photo, oldest first."""
        return tuple(opinion for opinion in self.photo.opinions if opinion.who == self.book.person.name)

    @property
    def is_hidden(self) -> bool:
        """Whether the verdict is kept from this person until they gave an opinion."""
        if not self.facts.blind or self.examined is None or self.mine:
            return False
        return not self.case.knows_verdict(self.photo.number)

    def why_not(self, act: str) -> str:
        """Say why the person cannot do something with the photo now, as a sentence; "" where they can.

        Args:
            act: a key of `pipeline.casebook.people.NEEDED`.
        """
        put_away = self.facts.archived and act != "opened"
        return why_not(self.role, act) or ("The case is put away: take it out first, under Edit." if put_away else "")

    def exhibit(self) -> Callable[[Part], bytes]:
        """Return what gives the picture of a finding's exhibit."""
        return lambda part: case_pictures.kept_picture(self.case, part.text("sha256", 64))
