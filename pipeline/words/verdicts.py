"""How verdicts and maps are said, in plain text."""

from pipeline.examination import FaceExamination
from pipeline.face import Face
from pipeline.heatmap import Heatmap
from pipeline.regions import PHRASES, region_of
from pipeline.verdict import REASONS, StageScore, Verdict, passes_on

SHAPES = {"deepfake": "▲", "facetune": "◆", "inconclusive": "◐", "real": "○"}
HEADLINES = {
    "deepfake": "Indications of a deepfake",
    "facetune": "Indications of facetune-style retouching",
    "inconclusive": "Inconclusive",
    "real": "No indication of editing found",
}
CHIPS = {"deepfake": "Deepfake", "facetune": "Facetune-style", "inconclusive": "Inconclusive", "real": "No indication"}

ARGUED = {
    "edited": "edited",
    "real": "not edited",
    "deepfake": "a deepfake",
    "facetune": "facetune-style retouching",
}
"""A map's label as the end of "speaks for …"."""

HELD = {
    "real": "No sign of editing seen",
    "deepfake": "Deepfake",
    "facetune": "Facetune-style retouching",
    "cannot tell": "Cannot tell",
}
"""What a person may hold of a photo; never that it is genuine."""

STAGES = {"edited": "Stage 1: was it edited?", "deepfake": "Stage 2: deepfake, or retouching?"}


def reasons(codes: tuple[str, ...]) -> str:
    """Say the reasons of an abstention."""
    return "; ".join(REASONS.get(code, code) for code in codes)


def headline(verdict: Verdict) -> str:
    """Say a verdict in one line; an inconclusive one with its reason."""
    if verdict.label == "inconclusive":
        return f"Inconclusive: {reasons(verdict.reasons)}"
    return HEADLINES[verdict.label]


def why_not_split(first: StageScore | None) -> str:
    """Say why stage 2 did not run, as the end of a sentence.

    Args:
        first: stage 1's score; None where it cannot be read.
    """
    turned = first is not None and passes_on(first)
    why = "stage 1’s answer turned when the photo was saved again" if turned else "stage 1 did not pass its threshold"
    return f"{why}, so “edited” is not split into kinds"


def say_found(face: Face) -> str:
    """Say how a face came to be examined, in a word or two: "marked by hand", "turned 180°"; "" where it was found."""
    parts = ["marked by hand"] if face.marked else []
    parts += [f"turned {face.turn}°"] if face.turn else []
    return ", ".join(parts)


def region(face: FaceExamination, heatmap: Heatmap) -> str | None:
    """Name the part of the face in which a map peaks; None where no part stands out."""
    return None if heatmap.peak_point is None else region_of(heatmap.peak_point, face.face.landmarks)


def is_trusted(heatmap: Heatmap) -> bool:
    """Tell whether an account of the score did better than chance, as far as that was measured.

    A map of where a face was edited is not held to that check: how often it is right is measured on photos of which it
    is known, and said on the page Heatmaps.
    """
    return not heatmap.accounts_for_score or heatmap.faithfulness is None or heatmap.faithfulness > 0


def where(face: FaceExamination) -> str:
    """Say what the map adds to a verdict: the part of the face in which it peaks, or why none is named."""
    if not face.heatmaps:
        return "No heatmap was made in this run."
    heatmap = face.heatmaps[0]
    part = region(face, heatmap)
    if part is None:
        return "No region of the face stands out."
    if not is_trusted(heatmap):
        return "The heatmap does not tell where: when checked, it did no better than the same map moved elsewhere."
    if face.verdict.label == "real":
        what = "speaks most for an unedited photo" if heatmap.accounts_for_score else "looks least edited"
        return f"What {what} lies {_phrase(part, face.face)}."
    return f"The evidence peaks {_phrase(part, face.face)}."


def _phrase(part: str, face: Face) -> str:
    """Say where a part of a face is; of a turned one left and right are those of the face set upright."""
    return PHRASES[part].replace("in the picture", "once the photo is turned upright") if face.turn else PHRASES[part]


def map_states(heatmap: Heatmap) -> list[str]:
    """Say everything that must be known of a map before it is believed."""
    label = ARGUED[heatmap.label]
    lines = {
        "clear": [],
        "flat": ["No region stands out: the map is flat, so nothing is painted."],
        "not a number": ["The map could not be computed (it is not a number), so nothing is painted."],
        "one-sided for": [f"Every part of the face speaks for “{label}”, some more than others: one-sided scale."],
        "one-sided against": [f"Every part of the face speaks against “{label}”: no region stands out for it."],
    }[heatmap.state]
    if not is_trusted(heatmap):
        lines.append("When checked, this map did no better than the same map moved elsewhere; do not rely on it.")
    return lines
