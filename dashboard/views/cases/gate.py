"""The way in, where a login is configured: nothing of a case is drawn before it."""

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import login
from pipeline.casebook.people import ROLES


def draw_gate() -> bool:
    """Draw the way in, or who is in; return whether cases may be drawn.

    Raises:
        NotAllowed, BadSetting: see `dashboard.session.login.person`.
    """
    if not login.is_configured():
        return True
    if not login.is_logged_in():
        _draw_way_in()
        return False
    who = login.person()
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="right"):
        st.caption(f"{markup.escaped(who.name)}, {who.role}: {ROLES[who.role]}")
        st.button("Log out", icon=":material/logout:", key="log-out", type="tertiary", on_click=login.log_out)
    return True


def _draw_way_in() -> None:
    st.markdown("#### Cases are shown to people who logged in")
    st.markdown("What you do with a case stands in its log under your e-mail address.")
    for name in login.providers():
        label = f"Log in with {markup.escaped(name)}" if name else "Log in"
        if st.button(label, icon=":material/login:", key=f"log-in-{name}", type="primary"):
            with messages.showing_errors():
                login.log_in(name)


def draw_back(where: str) -> bool:
    """Draw the way back; return whether it was taken."""
    return st.button(where, icon=":material/arrow_back:", key="cases-back", type="tertiary")
