"""What a session remembers besides its address: values that were kept, and keys that set widgets back."""

from typing import Any

import streamlit as st


def key_of(name: str) -> str:
    """Return the key of widgets that `start_over` sets back."""
    return f"{name}-{st.session_state.get(f'{name}-overs', 0)}"


def renew(name: str) -> None:
    """Give widgets new keys, which sets them back to what they were at first."""
    st.session_state[f"{name}-overs"] = st.session_state.get(f"{name}-overs", 0) + 1


def keep(name: str, value: Any) -> None:
    """Remember something for this session."""
    st.session_state[f"kept-{name}"] = value


def remembered(name: str) -> Any:
    """Return what was kept for this session; None where nothing was."""
    return st.session_state.get(f"kept-{name}")


def value_of(key: str) -> Any:
    """Return the value of a widget by its key, as callbacks need it; None where it is not drawn."""
    return st.session_state.get(key)
