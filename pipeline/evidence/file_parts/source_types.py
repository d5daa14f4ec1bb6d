"""Digital source types (IPTC NewsCodes): what a file may say of how its picture came about."""

from types import MappingProxyType

SOURCE_TYPES = MappingProxyType(
    {
        "trainedAlgorithmicMedia": "made by a generative model",
        "compositeWithTrainedAlgorithmicMedia": "edited by a generative model, or put together with what one made",
        "algorithmicMedia": "made by an algorithm that was not trained on pictures",
        "algorithmicallyEnhanced": "enhanced by an algorithm",
        "compositeSynthetic": "put together, in part from what no camera took",
        "compositeCapture": "put together from what cameras took",
        "composite": "put together from several parts",
        "humanEdits": "edited by a person",
        "minorHumanEdits": "edited by a person in small things",
        "digitalArt": "drawn by a person with digital tools",
        "digitalCreation": "made by a person with digital tools",
        "dataDrivenMedia": "made from data",
        "virtualRecording": "taken within a virtual world",
        "screenCapture": "a picture of a screen",
        "digitalCapture": "taken by a camera",
        "computationalCapture": "taken by a camera that computes from several shots",
        "negativeFilm": "scanned from a negative",
        "positiveFilm": "scanned from a slide",
        "print": "scanned from a print",
    }
)
"""IPTC's terms, and what they say of the picture."""
HARMLESS = frozenset(
    ("digitalCapture", "computationalCapture", "negativeFilm", "positiveFilm", "print", "screenCapture")
)
"""Terms of pictures that were taken or scanned and not made."""


def says_of(term: str) -> str:
    """Return what a term, or the address that ends in it, says of a picture; "" where it is unknown."""
    return SOURCE_TYPES.get(_bare(term), "")


def suspicious_words(term: str) -> str:
    """Return what a term says of a picture; "" where it says that it was plainly taken or scanned."""
    return "" if _bare(term) in HARMLESS else says_of(term) or "of a kind that is unknown here"


def _bare(term: str) -> str:
    return term.strip().rstrip("/").rpartition("/")[2]
