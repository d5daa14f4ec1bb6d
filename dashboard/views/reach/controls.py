"""What of a ranking can be adjusted: columns, weights, what stands for missing views, the threshold of warnings."""

from collections.abc import Mapping
from dataclasses import dataclass

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import login, widgets
from dashboard.views.reach import address, cached
from pipeline.reach.columns import FIELDS, Field, Header
from pipeline.reach.harm import Weights
from pipeline.reach.kept import FigureFiles
from pipeline.reach.views import PerView
from pipeline.words.warnings import THRESHOLD

NOTHING = "not in the file"
MEANINGS: dict[Field, str] = {
    "photo": "Name of the photo’s file",
    "sha256": "SHA-256 of the photo",
    "md5": "MD5 of the photo",
    "url": "Address of the post",
    "platform": "Platform",
    "views": "Views",
    "likes": "Likes or reactions",
    "comments": "Comments or replies",
    "shares": "Shares or reposts",
    "followers": "Followers",
    "posted": "Posted at",
    "measured": "Figures measured at",
}


@dataclass(frozen=True)
class Asked:
    """What was adjusted."""

    weights: Weights
    per_view: PerView
    threshold: float


def ask() -> Asked:
    """Ask for weights, for what stands for missing views, and for the threshold; each stands in the address."""
    usual = Weights()
    st.markdown("**What a view weighs**")
    left, right = st.columns(2)
    deepfake = _ask_number(left, "of a deepfake", usual.deepfake, "reach-deepfake", 0.1)
    facetune = _ask_number(right, "of retouching", usual.facetune, "reach-facetune", 0.1)
    threshold = st.slider(
        "Warn viewers from a probability of",
        0.0,
        1.0,
        THRESHOLD,
        0.01,
        key="reach-warn",
        bind="query-params",
        help="Calibrated probability of editing; for “may be a deepfake” that of a deepfake. It is yours to choose, "
        "and not the release’s own threshold.",
    )
    with st.expander("Where something is missing"):
        per_view = _ask_per_view()
        split = st.slider(
            "p(deepfake | edited) where stage 2 did not run",
            0.0,
            1.0,
            usual.split,
            0.05,
            key="reach-split",
            bind="query-params",
            help="Stage 2 runs only where stage 1 finds an edit. Below that the kind is not known.",
        )
    return Asked(Weights(deepfake, facetune, float(split)), per_view, float(threshold))


def _ask_per_view() -> PerView:
    usual = PerView()
    st.caption(
        "A post without views is taken to have as many as its likes, comments or shares stand for, whichever is most; "
        "followers count only without these. Rules of thumb, not measured: they differ by platform tenfold and more. "
        "What is estimated is marked ≈. Views that one stands for:"
    )
    left, right = st.columns(2)
    return PerView(
        _ask_number(left, "per like", usual.likes, "reach-likes", 1.0),
        _ask_number(right, "per comment", usual.comments, "reach-comments", 10.0),
        _ask_number(left, "per share", usual.shares, "reach-shares", 10.0),
        _ask_number(right, "per follower", usual.followers, "reach-followers", 0.05),
    )


def _ask_number(place: "st.delta_generator.DeltaGenerator", label: str, usual: float, key: str, step: float) -> float:
    number = place.number_input(label, 0.0, 1e6, usual, step, format="%.6g", key=key, bind="query-params")
    return usual if number is None else float(number)


def draw_columns(header: Header, known: Mapping[str, str], opened: bool = False) -> None:
    """Draw what each column was taken for, to be corrected.

    Args:
        header: of the file, with its columns as they are read now.
        known: field → heading, as the file's own headings tell.
        opened: whether it is shown at once.
    """
    said = address.columns()
    options = ["", *dict.fromkeys(heading for heading in header.headings if heading)]
    with st.expander(f"Columns: {len(header.columns)} of {len(header.headings)} used", opened):
        st.caption("What is read, and the column that it is read from.")
        for field in FIELDS:
            now = said.get(field, known.get(field, ""))
            key = f"{widgets.key_of(address.WIDGETS)}-{field}"
            st.selectbox(
                MEANINGS[field],
                options,
                options.index(now) if now in options else 0,
                format_func=lambda heading: heading or NOTHING,
                key=key,
                on_change=address.choose_column,
                args=(field, key, dict(known)),
            )
        if header.unused:
            st.caption(f"Not used: {markup.escaped(', '.join(header.unused))}")
        if said:
            st.button("As the headings tell", key="reach-columns-back", on_click=address.forget_columns)


def draw_forget(sha256: str) -> None:
    """Offer to remove the file of figures from this machine, or to go back to the start."""
    with st.container(horizontal=True):
        if st.button("Other figures", key="reach-leave", icon=":material/arrow_back:", type="tertiary"):
            address.leave_figures()
        with st.popover("Forget these figures", icon=":material/delete:", type="tertiary"):
            st.markdown("The file is removed from this machine; a link to it shows nothing any more.")
            if st.button("Forget them", key="reach-forget", type="primary"):
                with messages.showing_errors():
                    FigureFiles().forget(sha256)
                    cached.forget()
                    address.leave_figures()


def say_kept(at: str) -> str:
    """Say when a file was imported, and where people log in, who may see it."""
    when = f"imported {at[:16].replace('T', ' ')} UTC" if at else "imported earlier"
    return f"{when}; whoever has its link may see it" if login.is_configured() else when
