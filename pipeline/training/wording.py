"""What every card and release says of itself, whoever trained its weights."""

import time
from typing import Any

from models.card import Card

MIN_FACE = 64
LICENCE = "research use: trained on data under research terms (CIPLAB, DFDC) and CC BY-NC-SA (FFHQ)"
INTENDED = (
    "An indication for trained analysts of whether, and how, a face photo was edited; "
    "always beside other evidence, never alone."
)
LIMITS = (
    "Not proof. Not for automated decisions about people. Not for whole scenes, drawings, video frames, faces under "
    f"{MIN_FACE} px, or edits outside the face. Trained on few collections: it fails most on kinds of edit and on "
    "sources that it never saw, and heavy professional retouching may pass unnoticed."
)
ETHICS = (
    "A wrong “edited” can ruin a person, a wrong “no indication” can let a lie pass. Faces of some groups are rare in "
    "the training photos: see the slices of the evaluation before relying on a verdict about a person."
)


def today() -> str:
    """Return the date, ISO, in UTC."""
    return time.strftime("%Y-%m-%d", time.gmtime())


def card_of(stage: str, weights: str, **details: Any) -> Card:
    """Return a card of a stage's weights: what is said of all of them, and the `details` of these."""
    positive, negative = ("edited", "real") if stage == "edited" else ("deepfake", "facetune")
    return Card(
        weights=weights,
        positive=positive,
        negative=negative,
        date=today(),
        licence=LICENCE,
        intended=INTENDED,
        limits=LIMITS,
        ethics=ETHICS,
        **details,
    )
