"""`Report`: what a case's report holds, in its order, made from the record and what is kept beside it.

Nothing else goes into it, no clock, no chance and no other file: the same record gives the same report.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import Self

from pipeline.casebook.case_record import CaseRecord
from pipeline.casebook.report import closing, opening
from pipeline.casebook.report.blocks import Section
from pipeline.casebook.report.harmless import file_name, one_line
from pipeline.casebook.report.kept import Kept, ObjectReader
from pipeline.casebook.report.photo_part import photo_sections
from pipeline.casebook.report.summary import summary_section
from pipeline.casebook.report.survey import Survey, survey

__all__ = ["ObjectReader", "Progress", "Report"]

LARGE = 500
"""Photos from which pictures of findings that ask for no look are left out, and named by their hash."""

Progress = Callable[[int, int], None]
"""Called with how many steps are done, and of how many: each photo is read once to count and once to report."""


@dataclass(frozen=True)
class Report:
    """A case's report; sections are made one photo at a time, so that memory does not grow with the case.

    Attributes:
        record: the case, as its log tells it.
        kept: where dossiers, pictures and maps are read from.
        counts: of the first reading.
        private: whether facts that tell where or who somebody is are given.
        progress: called after each photo.
    """

    record: CaseRecord
    kept: Kept
    counts: Survey = field(repr=False)
    private: bool = False
    progress: Progress | None = None

    @classmethod
    def of(
        cls, record: CaseRecord, objects: ObjectReader, private: bool = False, progress: Progress | None = None
    ) -> Self:
        """Read a case's dossiers once, and count.

        Args:
            record: the case.
            objects: where everything lies under its hash.
            private: whether facts that tell where or who somebody is are to be given.
            progress: called after each photo.
        """
        kept, steps = Kept(objects), Steps(2 * len(record.photos), progress)
        return cls(record, kept, survey(record, kept, steps.take), private, progress)

    @property
    def title(self) -> str:
        """The report's title, without the case's name."""
        return "Report of a case"

    @property
    def case(self) -> str:
        """The case's name, harmless."""
        return file_name(self.record.name, 100)

    @property
    def head(self) -> str:
        """The first digits of the log's head, which stand on every page."""
        return one_line(self.record.head[:12], 12)

    @property
    def every_exhibit(self) -> bool:
        """Whether all pictures are given, as the case is not large."""
        return len(self.record.photos) < LARGE

    def sections(self) -> Iterator[Section]:
        """Yield all sections in their order; those of a photo are made when it is its turn."""
        yield opening.case_section(self.record)
        yield opening.scope_section()
        yield opening.not_done_section(self.record, self.counts, self.private, self.every_exhibit)
        yield summary_section(self.record, self.counts)
        yield Section("The photos", 1, apart=True)
        steps = Steps(2 * len(self.record.photos), self.progress, len(self.record.photos))
        apart = False
        for photo in self.record.photos:
            if photo.deleted is None:
                yield from photo_sections(photo, self.kept, self.private, self.every_exhibit, apart)
                apart = True
            steps.take()
        if (reading := closing.reading_section(self.counts)) is not None:
            yield reading
        yield from closing.release_chapter(self.counts)
        yield closing.machine_section(self.counts)
        yield closing.log_section(self.record)
        yield closing.verify_section(self.record)


@dataclass
class Steps:
    """Counts steps, and says so.

    Attributes:
        total: how many there are.
        progress: called after each; None for nobody.
        done: how many were taken.
    """

    total: int
    progress: Progress | None = None
    done: int = 0

    def take(self) -> None:
        """Count one."""
        self.done += 1
        if self.progress is not None:
            self.progress(self.done, self.total)
