"""What is asked for of the photos of a case, or of all: chips of verdicts, and a popover with all the rest."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from datetime import date
from typing import Self

import streamlit as st

from dashboard.kit.choose_release import with_word
from dashboard.session import widgets
from dashboard.views.cases import shown
from pipeline.casebook.search import BY_SUSPICION, SORTS, Choices, PhotoQuery
from pipeline.verdict import LABELS
from pipeline.words import readable
from pipeline.words.figures import count


@dataclass(frozen=True)
class PhotoFilter:
    """What is asked for; see `PhotoQuery`.

    Attributes:
        waiting: only photos about which this person gave no opinion.
    """

    verdicts: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    release: str = ""
    since: str = ""
    until: str = ""
    matched: bool = False
    waiting: bool = False
    sort: str = BY_SUSPICION

    @classmethod
    def ask(
        cls, choices: Callable[[], Choices], key: str, verdicts: tuple[str, ...], open_verdicts: bool = True
    ) -> Self:
        """Draw the popover; while it is closed, what was asked for in it before still holds.

        Args:
            choices: returns what photos can be filtered by; asked once the popover is open.
            key: of the widgets, unique on the page and for the case.
            verdicts: those that were chosen already, see `ask_verdicts`.
            open_verdicts: no verdict is hidden from this person, so that one may sort by them.
        """
        sorts = [sort for sort in SORTS if open_verdicts or sort != BY_SUSPICION]
        place, name = f"filter-{key}", f"filter-{key}-{len(sorts)}"
        with st.popover("Sort and filter", icon=":material/tune:", key=place, on_change="rerun") as popover:
            if popover.open:
                widgets.keep(name, cls._ask(choices(), key, sorts))
        return replace(widgets.recall(name) or cls(sort=sorts[0]), verdicts=verdicts)

    @classmethod
    def _ask(cls, choices: Choices, key: str, sorts: list[str]) -> Self:
        sort = st.selectbox("Sort", sorts, key=f"sort-{key}-{len(sorts)}", persist_state="session") or sorts[0]
        tags = _ask_tags(choices, key)
        release = _ask_release(choices, key)
        since, until = _ask_day("Added since", f"since-{key}"), _ask_day("Added until", f"until-{key}")
        matched = st.toggle("Only in lists of known hashes", key=f"matched-{key}", persist_state="session")
        waiting = st.toggle("Only those without my opinion", key=f"waiting-{key}", persist_state="session")
        return cls((), tags, release, since, until, matched, waiting, sort)

    def query(self, person: str, text: str, case: str = "", blind: bool = True) -> PhotoQuery:
        """Return the question, as it is asked of a case, or of all.

        Args:
            person: who asks.
            text: a name or hash that is asked for, too.
            case: id of the case; "" for all.
            blind: verdicts may be hidden from this person.
        """
        return PhotoQuery(
            case,
            text.strip(),
            self.verdicts,
            self.tags,
            self.release,
            self.since,
            self.until,
            self.matched,
            waiting_for=person if self.waiting else "",
            shown_to=person if blind else "",
            sort=self.sort,
        )

    def say(self) -> str:
        """Say the order and the conditions that the popover hides, as a sentence goes on."""
        parts = [f"{self.sort[0].lower()}{self.sort[1:]}"]
        parts += [f"tagged {' or '.join(readable.short(tag, 30) for tag in self.tags)}"] if self.tags else []
        parts += [f"examined by {readable.short(self.release, 30)}"] if self.release else []
        parts += [f"added since {self.since}"] if self.since else []
        parts += [f"added until {self.until}"] if self.until else []
        parts += ["only in lists of known hashes"] if self.matched else []
        parts += ["only without your opinion"] if self.waiting else []
        return ", ".join(parts)


def ask_text(key: str) -> str:
    """Ask for a part of a name, or the first digits of a hash."""
    return (
        st.text_input(
            "Name contains, or SHA-256 begins with",
            key=f"text-{key}",
            persist_state="session",
            icon=":material/search:",
            max_chars=200,
            width=320,
        )
        or ""
    )


def ask_verdicts(key: str, counts: Mapping[str, int] | None = None) -> tuple[str, ...]:
    """Ask for verdicts by chips; none chosen means all.

    Args:
        key: of the widget.
        counts: verdict → how many photos, for the chips; None where that is not to be said.
    """

    def chip(label: str) -> str:
        return shown.say_verdict(label) + (f" · {count(counts.get(label, 0))}" if counts is not None else "")

    labels = [label for label in (*LABELS, "") if label or counts is None or counts.get("")]
    return tuple(
        st.pills(
            "Verdicts",
            labels,
            selection_mode="multi",
            key=f"verdicts-{key}-{len(labels)}",
            persist_state="session",
            format_func=chip,
            label_visibility="collapsed",
        )
        or ()
    )


def _ask_tags(choices: Choices, key: str) -> tuple[str, ...]:
    return tuple(
        st.multiselect(
            "With one of these tags",
            choices.tags,
            key=f"tags-{key}",
            persist_state="session",
            format_func=readable.plain,
            placeholder="any" if choices.tags else "no photo has a tag",
            disabled=not choices.tags,
        )
    )


def _ask_release(choices: Choices, key: str) -> str:
    return (
        st.selectbox(
            "Examined by",
            ["", *choices.releases],
            key=f"release-{key}",
            persist_state="session",
            format_func=lambda name: with_word(name) if name else "any release",
        )
        or ""
    )


def _ask_day(label: str, key: str) -> str:
    day = st.date_input(label, None, key=key, format="YYYY-MM-DD", persist_state="session")
    return day.isoformat() if isinstance(day, date) else ""
