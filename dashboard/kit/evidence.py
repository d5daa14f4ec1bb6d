"""What the signals beside the networks show: findings as calm cards, those that are worth a look first.

Everything in a finding may come out of a stranger's file: it is drawn as plain text, bounded, every letter visible.
"""

import html
from collections.abc import Callable, Sequence

import streamlit as st

from dashboard.kit import markup
from dashboard.kit.fact_list import html_list
from dashboard.kit.messages import showing_errors
from pipeline.casebook.report.evidence_part import WEIGHTS
from pipeline.casebook.report.harmless import one_line
from pipeline.casebook.report.parts import Part
from pipeline.words.figures import count

MOST_FINDINGS, MOST_FACTS, MOST_EXHIBITS = 60, 400, 16
LINE = 400
"""Characters of a fact's value that are drawn."""
CARD = 300
"""Least width in pixels of a card, and of a picture in one."""
MANY = 12
"""From so many facts on, they scroll in a frame of their own."""
ICONS = {"look": ":material/visibility:", "ordinary": ":material/check:", "nothing": ":material/remove:"}
LAID_BESIDE = "What follows was read from the file and its pixels. It is laid beside the verdict and never changes it."

Show = Callable[[Part], bytes]
"""Gives the picture of an exhibit, encoded anew; it raises a TriageError where that cannot be shown."""


def sort_findings(findings: Sequence[Part]) -> list[Part]:
    """Return findings, those worth a look first, else in their own order."""
    ranks = {weight: rank for rank, weight in enumerate(WEIGHTS)}
    return sorted(findings[:MOST_FINDINGS], key=lambda finding: ranks.get(_weight(finding), len(ranks)))


def asks(finding: Part) -> bool:
    """Tell whether a finding is worth a look."""
    return _weight(finding) == "look"


def say_count(findings: Sequence[Part]) -> str:
    """Say how many signals are worth a look: "2 of 9 signals are worth a look"."""
    look = sum(map(asks, findings))
    return f"{look or 'none'} of {len(findings)} signals {'is' if look == 1 else 'are'} worth a look"


def draw_findings(findings: Sequence[Part], show: Show, key: str) -> None:
    """Draw findings: those worth a look as wide as there is room, the others as small cards.

    Args:
        findings: as a dossier holds them.
        show: gives an exhibit's picture.
        key: of the photo, for the widgets.
    """
    if not findings:
        st.info("No signal beside the networks was looked for.")
        return
    st.caption(f"{say_count(findings).capitalize()}. {LAID_BESIDE}")
    every = [(f"{key}-{place}", finding) for place, finding in enumerate(sort_findings(findings))]
    rest = [each for each in every if not asks(each[1])]
    for place, finding in every[: len(every) - len(rest)]:
        with st.container(border=True):
            _draw_head(finding)
            _draw_details(finding, show, place)
    grid = st.grid(min_column_width=CARD)
    for place, finding in rest:
        with grid.cell(), st.container(border=True):
            _draw_head(finding)
            with st.expander("Facts, pictures, how to read"):
                _draw_details(finding, show, place)
    if len(findings) > MOST_FINDINGS:
        st.caption(f"{count(len(findings) - MOST_FINDINGS)} findings more stand in the dossier.")


def _weight(finding: Part) -> str:
    weight = finding.text("weight", LINE)
    return weight if weight in WEIGHTS else "ordinary"


def _draw_head(finding: Part) -> None:
    """Draw what a finding is, how much it asks for, and what was seen."""
    weight = _weight(finding)
    title = finding.text("title", LINE) or finding.text("signal", LINE) or "A signal without a name"
    with st.container(horizontal=True, vertical_alignment="center", horizontal_alignment="distribute"):
        st.html(f'<p class="tt-head">{html.escape(title)}</p>', width="content")
        st.badge(WEIGHTS[weight], icon=ICONS[weight], color="blue" if weight == "look" else "gray")
    st.html(f'<p class="tt-name">{html.escape(finding.text("shows"))}</p>')


def _draw_details(finding: Part, show: Show, key: str) -> None:
    """Draw what a finding was seen from, beside its pictures where there is room."""
    grid = st.grid(min_column_width=CARD)
    facts, exhibits = finding.parts("facts"), finding.parts("exhibits")[:MOST_EXHIBITS]
    if facts and not exhibits:  # beside each other, where else nothing would stand
        with grid.cell():
            _draw_facts(facts, key)
    with grid.cell():
        if exhibits:
            _draw_facts(facts, key)
        if how := finding.text("how_to_read"):
            st.caption(f"**How to read it.** {markup.escaped(how)}")
        if caution := finding.text("caution"):
            st.caption(f"**Caution.** {markup.escaped(caution)}")
    for exhibit in exhibits:
        with grid.cell(), showing_errors():  # one that is gone says so, and the others stand
            _draw_exhibit(exhibit, show(exhibit))


def _draw_facts(facts: Sequence[Part], key: str) -> None:
    """Draw facts as a list; those that tell where or who somebody is only once they are asked for."""
    private = sum(fact.flag("private") for fact in facts)
    asked = private and st.toggle(
        f"Show private facts ({count(private)})", key=f"private-{key}", help="They tell where or who somebody is."
    )
    drawn = [fact for fact in facts if asked or not fact.flag("private")]
    if not drawn:
        return
    lines = [(fact.text("name", 120) or "–", _value(fact)) for fact in drawn[:MOST_FACTS]]
    with st.container(height=260 if len(lines) > MANY else "content", border=len(lines) > MANY):
        st.html(html_list(lines))
    if len(drawn) > MOST_FACTS:
        st.caption(f"{count(len(drawn) - MOST_FACTS)} facts more stand in the dossier.")


def _value(fact: Part) -> str:
    value = fact.data.get("value")
    return one_line(value, LINE) if isinstance(value, str) else "–"


def _draw_exhibit(exhibit: Part, picture: bytes) -> None:
    title = exhibit.text("title", LINE) or "A picture"
    st.image(picture, width="stretch", alt=title)
    st.caption(f"**{markup.escaped(title)}.** {markup.escaped(exhibit.text('caption'))}")
