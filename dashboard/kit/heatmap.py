"""The photo with its face boxes and the map laid over it, its scale, and what must be said of it."""

from dataclasses import dataclass

import streamlit as st

from dashboard.session.examined_photos import Opened
from pipeline.examination import FaceExamination
from pipeline.examining.questions import Question
from pipeline.heatmap import Heatmap
from pipeline.pictures.overlay import CIVIDIS, STRONGEST, draw_map, span
from pipeline.pictures.photo import Picture, draw_boxes, jpeg
from pipeline.words import readable, verdicts

VIEWS = ("Overlay", "Original", "Side by side")
LINE = f"The white line surrounds the strongest {STRONGEST:.0%} of the map."
NO_LINE = "No line: nothing in the map speaks for this label."


@dataclass(frozen=True)
class MapView:
    """How the photo is looked at."""

    view: str
    opacity: float
    zoom: bool
    boxes: bool


PLAIN = MapView("Original", 0.0, False, True)

QUESTIONS: dict[Question, str] = {
    Question("edited", "edited"): "edited (stage 1)",
    Question("edited", "real"): "not edited (stage 1)",
    Question("deepfake", "deepfake"): "a deepfake (stage 2)",
    Question("deepfake", "facetune"): "facetune-style retouching (stage 2)",
}


def choose_face(faces: int, decisive: int, key: str) -> int:
    """Ask which face is looked at, the most suspicious one first; return its place."""
    if faces == 1:
        return 0

    def say_face(number: int) -> str:
        return f"Face {number + 1} of {faces}" + (", the most suspicious" if number == decisive else "")

    return int(st.selectbox("Face", range(faces), decisive, format_func=say_face, key=key))


def choose_question(face: FaceExamination, key: str, origin: str = "made in this run") -> Question | None:
    """Ask what the map is to argue for: that which is kept first; None for no map.

    Args:
        face: the face.
        key: of the widget.
        origin: where the kept map comes from.
    """
    kept = Question.behind(face.heatmaps[0]) if face.heatmaps else None
    rest = [entry for entry in QUESTIONS if entry != kept]

    def say_question(asked: Question | None) -> str:
        if asked is None:
            return "none: heatmaps were off in this run"
        unasked = asked.stage == "deepfake" and face.verdict.deepfake is None
        extra = f": {origin}" if asked == kept else ", which did not run here" if unasked else ""
        return f"{QUESTIONS[asked]}{extra}"

    first = next((entry for entry in QUESTIONS if entry == kept), None)
    return st.selectbox("Map of what speaks for", [first, *rest], format_func=say_question, key=key)


def choose_view() -> str:
    """Ask for the overlay, the original, or both."""
    return (
        st.segmented_control(
            "Show",
            VIEWS,
            default="Overlay",
            required=True,
            key="look",
            persist_state="session",
            label_visibility="collapsed",
        )
        or "Overlay"
    )


def choose_look(view: str) -> MapView:
    """Ask how the photo is to be shown in a view."""
    with st.container(horizontal=True):
        zoom = st.toggle("Zoom to the face", key="zoom", persist_state="session")
        boxes = st.toggle("Face boxes", True, key="boxes", persist_state="session")
    opacity = 60
    if view != "Original":
        opacity = st.slider("Opacity of the heatmap", 0, 100, 60, 5, "%d%%", key="opacity", persist_state="session")
    return MapView(view, opacity / 100, zoom, boxes)


def draw_photo(opened: Opened, part: Picture, number: int, heatmap: Heatmap | None, how: MapView) -> None:
    """Draw a photo, or a part of it.

    Args:
        opened: the photo; boxes are drawn around its faces, those that were not judged too.
        part: what is drawn of it.
        number: the face that is looked at.
        heatmap: laid over it; None for none.
        how: the view.
    """
    name, boxes = opened.record["name"], (part, opened.faces, number, opened.unjudged)
    bare = draw_boxes(part.rgb, *boxes) if how.boxes else part.rgb
    if heatmap is None or how.view == "Original":
        st.image(jpeg(bare), width="stretch", alt=f"The photo {readable.plain(name)}")
        return
    rgb = draw_map(part, heatmap, how.opacity)
    over = draw_boxes(rgb, *boxes) if how.boxes else rgb
    alt = f"Heatmap of face {number + 1} for “{verdicts.ARGUED[heatmap.label]}” over {readable.plain(name)}"
    if how.view == "Overlay":
        st.image(jpeg(over), width="stretch", alt=alt)
        return
    left, right = st.columns(2, gap="xsmall", wrap=False)
    left.image(jpeg(bare), width="stretch", alt=f"The photo {readable.plain(name)}")
    right.image(jpeg(over), width="stretch", alt=alt)


def draw_legend(heatmap: Heatmap) -> None:
    """Draw a map's colour scale with its ends in logits, and everything that must be said of it."""
    for line in verdicts.map_states(heatmap):
        st.warning(line, icon=":material/warning:")
    if heatmap.state in ("flat", "not a number"):
        return
    colours = ", ".join(f"rgb({red}, {green}, {blue})" for red, green, blue in CIVIDIS)
    numbers = "".join(f"<span>{end}</span>" for end in _ends(heatmap))
    st.html(
        f'<div class="tt-scale" style="background:linear-gradient(to right, {colours})"></div>'
        f'<div class="tt-ends">{numbers}</div>'
        f'<div class="tt-line"><span></span>{LINE if heatmap.peak_point else NO_LINE}</div>'
    )
    st.caption(_say_scale(heatmap))


def _ends(heatmap: Heatmap) -> tuple[str, ...]:
    top = span(heatmap)
    beyond = "≤ " if heatmap.grid.min() < -top else ""
    return f"{beyond}−{top:.3g}", "0", f"+{top:.3g} logit"


def _say_scale(heatmap: Heatmap) -> str:
    label = verdicts.ARGUED[heatmap.label]
    way = f"yellow speaks for “{label}”, blue against, over the photo in grey"
    checked = ""
    if heatmap.faithfulness is not None:
        checked = f" Check by blurring: {heatmap.faithfulness:+.3g} logit more than the same map moved elsewhere."
    return (
        f"{heatmap.meaning.capitalize()}, in logit: {way}. Peak {heatmap.peak:+.3g} logit; "
        f"fainter is weaker. Method: {heatmap.method}.{checked}"
    )
