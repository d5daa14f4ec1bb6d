"""Whose verdicts the figures are held against: the cases and the past runs that may be chosen."""

from typing import TYPE_CHECKING

import streamlit as st

from dashboard.kit import markup
from dashboard.session import cases, login, route, runs
from dashboard.views.reach import address
from dashboard.views.reach.cached import CASE, RUN
from pipeline.words import readable
from pipeline.words.figures import say_photos

if TYPE_CHECKING:
    from pipeline.casebook.casebook import Casebook


def casebook() -> "Casebook | None":
    """Return the cases that the person who asks may see; None before a login where one is configured.

    Raises:
        NotAllowed, BadSetting: see `dashboard.session.login.person`.
    """
    if login.is_configured() and not login.is_logged_in():
        return None
    return cases.casebook()


def ask_source(book: "Casebook | None") -> str:
    """Ask whose verdicts count, the source that was changed last first; return it, "" where there is none."""
    offered = _offered(book)
    named = address.named_source()
    if named and named not in offered:
        st.warning("The case or run that the address names is gone, or is not yours to see. Choose another one.")
    if not offered:
        _draw_none(book)
        return ""
    key = f"reach-source-{len(offered)}"
    chosen = st.selectbox(
        "Verdicts from",
        list(offered),
        address.source(list(offered)),
        format_func=lambda source: offered[source],
        key=key,
        on_change=address.keep_source,
        args=(key,),
        help="A case, or a past run of the page Examine. Photos are found by hash, file name or address.",
    )
    if book is None:
        st.caption("Cases are offered to people who logged in, on the page Cases.")
    return str(chosen)


def _offered(book: "Casebook | None") -> dict[str, str]:
    """Return the sources, the one that was changed last first, each with its words."""
    found = []
    for facts in book.cases() if book else ():
        words = f"Case: {readable.short(facts.name, 50)} · {say_photos(facts.total)}"
        found.append((facts.changed, f"{CASE} {facts.id}", words))
    for run, photos in runs.past_runs():
        when = run.created[:16].replace("T", " ")
        found.append((run.created, f"{RUN} {run.id}", f"Run of {when} UTC · {say_photos(photos)} · {run.release}"))
    return {source: words for _, source, words in sorted(found, reverse=True)}


def _draw_none(book: "Casebook | None") -> None:
    cases_too = "make a case, or " if book is not None else "log in on the page Cases, or "
    st.info(f"There are no verdicts yet. First {cases_too}examine the photos that the figures are about.")
    for title in ("Examine", "Cases"):
        if (page := route.page(title)) is not None:
            st.page_link(page, label=f"Go to {markup.escaped(title)}", icon=":material/arrow_forward:")
