"""What a session remembers besides its address: values that were kept, and keys that set widgets back."""

from time import sleep
from typing import Any

import streamlit as st

PAINTING, LOADING = 0.05, 0.4
"""Seconds: what comes closer together the browser renders in one go."""


def key_of(name: str) -> str:
    """Return the key of widgets that `start_over` sets back."""
    return f"{name}-{st.session_state.get(f'{name}-overs', 0)}"


def renew(name: str) -> None:
    """Give widgets new keys, which sets them back to what they were at first."""
    st.session_state[f"{name}-overs"] = st.session_state.get(f"{name}-overs", 0) + 1


def keep(name: str, value: Any) -> None:
    """Remember something for this session."""
    st.session_state[f"kept-{name}"] = value


def recall(name: str) -> Any:
    """Return what was kept for this session; None where nothing was."""
    return st.session_state.get(f"kept-{name}")


def value_of(key: str) -> Any:
    """Return the value of a widget by its key, as callbacks need it; None where it is not drawn."""
    return st.session_state.get(key)


def paint(name: str) -> None:
    """Let the browser paint what was drawn so far before it is given the rest, which it would wait for otherwise.

    Args:
        name: of what comes next. The first time in a session the browser also has to load what it is drawn with, a
            plotly of some megabytes for one.
    """
    seen = st.session_state.setdefault("painted", set())
    sleep(PAINTING if name in seen else LOADING)
    seen.add(name)
