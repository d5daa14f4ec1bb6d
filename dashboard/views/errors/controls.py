"""What the page Errors asks: thresholds to try, filters with counts, and the order."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.kit import markup
from dashboard.session import widgets
from dashboard.views.errors import address
from dashboard.views.errors.board import Bands, Board
from dashboard.views.errors.facets import Facets, count_values
from dashboard.views.errors.orders import SORTS
from pipeline.figures.what_if import Band
from pipeline.words.figures import count

STEP = 0.01
Chosen = dict[str, Sequence[str]]

SLIDERS = {
    "edited": (
        "Stage 1: no answer from … to …",
        "p(edited), calibrated: above, stage 1 says “edited”, below “no indication”.",
    ),
    "deepfake": (
        "Stage 2: no answer from … to …",
        "p(deepfake | edited), calibrated: above, stage 2 says “deepfake”, below “facetune”.",
    ),
}
FILTERS = "errors-filters"


def bands_key(board: Board) -> str:
    """Return under which name the thresholds that are tried are remembered."""
    return f"errors-bands-{board.evaluation.release}"


def ask_thresholds(board: Board) -> Bands:
    """Ask for both stages' bands, at first the release's own; say where they are others."""
    name = bands_key(board)
    columns, named = st.columns(2, gap="medium"), address.bands()
    for stage in SLIDERS.keys() & named.keys():
        address.seed(f"{widgets.key_of(name)}-{stage}", named[stage])
    edited, deepfake = (
        _ask_band(column, stage, own, widgets.key_of(name))
        for column, stage, own in zip(columns, SLIDERS, board.bands, strict=True)
    )
    widgets.keep(name, (edited, deepfake))
    tried = zip(SLIDERS, (edited, deepfake), board.bands, strict=True)
    address.say_bands({stage: (band.low, band.high) for stage, band, own in tried if band != own})
    if (edited, deepfake) == board.bands:
        st.caption("These are the release's thresholds. Move an edge to see what other ones would do.")
        return board.bands
    with st.container(horizontal=True, vertical_alignment="center"):
        st.warning(
            "These are **not the release's thresholds**. Nothing is changed by trying them.",
            icon=":material/science:",
            width="stretch",
        )
        st.button(
            "Back to the release's own",
            key="bands-reset",
            icon=":material/undo:",
            on_click=address.start_over,
            args=(name, address.BANDS),
        )
    return edited, deepfake


def _ask_band(place: "st.delta_generator.DeltaGenerator", stage: str, own: Band, key: str) -> Band:
    label, meaning = SLIDERS[stage]
    low, high = place.slider(
        label,
        0.0,
        1.0,
        (own.low, own.high),
        STEP,
        key=f"{key}-{stage}",
        on_change=address.first_page,
        persist_state="session",
        help=f"{meaning} The release: no answer from {own.low:.2f} to {own.high:.2f}, threshold {own.threshold:.2f}.",
    )
    low, high = _snap(low, own.low), _snap(high, own.high)
    return own if (low, high) == (own.low, own.high) else own.with_edges(low, high)


def _snap(value: float, own: float) -> float:
    """Return the release's own edge where the slider, which knows only hundredths, stands on it."""
    return own if abs(value - own) <= STEP / 2 else value


def ask_filters(facets: Facets, n: int) -> Chosen:
    """Ask for filters, each value with how many photos it would leave; return facet → values wanted."""
    key, named = widgets.key_of(FILTERS), address.filters()
    for facet, values in facets.items():
        if known := [value for value in named.get(facet, ()) if value in set(values)]:
            address.seed(f"{key}-{facet}", known)
    chosen = {
        facet: tuple(widgets.value_of(f"{key}-{facet}") or ()) for facet in facets
    }  # as clicked, not as last drawn
    numbers = count_values(facets, chosen, n)
    with st.popover("Filters", icon=":material/filter_alt:"):
        asked: Chosen = {facet: _ask_facet(facet, numbers[facet], f"{key}-{facet}") for facet in facets}
    address.say_filters(asked)
    return asked


def _ask_facet(name: str, numbers: Mapping[str, int], key: str) -> tuple[str, ...]:
    if len(numbers) < 2:
        return ()
    return tuple(
        st.pills(
            markup.escaped(name).capitalize(),
            list(numbers),
            selection_mode="multi",
            key=key,
            persist_state="session",
            format_func=lambda value: f"{markup.escaped(value)} · {count(numbers.get(value, 0))}",
            on_change=address.first_page,
        )
    )


def draw_filters(chosen: Chosen, passed: int, n: int) -> None:
    """Say which filters are set and how many photos they leave, with a button that takes them away."""
    wanted = "; ".join(
        f"{facet}: {', '.join(map(markup.escaped, values))}" for facet, values in chosen.items() if values
    )
    if not wanted:
        st.caption(f"All {count(n)} photos; no filter is set.")
        return
    st.caption(f"**{count(passed)} of {count(n)} photos** ({wanted})")
    st.button(
        "Take the filters away",
        key="filters-reset",
        icon=":material/filter_alt_off:",
        type="tertiary",
        on_click=address.start_over,
        args=(FILTERS, address.FILTERS),
    )


def ask_sort() -> str:
    """Ask for the order of the gallery."""
    usual = next(iter(SORTS))
    if address.sort() in SORTS:
        address.seed("errors-sort", address.sort())
    chosen = st.selectbox(
        "Sort",
        list(SORTS),
        key="errors-sort",
        persist_state="session",
        on_change=address.first_page,
        label_visibility="collapsed",
        width=280,
    )
    address.say_sort("" if chosen in (None, usual) else chosen)
    return chosen or usual


def say_sort(board: Board, name: str) -> str:
    """Say what an order rests on, where not every photo was measured for it; "" else."""
    if name.startswith("Turns"):
        if not board.tiers:
            return "This evaluation did not save photos again; only those that the release itself found unstable lead."
        tried = int((board.flips == board.flips).sum())
        return (
            f"{count(tried)} of {count(board.count)} photos were saved again in "
            f"{board.tiers} ways; the others come last."
        )
    if name.startswith("Least faithful"):
        return (
            "Faithfulness: how much more stage 1's logit falls when the map's strongest fifth is blurred than when "
            "the same map is moved elsewhere; 0 or below is no better than chance."
        )
    return ""
