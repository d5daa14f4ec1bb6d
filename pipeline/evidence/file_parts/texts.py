"""`Text`: a name and a text that a file holds beside its picture, in no form that anybody defined."""

from dataclasses import dataclass

from pipeline.evidence.bounds import short


@dataclass(frozen=True)
class Text:
    """A chunk of a PNG or a comment.

    Attributes:
        name: what the file calls it.
        value: as it stands there.
        whole: all of it was unpacked.
    """

    name: str
    value: str
    whole: bool = True

    @property
    def title(self) -> str:
        """What to call it among other fields."""
        return f"Text {short(self.name)}"
