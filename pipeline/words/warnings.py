"""The viewer warning that a photo gets beside it, where it is shown to others: which one, and its words.

`warning_of` decides, `WARNINGS` says. There are four, and none of them calls a photo genuine:

    "deepfake"   the verdict says deepfake, and p(edited) × p(deepfake) reaches the threshold
    "edited"     p(edited) reaches the threshold, whatever the kind
    "unchecked"  the photo was not examined, no face could be scored, or the verdict is inconclusive
    "none"       p(edited) lies below the threshold; that says nothing for the photo

An inconclusive verdict is a warning of its own, as the release itself does not stand by the probability then. One is
excepted: where nothing but the kind of editing is unclear, the photo was found edited, and the threshold decides.
The threshold is the platform's, not the release's: a photo whose verdict is "no indication of editing found" gets a
warning where the platform warns from a lower probability on.
"""

from collections.abc import Sequence
from typing import Literal, get_args

Warning = Literal["deepfake", "edited", "unchecked", "none"]
LEVELS: tuple[Warning, ...] = get_args(Warning)
"""Strongest first."""
THRESHOLD = 0.5
"""Probability from which a warning is given where nobody chose another: edited is likelier than not."""

WARNINGS: dict[Warning, str] = {
    "deepfake": "This photo may be a deepfake.",
    "edited": "This photo may be edited.",
    "unchecked": "This photo could not be checked.",
    "none": "",
}
"""What a viewer reads beside the photo; "" where nothing is shown."""
NAMES: dict[Warning, str] = {
    "deepfake": "May be a deepfake",
    "edited": "May be edited",
    "unchecked": "Could not be checked",
    "none": "No warning",
}
"""What an analyst reads in a list."""
NO_WARNING = "No warning means only that no sign of editing reached the threshold, not that a photo is unedited."
"""To be said wherever warnings are counted."""

KIND_UNCLEAR = ("kind_unclear",)
CHECKED = ("deepfake", "facetune", "real")


def warning_of(
    label: str,
    p_edited: float | None,
    p_deepfake: float | None,
    threshold: float = THRESHOLD,
    reasons: Sequence[str] = (),
) -> Warning:
    """Return the warning that a photo gets.

    Args:
        label: of its verdict, see `pipeline.verdict.LABELS`; "" where it has none.
        p_edited: calibrated probability that it was edited; None where no face was scored.
        p_deepfake: calibrated probability of a deepfake, given that it was edited; None where stage 2 did not run.
        threshold: probability from which a warning is given.
        reasons: codes of `pipeline.verdict.REASONS`, of an inconclusive verdict.
    """
    only_kind_unclear = label == "inconclusive" and tuple(reasons) == KIND_UNCLEAR
    if p_edited is None or not (label in CHECKED or only_kind_unclear):
        return "unchecked"
    if label == "deepfake" and p_deepfake is not None and p_edited * p_deepfake >= threshold:
        return "deepfake"
    return "edited" if p_edited >= threshold else "none"
