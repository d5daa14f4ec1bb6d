"""What the comparison of a photo with its suspected original comes to, in sentences from its numbers."""

from collections.abc import Mapping
from typing import Any

from pipeline.words.figures import percent

CAUTION = (
    "A difference tells that the two are not one picture, not which of them was edited; none tells that the faces were "
    "not edited in both."
)


def say_comparison(numbers: Mapping[str, Any]) -> list[str]:
    """Say how a photo and its suspected original lie on one another and where they differ, in plain sentences.

    Args:
        numbers: `Comparison.as_dict()` of `pipeline.examining.against_original`, or what was kept of it.
    """
    sentences = [_say_how_it_lies(numbers)]
    outside = numbers["outside"]
    if outside["pixels"]:
        sentences.append(f"Outside the faces they differ by {_say_part(outside)}.")
    for number, part in enumerate(numbers["faces"], 1):
        face = "In the face" if len(numbers["faces"]) == 1 else f"In face {number}"
        said = f"they differ by {_say_part(part)}" if part["pixels"] else "there is nothing to compare"
        sentences.append(f"{face} {said}.")
    if numbers["noise_from"] == "everywhere":
        sentences.append("The faces fill the picture, so that an edit of all of it would pass for re-compression.")
    return [*sentences, CAUTION]


def _say_how_it_lies(numbers: Mapping[str, Any]) -> str:
    shown = f"The original has pixels in {percent(numbers['shared'])} of the photo"
    scale = numbers["pixels_per_pixel"]
    size = "at its own size" if 0.98 <= scale <= 1.02 else f"at {scale:.2f} of its size"
    mirrored = ", mirrored" if numbers["mirrored"] else ""
    points = f"{numbers['inliers']} points agree" if numbers["inliers"] else "the frames alone were laid on one another"
    error = "" if numbers["error"] is None else f" to within {numbers['error']:.1f} px"
    return f"{shown}, {size}{mirrored}; {points}{error}."


def _say_part(part: Mapping[str, Any]) -> str:
    return (
        f"{part['mean']:.1f} of 255 grey levels on average (99 % by less than {part['high']:.0f}), "
        f"{percent(part['beyond'], 1)} of it by more than re-compression explains"
    )
