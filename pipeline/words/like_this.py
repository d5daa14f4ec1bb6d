"""How often a release is wrong on pictures like one, as sentences.

A front end sets parts off and makes names harmless in its own way: it hands over `Marks`. Without them text is plain.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from pipeline.figures import like_this
from pipeline.figures.like_this import Fit
from pipeline.figures.slices import SKIN_TONE
from pipeline.results.figure import Figure
from pipeline.words.figures import count, say

DIGITS = {"face size": "{:.0f} px", "JPEG quality": "{:.0f}", SKIN_TONE: "{:.0f}°"}
"""How what was measured is said; other facts have no unit."""


@dataclass(frozen=True)
class Marks:
    """How a front end marks text.

    Attributes:
        strong: sets a part off.
        name: makes a name harmless, or a sentence that holds one.
    """

    strong: Callable[[str], str] = str
    name: Callable[[str], str] = str


PLAIN = Marks()


@dataclass(frozen=True)
class Like:
    """What is known of a release's errors on pictures like a face.

    Attributes:
        sentence: for under the verdict.
        fits: the slices that the face belongs to.
        worst: that of the sentence; None where no slice tells.
        remarks: what else must be said.
    """

    sentence: str
    fits: tuple[Fit, ...] = ()
    worst: Fit | None = None
    remarks: tuple[str, ...] = ()


def like_of(slices: Sequence[Mapping[str, Any]], known: Mapping[str, float], label: str, marks: Marks = PLAIN) -> Like:
    """Find how often a release was wrong on pictures like a face, and say it.

    Args:
        slices: from `read_slices`.
        known: from `known_of`.
        label: the face's verdict.
        marks: how the text is marked.
    """
    fits = like_this.fitting(slices, known)
    worst = like_this.worst(fits, label)
    sentence = (
        say_errors(worst, marks)
        if worst
        else "How often the release is wrong on pictures like this cannot be told: too few of its held-out photos are "
        "so."
    )
    unclear = [fit for fit in fits if fit.error(label) is None]
    return Like(sentence, tuple(fits), worst, tuple(say_unlike(like_this.beyond(slices, known), unclear, marks)))


def say_unmeasured(release: str, marks: Marks = PLAIN) -> str:
    """Say that a release was not measured on held-out photos."""
    return (
        f"How often release {marks.name(release)} is wrong on pictures like this was not measured: "
        f"there is no evaluation of it on {like_this.DATASET} photos here."
    )


def say_unreadable(problem: Exception, marks: Marks = PLAIN) -> str:
    """Say that the evaluation cannot be read."""
    return f"How often the release is wrong on pictures like this cannot be told: {marks.name(str(problem))}"


def say_unlike(beyond: Sequence[str], unclear: Sequence[Fit], marks: Marks = PLAIN) -> list[str]:
    """Say in what no held-out photo is like a face, or too few for a figure.

    Args:
        beyond: what is sliced by, where no slice holds the face.
        unclear: slices that hold it and too few photos.
        marks: how the text is marked.
    """
    remarks = []
    if beyond:
        names = marks.strong(marks.name(", ".join(beyond)))
        remarks.append(f"No held-out photo is like this one in {names}: the figures say little about it.")
    if unclear:
        names = "; ".join(say_slice(fit, marks) for fit in unclear)
        remarks.append(f"Too few held-out photos are like this one in {names}: whether it is worse there is not known.")
    return remarks


def say_errors(fit: Fit, marks: Marks = PLAIN) -> str:
    """Say how often real photos like a face were called edited, and how many edits were missed."""
    return (
        f"On held-out pictures like this in {say_slice(fit, marks)}, stage 1 called "
        f"{_say_share(fit.false_alarms, 'real ones', marks)} edited and missed "
        f"{_say_share(fit.missed, 'edited ones', marks)}."
    )


def say_slice(fit: Fit, marks: Marks = PLAIN) -> str:
    """Say a slice: "brightness (high, 40.27 to 80.92)"."""
    return f"{marks.strong(marks.name(fit.name))} ({marks.name(say_range(fit))})"


def say_range(fit: Fit) -> str:
    """Say a slice's range without brackets: "high, 40.27 to 80.92"."""
    return fit.value.replace(" (", ", ").removesuffix(")")


def say_here(fit: Fit) -> str:
    """Say what was measured of the face itself; "" where the slice says it."""
    if fit.measured < 0 and fit.name == "JPEG quality":
        return ""
    return DIGITS.get(fit.name, "{:.3g}").format(fit.measured)


def say_cell(share: Figure) -> str:
    """Say a share in a table's cell."""
    return f"too few: {count(share.n)}" if share.value is None else say(share, "%")


def say_matters(label: str) -> str:
    """Say which errors matter most for a verdict."""
    return {"real": "missed edits", "inconclusive": "errors of both kinds"}.get(label, "false alarms")


def _say_share(share: Figure, whose: str, marks: Marks) -> str:
    if share.value is None:
        return f"– of the {whose} (only {count(share.n)}: too few)"
    return f"{marks.strong(say(share, '%', n=False))} of {count(share.n)} {whose}"
