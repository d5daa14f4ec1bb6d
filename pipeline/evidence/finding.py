"""`Finding`: what one signal beside the networks shows in a photo. It never changes the verdict."""

from dataclasses import dataclass
from typing import Any, Literal

from pipeline.face import Box
from pipeline.photo import Photo

Weight = Literal["nothing", "ordinary", "look"]
"""How much a finding asks for: nothing was there to see, it is as usual, or somebody should look at it."""
NOT_ENOUGH = "Not enough alone: it neither shows that the photo was edited nor that it was not."


@dataclass(frozen=True)
class Fact:
    """One line of a finding.

    Attributes:
        name: what it is.
        value: plain text, as it stands in the file: a front end makes it harmless in its own way.
        private: tells where or who somebody is, and is hidden until asked for.
    """

    name: str
    value: str
    private: bool = False


@dataclass(frozen=True)
class Exhibit:
    """A picture that a finding shows.

    Attributes:
        title: what it is.
        caption: how to read it.
        data: PNG or JPEG, encoded anew, without metadata.
        width, height: in pixels.
    """

    title: str
    caption: str
    data: bytes
    width: int
    height: int


@dataclass(frozen=True)
class Finding:
    """What one signal shows.

    Attributes:
        signal: its name, that of its file.
        title: as a heading.
        weight: how much it asks for.
        shows: in one sentence, what was seen.
        how_to_read: what it means, and what else brings it about.
        facts: what it was seen from.
        exhibits: pictures beside it.
        caution: what it must not be taken for.
    """

    signal: str
    title: str
    weight: Weight
    shows: str
    how_to_read: str
    facts: tuple[Fact, ...] = ()
    exhibits: tuple[Exhibit, ...] = ()
    caution: str = NOT_ENOUGH

    def as_dict(self) -> dict[str, Any]:
        """Return what is kept of it beside its pictures, JSON-able; `exhibits` says title, caption and size of each."""
        return {
            "signal": self.signal,
            "title": self.title,
            "weight": self.weight,
            "shows": self.shows,
            "how_to_read": self.how_to_read,
            "facts": [{"name": fact.name, "value": fact.value, "private": fact.private} for fact in self.facts],
            "exhibits": [
                {"title": each.title, "caption": each.caption, "width": each.width, "height": each.height}
                for each in self.exhibits
            ],
            "caution": self.caution,
        }


@dataclass(frozen=True, eq=False)
class Evidence:
    """What a signal looks at: the photo, its untouched bytes, and what it is called.

    Attributes:
        photo: upright pixels and the original bytes.
        name: the file's name, as it was handed over.
        faces: boxes of its faces in photo pixels, where they are known; a signal works without.
    """

    photo: Photo
    name: str = ""
    faces: tuple[Box, ...] = ()
