"""The measures that slices are compared by."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from pipeline.results.figure import Figure
from pipeline.words.figures import Unit, say, unit_of


@dataclass(frozen=True)
class Measure:
    """What slices are compared by.

    Attributes:
        name: as it is said.
        key: as it is stored.
        about: the photos that it is about.
        one_less: whether 1 less than the stored value is meant, as of the edits missed.
        lower: whether lower is better.
    """

    name: str
    key: str
    about: str
    one_less: bool = False
    lower: bool = True

    @property
    def share(self) -> bool:
        """Whether it is said in per cent."""
        return self.unit == "%"

    @property
    def unit(self) -> Unit:
        """The unit that it is said in."""
        return unit_of(self.key)

    @property
    def short(self) -> str:
        """Its name over a column."""
        return self.name.partition(" on ")[0]

    def of(self, row: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return this measure's figure of a row; None where the row has none or too few photos for one."""
        figure = row.get(self.key)
        if not figure or figure.get("value") is None:
            return None
        if not self.one_less:
            return dict(figure)
        return Figure.read(figure, self.key).one_less.as_dict()

    def say(self, figure: Mapping[str, Any]) -> str:
        """Say a figure in this measure's unit: "91 % (88–94), n 349"."""
        return say(figure, self.unit)


MISSED = Measure("edits missed", "recall", "edited photos", one_less=True)
ALARMS = Measure("false alarms on real photos", "false alarms", "real photos")
AUC = Measure("AUC", "AUC", "photos of both classes", lower=False)
BALANCED = Measure("balanced accuracy", "balanced accuracy", "photos of both classes", lower=False)
MEASURES = (MISSED, ALARMS, AUC, BALANCED)
