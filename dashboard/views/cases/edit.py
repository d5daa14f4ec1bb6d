"""What a case is called and is about, with whom it is shared, and putting it away."""

from dataclasses import dataclass

import streamlit as st

from dashboard.kit import markup, messages
from dashboard.session import login, route, widgets
from dashboard.views.cases import shown
from dashboard.views.cases.new_case import ask_tags, known_tags
from dashboard.views.cases.subject import Subject
from pipeline.casebook.case_parts import members_of
from pipeline.casebook.people import ROLES
from pipeline.casebook.texts import LONGEST_NAME, LONGEST_TEXT
from pipeline.errors import EditedMeanwhile


@dataclass(frozen=True)
class Seen:
    """The case as it stood when this person began to edit it: that is what a change is made to."""

    entries: int
    name: str
    description: str
    tags: tuple[str, ...]


def draw_edit(subject: Subject) -> None:
    """Draw what can be changed of a case."""
    left, right = st.columns([3, 2], gap="large")
    with left:
        _draw_description(subject)
    with right:
        _draw_put_away(subject)
        if login.is_configured():
            st.markdown("##### Shared with")
            _draw_sharing(subject)
        else:
            with st.expander("Sharing", icon=":material/group:"):
                st.caption(
                    "Without a login one person does everything on this machine. What is set here counts once people "
                    "log in."
                )
                _draw_sharing(subject)


def _draw_description(subject: Subject) -> None:
    reason, name = subject.why_not("described"), f"edit-{subject.case.id}"
    seen: Seen = widgets.recall(name) or _seen_now(subject)
    widgets.keep(name, seen)
    meanwhile = st.container()
    key = widgets.key_of(name)
    with st.form(key, border=False, enter_to_submit=False):
        called = st.text_input("Name", seen.name, max_chars=LONGEST_NAME, key=f"{key}-name")
        about = st.text_area("What it is about", seen.description, 220, LONGEST_TEXT, key=f"{key}-about")
        tags = ask_tags(known_tags(subject.book), seen.tags, f"{key}-tags")
        wanted = st.form_submit_button("Keep the changes", type="primary", disabled=bool(reason), help=reason or None)
    if reason:
        st.caption(reason)
    if wanted:
        with meanwhile:
            _keep(subject, seen, Seen(0, called or "", about or "", tuple(sorted(tags))))
    elif _is_other(seen, _seen_now(subject)):
        with meanwhile:
            _draw_meanwhile(subject, seen)


def _seen_now(subject: Subject) -> Seen:
    facts = subject.facts
    return Seen(facts.entries, facts.name, facts.description, facts.tags)


def _is_other(one: Seen, other: Seen) -> bool:
    return (one.name, one.description, one.tags) != (other.name, other.description, other.tags)


def _keep(subject: Subject, seen: Seen, new: Seen) -> None:
    """Keep what was changed; where somebody else changed it since, say so and leave what was typed where it is."""
    if not _is_other(seen, new):
        st.info("Nothing was changed.")
        return
    with messages.showing_errors():
        try:
            subject.case.describe(
                new.name if new.name != seen.name else None,
                new.description if new.description != seen.description else None,
                new.tags if new.tags != seen.tags else None,
                seen.entries,
            )
        except EditedMeanwhile:
            _draw_meanwhile(subject, seen)
            return
        _begin_anew(subject)


def _draw_meanwhile(subject: Subject, seen: Seen) -> None:
    """Show what somebody else made of the case meanwhile; the person chooses whose words stand."""
    now = _seen_now(subject)
    parts = [f"**Name:** {markup.escaped(now.name)}"] if now.name != seen.name else []
    if now.description != seen.description:
        parts.append(f"**What it is about:** {shown.lines(now.description) or 'nothing'}")
    if now.tags != seen.tags:
        parts.append(f"**Tags:** {markup.escaped(', '.join(now.tags)) or 'none'}")
    changes = "  \n".join(parts)
    st.warning(
        "This case was changed by somebody else after it was shown to you; what you typed below is still yours and "
        f"was not kept. As it is now:\n\n{changes}",
        icon=":material/edit_off:",
    )
    with st.container(horizontal=True):
        st.button(
            "Keep my words: I have seen the others",
            key="edit-mine",
            on_click=widgets.keep,
            args=(f"edit-{subject.case.id}", Seen(now.entries, seen.name, seen.description, seen.tags)),
            help="Then press “Keep the changes” once more.",
        )
        if st.button("Let go of mine: show it as it is now", key="edit-theirs"):
            _begin_anew(subject)


def _begin_anew(subject: Subject) -> None:
    name = f"edit-{subject.case.id}"
    widgets.keep(name, None)
    widgets.renew(name)
    route.refresh()


def _draw_put_away(subject: Subject) -> None:
    reason, archived = subject.why_not("archived"), subject.facts.archived
    st.markdown("##### Put away")
    st.caption(
        "It is put away: nothing can be added to it, and the list shows it only on request."
        if archived
        else "A case that is done can be put away. Everything stays; it leaves the list, and nothing can be added."
    )
    label = "Take it out again" if archived else "Put it away"
    if st.button(label, key="put-away", disabled=bool(reason), help=reason or None):
        with messages.showing_errors():
            subject.case.archive(not archived)
            route.refresh()


def _draw_sharing(subject: Subject) -> None:
    """Draw who may do what with the case, and let that be changed."""
    reason, members = subject.why_not("shared"), members_of(subject.case)
    st.markdown(f"{markup.escaped(subject.facts.created_by)}: made it, and has all rights in it.")
    for person, role in members.items():
        with st.container(horizontal=True, vertical_alignment="center"):
            st.markdown(f"{markup.escaped(person)}: **{role}**, {ROLES.get(role, '')}", width="stretch")
            key = f"unshare-{person}"
            if st.button("Take away", key=key, disabled=bool(reason), help=reason or None, type="tertiary"):
                _share(subject, person, "")
    key = widgets.key_of("share")
    with st.form(key, border=False):
        person = st.text_input("Person, as the login names them: an e-mail address", key=f"{key}-who", max_chars=120)
        role = st.selectbox("Role", list(ROLES), format_func=lambda each: f"{each}: {ROLES[each]}", key=f"{key}-role")
        if st.form_submit_button("Share", disabled=bool(reason), help=reason or None):
            _share(subject, (person or "").strip().lower(), role or "viewer")
    if reason:
        st.caption(reason)


def _share(subject: Subject, person: str, role: str) -> None:
    with messages.showing_errors():
        subject.case.share(person, role)
        widgets.renew("share")
        route.refresh()
