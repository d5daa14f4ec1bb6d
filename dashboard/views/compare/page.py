"""Two releases, or a release and a baseline, on the same photos."""

import streamlit as st

from dashboard.kit import choose_evaluation, markup, messages
from dashboard.kit.choose_evaluation import shipped_method
from dashboard.session import evaluations
from dashboard.views.compare import cached, choice, differences, flips
from pipeline.datasets.sources import is_forged
from pipeline.figures.bootstrap import DRAWS
from pipeline.figures.compare import Pairing
from pipeline.heatmap import WHERE_EDITED
from pipeline.results.evaluation import Evaluation
from pipeline.words import figures as measured

TITLE = "Compare"
ICON = "🔀"
GROUP = "Understand the models"
ORDER = 70

SCOPES = {"The collections' own photos": False, "Forged edits too": True}


def render() -> None:
    """Draw two evaluations' differences and the photos on which they disagree."""
    st.title(TITLE, anchor=False)
    messages.how_to_read(
        "Both are measured on the very same photos. A difference counts only where its whole interval lies off zero.",
        "Under the figures: the photos whose verdict flipped, both ways. Open the gain and the price alike.",
    )
    chosen = choice.choose()
    if chosen is None:
        return
    first, second = (evaluations.evaluation(one.path) for one in chosen)
    _conditions(first, second)
    both, flipped = cached.pairing(first, second)
    if not len(both):
        st.warning(
            "The two have no photo in common, so nothing can be compared. Measure both on the same prepared photos.",
            icon=":material/warning:",
        )
        return
    st.subheader("Differences", anchor=False)
    late = st.container()
    st.subheader("Photos whose verdict flipped", anchor=False)
    if len(flipped):
        messages.live("flips", lambda: _flips(first, second), None)
    else:
        st.info(f"None: both say the same of all {measured.count(len(both))} common photos.")
    with late:  # last, as it takes longest: the rest of the page stands by then
        messages.live("differences", lambda: _differences(first, second, both), None)


def _conditions(first: Evaluation, second: Evaluation) -> None:
    """Say what was measured, of how many photos both tell, and warn where the conditions differ."""
    both, _ = cached.pairing(first, second)
    for place, shown in zip(st.columns(2, gap="medium"), (first, second), strict=True):
        with place:
            st.markdown(f"**{markup.escaped(choice.name_of(shown.run))}**")
            choose_evaluation.about(shown)
    revisions = [str(one.run.get("revision", "–")) for one in (first, second)]
    if revisions[0] != revisions[1]:
        st.warning(
            f"They were measured on different revisions of the data ({markup.escaped(revisions[0])} and "
            f"{markup.escaped(revisions[1])}). Only photos that stand in both are compared, and these may have been "
            "cropped or grouped otherwise: a difference may come from that.",
            icon=":material/warning:",
        )
    st.caption(_counts(both, *(markup.escaped(choice.name_of(one.run)) for one in (first, second))))


def _counts(both: Pairing, first: str, second: str) -> str:
    said = f"Compared: {measured.count(len(both))} photos that both judged."
    for name, only in ((first, both.only_first), (second, both.only_second)):
        if only:
            said += f" {measured.count(only)} that only {name} judged are left out."
    if both.relabelled:
        said += f" {measured.count(both.relabelled)} were labelled anew in between and are left out."
    return said


def _differences(first: Evaluation, second: Evaluation, both: Pairing) -> None:
    names = [choice.name_of(one.run) for one in (first, second)]
    forgeries = False
    if both.forged.any() and not both.forged.all():
        asked = st.segmented_control(
            "Photos", list(SCOPES), default=next(iter(SCOPES)), key="compare-scope", required=True
        )
        forgeries = SCOPES[asked or next(iter(SCOPES))]
    with st.spinner(f"Drawing {DRAWS} resamples of the common photos …"):
        found = cached.differences(first, second, forgeries)
    differences.draw(found, names[0], names[1], _photos(both, forgeries))
    st.markdown("**Right and wrong, photo by photo**")
    differences.mcnemar(cached.mcnemar(first, second), *names)


def _photos(both: Pairing, forgeries: bool) -> str:
    """Say which photos stage 1 and both stages were compared on."""
    if not both.forged.any() and is_forged(both.first).any():
        return "originals, and both edits forged of each original"
    return "forged edits too" if forgeries else "the collections' own photos"


def _opened(*shown: Evaluation) -> str:
    """Return the address of the first that is a release's, for the page Errors; "" where none is."""
    releases = [one for one in shown if not one.release.startswith(choice.BASELINES)]
    return f"{releases[0].release}/{releases[0].dataset}" if releases else ""


def _methods(first: Evaluation, second: Evaluation) -> str:
    """Say that the two's maps were made by different methods, where they were."""
    ways = [shipped_method(one) for one in (first, second)]
    if not all(ways) or ways[0] == ways[1]:
        return ""
    told = " and ".join(
        f"{way} (where it holds the face edited)" if way in WHERE_EDITED else f"{way} (what moved the score)"
        for way in ways
    )
    return f" They differ in kind, in this order: {told}; a difference between the two maps may be that of the methods."


def _flips(first: Evaluation, second: Evaluation) -> None:
    both, flipped = cached.pairing(first, second)
    names = [choice.name_of(one.run) for one in (first, second)]
    st.caption(
        f"{measured.count(len(flipped))} of {measured.count(len(both))} photos, from {markup.escaped(names[0])} "
        f"→ to {markup.escaped(names[1])}; those whose p(edited) moved most first. A verdict is right where it "
        "names what the photo is; “inconclusive” is no verdict."
    )
    way = flips.turned(flipped)
    part = flipped[flipped.turned == way]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = flips.shown_as(bool((part.heatmap_first != "").any() or (part.heatmap_second != "").any()))
        start = flips.page_of(len(part), f"{way}-{len(part)}") if view == "Maps" else 0
        flips.save(flipped)
    if view == "Maps":
        flips.gallery(part.iloc[start : start + flips.PAGE], names[0], names[1], _opened(second, first))
        drawn = "Maps of stage 1 for “edited” on the canonical face, each scaled to its own strongest cell."
        st.caption(drawn + _methods(first, second))
    else:
        flips.table(part, *names)
