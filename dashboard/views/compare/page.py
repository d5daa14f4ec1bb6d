"""Two releases, or a release and a baseline, on the same photos."""

import streamlit as st

from dashboard.kit import choose_evaluation, markup, messages
from dashboard.session import evaluations
from dashboard.views.compare import cached, choice, differences, flips
from dashboard.views.compare.measurements import address_of, names_of
from dashboard.views.compare.wording import say_common, say_methods, say_photos
from pipeline.figures.bootstrap import DRAWS
from pipeline.figures.compare import Pairing
from pipeline.results.evaluation import Evaluation
from pipeline.words.figures import count

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
    first, second = (evaluations.read_evaluation(one.path) for one in chosen)
    _draw_conditions(first, second)
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
        messages.live("flips", lambda: _draw_flips(first, second), None)
    else:
        st.info(f"None: both say the same of all {count(len(both))} common photos.")
    with late:  # last, as it takes longest: the rest of the page stands by then
        messages.live("differences", lambda: _draw_differences(first, second, both), None)


def _draw_conditions(first: Evaluation, second: Evaluation) -> None:
    """Say what was measured, of how many photos both tell, and warn where the conditions differ."""
    both, _ = cached.pairing(first, second)
    names = names_of((first.run, second.run))
    for place, name, evaluation in zip(st.columns(2, gap="medium"), names, (first, second), strict=True):
        with place:
            st.markdown(f"**{markup.escaped(name)}**")
            choose_evaluation.draw_conditions(evaluation)
    revisions = [str(one.run.get("revision", "–")) for one in (first, second)]
    if revisions[0] != revisions[1]:
        st.warning(
            f"They were measured on different revisions of the data ({markup.escaped(revisions[0])} and "
            f"{markup.escaped(revisions[1])}). Only photos that stand in both are compared, and these may have been "
            "cropped or grouped otherwise: a difference may come from that.",
            icon=":material/warning:",
        )
    st.caption(say_common(both, *map(markup.escaped, names)))


def _draw_differences(first: Evaluation, second: Evaluation, both: Pairing) -> None:
    names = names_of((first.run, second.run))
    forgeries = False
    if both.forged.any() and not both.forged.all():
        asked = st.segmented_control(
            "Photos", list(SCOPES), default=next(iter(SCOPES)), key="compare-scope", required=True
        )
        forgeries = SCOPES[asked or next(iter(SCOPES))]
    with st.spinner(f"Drawing {DRAWS} resamples of the common photos …"):
        figures = cached.differences(first, second, forgeries)
    differences.draw_differences(figures, names[0], names[1], say_photos(both, forgeries))
    st.markdown("**Right and wrong, photo by photo**")
    differences.draw_mcnemar(cached.mcnemar(first, second), *names)


def _draw_flips(first: Evaluation, second: Evaluation) -> None:
    both, flipped = cached.pairing(first, second)
    names = names_of((first.run, second.run))
    st.caption(
        f"{count(len(flipped))} of {count(len(both))} photos, from {markup.escaped(names[0])} "
        f"→ to {markup.escaped(names[1])}; those whose p(edited) moved most first. A verdict is right where it "
        "names what the photo is; “inconclusive” is no verdict."
    )
    way = flips.ask_way(flipped)
    part = flipped[flipped.turned == way]
    with st.container(horizontal=True, vertical_alignment="bottom"):
        view = flips.ask_view(bool((part.heatmap_first != "").any() or (part.heatmap_second != "").any()))
        start = flips.ask_page(len(part), f"{way}-{len(part)}") if view == "Maps" else 0
        flips.draw_save(flipped)
    if view == "Maps":
        flips.draw_gallery(part.iloc[start : start + flips.PAGE], names[0], names[1], address_of(second, first))
        drawn = "Maps of stage 1 for “edited” on the canonical face, each scaled to its own strongest cell."
        st.caption(drawn + say_methods(first, second))
    else:
        flips.draw_table(part, *names)
