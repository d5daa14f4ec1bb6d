"""Who works with cases: the one at this machine, or, where a login is configured, whoever logged in."""

from pathlib import Path
from typing import TYPE_CHECKING

import streamlit as st

from pipeline.errors import BadSetting, NotAllowed
from pipeline.settings import settings

if TYPE_CHECKING:
    from pipeline.casebook.people import Person

UNKNOWN = "viewer"
"""Role of a person who logged in and whom the setting `roles` does not name."""


def is_configured() -> bool:
    """Tell whether people log in: streamlit's secrets have a part [auth].

    Raises:
        BadSetting: the secrets cannot be read, or roles are set and no login is: nobody is let in by a slip.
    """
    if not st.secrets.load_if_toml_exists():
        for place in map(Path, st.get_option("secrets.files")):
            if place.exists():
                raise BadSetting(f"{place} cannot be read, so nobody can be told from anybody: no case is shown.")
    elif "auth" in st.secrets:
        return True
    if settings().roles:
        raise BadSetting("TELLTALE_ROLES gives people roles, but streamlit's secrets.toml has no login ([auth]).")
    return False


def is_logged_in() -> bool:
    """Tell whether somebody logged in here; of use only where a login is configured."""
    return bool(st.user.to_dict().get("is_logged_in"))


def providers() -> list[str]:
    """Return the names of the services by which one may log in; "" stands for the only one."""
    parts = {str(name) for name, value in st.secrets["auth"].items() if hasattr(value, "keys")}
    return sorted(parts - {"client_kwargs"}) or [""]


def log_in(provider: str) -> None:
    """Lead to the service by which one logs in.

    Raises:
        BadSetting: the login is configured wrongly, or its library is missing.
    """
    from streamlit.errors import StreamlitAuthError, StreamlitMissingAuthlibError

    try:
        st.login(provider or None)
    except (StreamlitAuthError, StreamlitMissingAuthlibError) as problem:
        raise BadSetting(f"Nobody can log in: {problem}") from problem


def log_out() -> None:
    """End the session of whoever logged in."""
    st.logout()


def person() -> "Person":
    """Return who works here: under whose name acts are logged, and what they may.

    Raises:
        NotAllowed: a login is configured, and nobody logged in, or without an e-mail address of their own.
        BadSetting: see `is_configured`; or the person has a role that there is not.
    """
    from pipeline.casebook.people import ROLES, Person, local_person

    if not is_configured():
        return local_person()
    known = st.user.to_dict()
    name = str(known.get("email") or "").strip().lower()
    if not known.get("is_logged_in") or not name:
        raise NotAllowed("Cases are shown to people who logged in with their e-mail address.")
    if known.get("email_verified") is False:
        raise NotAllowed(f"The login does not vouch that {name} is this person's address, so no case is shown.")
    roles = {each.strip().lower(): role for each, role in settings().roles.items()}
    role = roles.get(name, UNKNOWN)
    if role not in ROLES:
        raise BadSetting(f"TELLTALE_ROLES gives {name} the role {role!r}; there are {', '.join(ROLES)}.")
    return Person(name, role)
